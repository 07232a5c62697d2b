package statuspage

import (
	"strings"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// checkSnapshot wants a snapshot that is fit for export, whatever bytes it was decoded from.
func checkSnapshot(t *testing.T, p *platform.Snapshot, needID bool) {
	t.Helper()
	for _, c := range p.Components {
		if strings.TrimSpace(c.Name) == "" || needID && c.ID == "" {
			t.Errorf("component without name or id: %+v", c)
		}
		if c.Status > platform.Critical || len(c.Evidence.Payload) > feed.MaxPayload {
			t.Errorf("component %q has status %v and a payload of %d bytes", c.Name, c.Status, len(c.Evidence.Payload))
		}
		if c.Latency != nil && *c.Latency < 0 {
			t.Errorf("component %q has latency %v", c.Name, *c.Latency)
		}
	}
	for _, i := range p.Incidents {
		if i.Count < 0 {
			t.Errorf("%d incidents of impact %s", i.Count, i.Impact)
		}
	}
	if p.Maintenances != nil && *p.Maintenances < 0 {
		t.Errorf("%d maintenances", *p.Maintenances)
	}
}

func FuzzSummary(f *testing.F) {
	f.Add(recorded(f, "summary.json"))
	for _, seed := range []string{
		`{"components":[{"id":"1","name":"A","status":7},null,[]],"incidents":[null,{"components":[1]}]}`,
		`{"components":[],"incidents":[],"scheduled_maintenances":[{"status":"in_progress"},7,{"status":"?","components":[{}]}]}`,
		`{"components":[{"id":"1","name":"Voice","group":true},{"id":"2","name":"EMEA (Frankfurt)","group_id":"1"}]}`,
		`{"components":[{"id":"1","name":"Asia Pacific (Hyderabad)","status":"full_outage"},{"id":"2","name":"S\u00e3o Paulo"}]}`,
		`{"components":[],"incidents":{}}`, `{"components":`, `[]`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := parseSummary(body, "")
		if err != nil {
			return
		}
		snapshot := s.snapshot("genesys", newSelection(nil, "EMEA (Frankfurt)", regions))
		checkSnapshot(t, &snapshot, true)
	})
}

func FuzzDocument(f *testing.F) {
	f.Add(recorded(f, "health.json"))
	for _, seed := range []string{
		`{"status":"UP"}`, `{"status":1,"latency":{"api":-1},"media":"up","database":null}`, `{"status":"UP","latency":{"api":1e300}}`,
		`{"status":"UP","latency":[]}`, `null`, `{`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		snapshot, err := DefaultDocumentConfig.parseDocument(body, "")
		if err != nil {
			return
		}
		if len(snapshot.Components) != 3 {
			t.Errorf("document of %d components, want 3", len(snapshot.Components))
		}
		checkSnapshot(t, &snapshot, false)
	})
}

func FuzzList(f *testing.F) {
	f.Add(recorded(f, "details_1.json"))
	f.Add(recorded(f, "details_2.json"))
	for _, seed := range []string{
		`{"entities":[]}`, `{"entities":[null,5,{"id":"1"},{"id":"1","name":"a","lastModified":7}],"pageCount":-1}`,
		`{"entities":[],"pageCount":"2"}`, `{"entities":{}}`, `null`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := DefaultDocumentConfig.parseList(body, 1, "")
		if err != nil {
			return
		}
		checkSnapshot(t, merge([]batch{{pages: []documentPage{p, p}}}), true)
	})
}
