package statuspage

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// documentStatuses translates the statuses of health documents of both forms.
var documentStatuses = map[string]platform.Status{
	"up":        platform.Operational,
	"healthy":   platform.Operational,
	"ok":        platform.Operational,
	"degraded":  platform.Degraded,
	"down":      platform.Critical,
	"unhealthy": platform.Critical,
}

// documentStatus counts what it does not know; a status that is missing is counted as a violation by its reader.
func documentStatus(snapshot *platform.Snapshot, word string) platform.Status {
	status, known := lookUp(documentStatuses, word)
	if !known && word != "" {
		snapshot.Unknown(fieldDocumentStatus)
	}
	return status
}

// health is a document such as {"status":"UP","latency":{"api":123},"media":{"status":"UP"},"database":{"status":"UP"}}.
type health struct {
	Status   json.RawMessage `json:"status"`
	Latency  json.RawMessage `json:"latency"` // milliseconds by section: api is the platform's, media and database their own
	Media    json.RawMessage `json:"media"`
	Database json.RawMessage `json:"database"`
}

// parseDocument reads a document. A section that is missing or has another type is unknown and counted as a violation,
// since all three belong to the form; a latency may be missing. A body without any section is an error.
func (c DocumentConfig) parseDocument(body []byte, correlationID string) (snapshot platform.Snapshot, err error) {
	var wire health
	if err := json.Unmarshal(body, &wire); err != nil {
		return snapshot, fmt.Errorf("document: %w", err)
	}
	if wire.Status == nil && wire.Media == nil && wire.Database == nil {
		return snapshot, errors.New("document: neither status nor media nor database")
	}
	var latency map[string]json.RawMessage
	if wire.Latency != nil && !sound(wire.Latency, &latency) {
		snapshot.Violations++
	}
	for _, s := range []struct {
		name    string
		plane   platform.Plane
		section json.RawMessage
		latency string
	}{
		{"platform", c.Plane, body, "api"},
		{"media_gateway", platform.DataPlane, wire.Media, "media"},
		{"database", platform.ControlPlane, wire.Database, "database"},
	} {
		var section struct {
			Status string `json:"status"`
		}
		if !sound(s.section, &section) || section.Status == "" {
			snapshot.Violations++
		}
		component := platform.Component{
			Name: s.name, Plane: s.plane, Source: platform.SourceDocument, Latency: milliseconds(&snapshot, latency[s.latency]),
			Condition: platform.Condition{
				Status: documentStatus(&snapshot, section.Status), Evidence: evidence(correlationID, body),
			},
		}
		snapshot.Components = append(snapshot.Components, component)
	}
	return snapshot, nil
}

// milliseconds reads a latency: nil when it is missing or null, and when it is no possible number, which is counted.
func milliseconds(snapshot *platform.Snapshot, raw json.RawMessage) *time.Duration {
	var ms *float64
	switch {
	case raw == nil:
		return nil
	case !sound(raw, &ms), ms != nil && (*ms < 0 || *ms > math.MaxInt64/float64(time.Millisecond)/2):
		snapshot.Violations++
		return nil
	case ms == nil:
		return nil
	}
	return new(time.Duration(*ms * float64(time.Millisecond)))
}
