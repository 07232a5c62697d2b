package genesys

import "encoding/json"

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

// observationsWire answers it.
type observationsWire struct {
	Mappings map[string][]string `json:"systemToOrganizationMappings"`
	Results  []json.RawMessage   `json:"results"`
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
