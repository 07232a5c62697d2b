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

// documentStatus translates a status and counts a word that it does not know. The caller counts a missing status as a
// violation.
func documentStatus(found *platform.Anomalies, word, path string) platform.Status {
	status, isKnown := documentStatuses[normalise(word)]
	if !isKnown && word != "" {
		found.Unknown(fieldDocumentStatus, word, path)
	}
	return status
}

// sections is a document such as {"status":"UP","latency":{"api":123},"media":{"status":"UP"},"database":{"status":"UP"}}.
type sections struct {
	Status   json.RawMessage `json:"status"`
	Latency  json.RawMessage `json:"latency"` // milliseconds by section: api is the platform's, media and database their own
	Media    json.RawMessage `json:"media"`
	Database json.RawMessage `json:"database"`
}

// parseDocument reads a document. A section that is missing or has another type is unknown and counted as a violation,
// since all three belong to the form; a latency may be missing. A body without any section is an error.
func (c DocumentConfig) parseDocument(body []byte, correlationID string) (snapshot platform.Snapshot, err error) {
	var wire sections
	if err := json.Unmarshal(body, &wire); err != nil {
		return snapshot, fmt.Errorf("document: %w", err)
	}
	if wire.Status == nil && wire.Media == nil && wire.Database == nil {
		return snapshot, errors.New("document: neither status nor media nor database")
	}
	var latency map[string]json.RawMessage
	if wire.Latency != nil && !decodes(wire.Latency, &latency) {
		snapshot.Violate("latency")
	}
	for _, s := range []struct {
		name    string
		path    string
		plane   platform.Plane
		section json.RawMessage
		latency string
	}{
		{"platform", "status", c.Plane, body, "api"},
		{"media_gateway", "media.status", platform.DataPlane, wire.Media, "media"},
		{"database", "database.status", platform.ControlPlane, wire.Database, "database"},
	} {
		var section struct {
			Status string `json:"status"`
		}
		if !decodes(s.section, &section) || section.Status == "" {
			snapshot.Violate(s.path)
		}
		component := platform.Component{
			Name: s.name, Plane: s.plane, Source: platform.SourceDocument, Latency: milliseconds(&snapshot.Anomalies, latency[s.latency], s.latency),
			Condition: platform.Condition{
				Status: documentStatus(&snapshot.Anomalies, section.Status, s.path), Evidence: evidence(correlationID, body),
			},
		}
		snapshot.Components = append(snapshot.Components, component)
	}
	return snapshot, nil
}

// milliseconds reads a latency: nil when it is missing or null, and when it is no possible number, which is counted.
func milliseconds(found *platform.Anomalies, raw json.RawMessage, section string) *time.Duration {
	var ms *float64
	switch {
	case raw == nil:
		return nil
	case !decodes(raw, &ms), ms != nil && (*ms < 0 || *ms > math.MaxInt64/float64(time.Millisecond)/2):
		found.Violate("latency.", section)
		return nil
	case ms == nil:
		return nil
	}
	return new(time.Duration(*ms * float64(time.Millisecond)))
}
