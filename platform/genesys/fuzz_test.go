// Fuzz targets of the decoders: whatever a platform sends, they must not fail, and what they make of it must hold together.

package genesys

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// fuzzed decodes an answer as the client does: what is no such answer at all never reaches a translation.
func fuzzed[T any](answer []byte) (v T, ok bool) { return v, json.Unmarshal(answer, &v) == nil }

func fuzzList[T identified, R measurement](f *testing.F, list, metrics string, check func(*testing.T, listing[T, R])) {
	f.Add(fixture(f, list), fixture(f, metrics))
	f.Add([]byte(`{"entities":[{"id":"a","state":1,"name":null,"edgeDeploymentType":"CDM"},{"id":"a"},null,7]}`), []byte(`[{"edge":{"id":"a"},"upTimeMsec":1e300}]`))
	f.Add([]byte(`{"entities":[{"id":"a","trunkBase":{"id":"b"},"connectedStatus":{"connected":"x"},"optionsStatus":[{}]}]}`), []byte(`[{"trunk":{"id":"a"},"calls":{"inboundCallCount":1e308}},null]`))
	f.Fuzz(func(t *testing.T, list, metrics []byte) {
		p, err := readPage[T](bytes.NewReader(list), "c0ffee")
		rows, also := readRows[R](bytes.NewReader(metrics))
		if err != nil || also != nil {
			return
		}
		m := listing[T, R]{items: distinct(p.items), metrics: rows, answered: map[string]bool{}}
		for _, item := range m.items {
			m.answered[item.wire.identity()] = true
		}
		p.last(1, pageSize)
		check(t, m)
	})
}

func FuzzEdges(f *testing.F) {
	fuzzList(f, "edges.json", "edges_metrics.json", func(t *testing.T, m listing[edgeWire, edgeMetricsWire]) {
		snapshot, total, deleted := translateEdges(m), 0, 0
		for _, item := range m.items {
			if item.wire.deleted() {
				deleted++
			}
		}
		for _, c := range snapshot.EdgeCounts {
			total += c.Count
		}
		if len(snapshot.EdgeCounts) != 15 || total != len(m.items)-deleted {
			t.Errorf("%d counts add up to %d edges, want 15 and %d", len(snapshot.EdgeCounts), total, len(m.items)-deleted)
		}
		for _, e := range snapshot.Edges {
			if e.ID == "" || e.Name == "" || len(e.Evidence.Payload) > feed.MaxPayload {
				t.Errorf("edge without a name or with too much evidence: %+v", e)
			}
			if e.Conversations != nil && (*e.Conversations < 0 || e.Draining == "none") || !e.Own && e.Version+e.StatusCode+e.Draining+e.Update != "" {
				t.Errorf("edge that reports what it cannot: %+v", e)
			}
		}
	})
}

func FuzzTrunks(f *testing.F) {
	fuzzList(f, "trunks.json", "trunks_metrics.json", func(t *testing.T, m listing[instanceWire, instanceMetricsWire]) {
		instances := 0
		for _, trunk := range translateTrunks(m).Trunks {
			instances += trunk.Instances
			if trunk.Name == "" || trunk.Instances < max(1, trunk.Connected, trunk.InService, trunk.Enabled) {
				t.Errorf("trunk does not hold together: %+v", trunk)
			}
			for _, p := range trunk.Proxies {
				if p.Address == "" || p.Instances < 1 || p.Instances > trunk.Instances ||
					(p.OptionsUp != nil && *p.OptionsUp > p.Instances) || (p.RegisterUp != nil && *p.RegisterUp > p.Instances) {
					t.Errorf("proxy does not hold together: %+v of %+v", p, trunk)
				}
			}
		}
		if instances > len(m.items) {
			t.Errorf("%d instances of %d entities", instances, len(m.items))
		}
	})
}

func FuzzAgents(f *testing.F) {
	f.Add(fixture(f, "agents_status_counts.json"), fixture(f, "presence_definitions.json"))
	f.Add([]byte(`{"presenceCounts":[{"systemPresence":"X","count":1.5},{"count":-1},7]}`), []byte(`{"entities":[{"id":"1","languageLabels":{"a":1}}]}`))
	f.Fuzz(func(t *testing.T, counts, definitions []byte) {
		answer, ok := fuzzed[agentCountsWire](counts)
		p, err := readPage[definitionWire](bytes.NewReader(definitions), "c0ffee")
		if !ok || err != nil {
			return
		}
		known, _ := translateDefinitions(p)
		snapshot := translateAgents(answer, known)
		states := map[platform.AgentState]bool{}
		for _, a := range snapshot.Agents {
			if a.Count < 0 || states[a.State] {
				t.Errorf("state %s is there twice or negative: %+v", a.State, snapshot.Agents)
			}
			states[a.State] = true
		}
		rows := map[platform.PresenceCount]bool{}
		for _, p := range snapshot.Presences {
			if p.Count < 0 || p.Presence == "" {
				t.Errorf("presence %+v, want a name and a count", p)
			}
			p.Count = 0
			if rows[p] {
				t.Errorf("presence %+v is there twice", p)
			}
			rows[p] = true
		}
	})
}

func FuzzCalls(f *testing.F) {
	f.Add(fixture(f, "calls_metrics.json"))
	f.Add([]byte(`{"concurrentCallCount":"1","maxCallCapacity":null}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		raw, ok := fuzzed[json.RawMessage](answer)
		if !ok {
			return
		}
		calls, err := translateCalls(deploymentCloud, raw, new(platform.Anomalies))
		if (err == nil) != (calls.InProgress != nil || calls.Capacity != nil) {
			t.Errorf("translateCalls(%s) = %+v, %v, want either", answer, calls, err)
		}
	})
}
