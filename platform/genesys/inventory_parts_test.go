package genesys

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// Whatever events come, and whatever is done to what was published before, the parts together are what the whole list would
// be translated to.
func TestPartsAreTheWhole(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		of := manyTrunks(t, 12, 3)
		odd := readEntities[instanceWire, instanceMetricsWire](`{"id":"no-base"}`, `{"id":"deleted","state":"deleted","trunkBase":{"id":"base-0001"}}`)
		of.listed.items = append(of.listed.items, odd.items...)
		of.listed.metrics = append(of.listed.metrics, rowsOf[instanceMetricsWire](t, `{"trunk":{"id":"not-listed"}}`, `{}`)...)
		sent := of.pollSentAt.Add(time.Second)
		of.takeListing(of.listed, sent)
		for n := range rapid.IntRange(1, 20).Draw(r, "steps") {
			id := fmt.Sprintf("instance-%04d", rapid.IntRange(0, 12).Draw(r, "instance")) // the last is none
			e := trunkEvent(0, sent.Add(time.Duration(n+1)*time.Second+time.Duration(rapid.IntRange(0, 1).Draw(r, "down"))))
			e.ID = id
			switch rapid.IntRange(0, 3).Draw(r, "what") {
			case 0:
				e.Kind = instanceMetricsTopic.Kind
				e.Body = json.RawMessage(fmt.Sprintf(`{"eventTime":%q,"trunk":{"id":%q},"calls":{"inboundCallCount":%d}}`, e.Seen.Format(time.RFC3339), id, n))
			case 1: // a scrape, whose snapshot is completed and renamed
				snapshot := of.snapshot()
				for i := range snapshot.Trunks {
					snapshot.Trunks[i].Name, snapshot.Trunks[i].Condition = "published", platform.Condition{Since: sent}
				}
			}
			of.apply(e)
		}
		got, want := of.snapshot(), translateTrunks(of.listed)
		if diff := cmp.Diff(want.Trunks, got.Trunks); diff != "" {
			r.Errorf("parts differ from the whole (-want +got):\n%s", diff)
		}
	})
}

// What is dropped of what was sent is never missed: the evidence is what it would be if all had been kept.
func TestEvidenceIsKept(t *testing.T) {
	states := map[string]string{"up": "", "down": `"connectedStatus":{"connected":false}`, "unknown": `"connectedStatus":{}`, "deleted": `"state":"deleted"`}
	names := []string{"up", "down", "unknown", "deleted"}
	dropped := 0
	rapid.Check(t, func(r *rapid.T) {
		var items []string
		for i := range rapid.IntRange(1, 8).Draw(r, "instances") {
			state := states[rapid.SampledFrom(names).Draw(r, "state")]
			items = append(items, fmt.Sprintf(`{"id":"instance-%04d","trunkBase":{"id":"base-%d","name":"Carrier"},"state":"active","inService":true,"enabled":true,`+
				`"connectedStatus":{"connected":true},"sent":%d%s}`, i, i%2, i, strings.TrimSuffix(","+state, ",")))
		}
		light, whole := newTrunks(&client{}, syncOptions{}), newTrunks(&client{}, syncOptions{})
		listed := trunksOf(t, items...)
		light.takeListing(listed, t0)
		listed.items = slices.Clone(listed.items)
		for i := range listed.items {
			listed.items[i].raw = json.RawMessage(items[i])
		}
		whole.takeListing(listed, t0)
		both := []*inventory[instanceWire, instanceMetricsWire]{light, whole}
		for _, item := range light.listed.items {
			if item.raw == nil {
				dropped++
			}
		}
		for n := range rapid.IntRange(0, 10).Draw(r, "events") {
			at := t0.Add(time.Duration(n+1) * time.Second).Add(time.Duration(rapid.IntRange(0, 1).Draw(r, "down")))
			e := trunkEvent(rapid.IntRange(0, 7).Draw(r, "instance"), at)
			for _, of := range both {
				of.apply(e)
			}
			if diff := cmp.Diff(whole.snapshot().Trunks, light.snapshot().Trunks); diff != "" {
				r.Fatalf("trunks differ after event %d (-everything kept +got):\n%s", n, diff)
			}
		}
		if diff := cmp.Diff(whole.snapshot().Trunks, light.snapshot().Trunks); diff != "" {
			r.Errorf("trunks differ (-everything kept +got):\n%s", diff)
		}
	})
	if dropped == 0 {
		t.Error("nothing was dropped")
	}
}

// A list without edges has their counts all the same, and what is wrong is counted once.
func TestPartsOfNothing(t *testing.T) {
	edges := newEdges(&client{}, syncOptions{})
	edges.takeListing(listing[edgeWire, edgeMetricsWire]{items: []item[edgeWire]{}, metrics: rowsOf[edgeMetricsWire](t, `{}`)}, t0)
	want := translateEdges(edges.listed)
	diff(t, "edge counts", edges.snapshot().EdgeCounts, want.EdgeCounts)
	diff(t, "anomalies the second time", edges.snapshot().Anomalies, platform.Anomalies{})
	diff(t, "anomalies", want.Anomalies, violated("edges_metrics: [].edge.id"))
}
