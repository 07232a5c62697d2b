package genesys

import (
	"errors"
	"io"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// observationQueryWire asks for numbers of queues.
type observationQueryWire struct {
	Filter  filterWire `json:"filter"`
	Metrics []string   `json:"metrics"`
}

type filterWire struct {
	Type       string          `json:"type"`
	Predicates []predicateWire `json:"predicates"`
}

type predicateWire struct {
	Type      string `json:"type"`
	Dimension string `json:"dimension"`
	Operator  string `json:"operator"`
	Value     string `json:"value"`
}

var errNoResults = errors.New("queues_observations: answer without results")

// readObservations reads the answer, result by result into the same value. It returns the mappings of system presences to
// the organization's own.
func readObservations(body io.Reader, anomalies *platform.Anomalies, visit func(result *observationWire, readable bool)) (mappings map[string][]string, err error) {
	var (
		result observationWire
		listed bool
	)
	_, err = rest.Fields{
		"systemtoorganizationmappings": func(dec *rest.Decoder) error { return rest.Decode(dec, &mappings) },
		"results": func(dec *rest.Decoder) (err error) {
			listed, err = rest.List(dec, func(dec *rest.Decoder) error {
				clear(result.Data[:cap(result.Data)])
				result = observationWire{Data: result.Data[:0]}
				misfit, readable, err := rest.ElementField(dec, &result)
				if err != nil {
					return err
				}
				if !readable {
					anomalies.Violate("results[]", misfit)
				}
				visit(&result, readable)
				return nil
			})
			return err
		},
	}.Read(rest.NewDecoder(body))
	if err == nil && !listed && mappings == nil { // an answer like {} must not pass for idle queues
		err = errNoResults
	}
	return mappings, err
}

type observationWire struct {
	Group groupWire     `json:"group"`
	Data  []measureWire `json:"data"`
}

// measureWire is one number of a queue, in an answer or in an event.
type measureWire struct {
	Metric    string    `json:"metric"`
	Qualifier string    `json:"qualifier"`
	Stats     statsWire `json:"stats"`
}

type statsWire struct {
	Count      any `json:"count"`
	Calculated any `json:"calculatedMetricValue"`
	Ratio      any `json:"ratio"`
	Target     any `json:"target"`
	// Denominator is how many contacts a ratio is about.
	Denominator any `json:"denominator"`
}

type groupWire struct {
	QueueID   string `json:"queueId"`
	MediaType string `json:"mediaType"`
}
