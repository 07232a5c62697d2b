package genesys

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

func TestLimits(t *testing.T) {
	var anomalies platform.Anomalies
	items := pageOf[limitWire](t, fixture(t, "organizations_limits.json")).items
	items = append(items, pageOf[limitWire](t, entities(`{"key":"a","value":"300"}`, `{"key":"b"}`)).items...)
	diff(t, "translateLimits", translateLimits(items, &anomalies), []platform.Limit{
		{Namespace: "platform.api", Key: "client.credentials.token.rate.per.minute", Value: new(300.0)},
		{Namespace: "platform.api", Key: "org.app.user.rate.per.minute", Value: new(3000.0)},
	})
	if anomalies.Violations != 1 {
		t.Errorf("violations = %d, want 1 for the text", anomalies.Violations)
	}
}

// A row is what says that a limit was nearly reached. No row says nothing.
func TestRateLimits(t *testing.T) {
	const near = `{"group":{"namespace":"n","limitName":"l"},"data":[{"metrics":[{"metric":"oRateLimitRecorded"}]}]}`
	limit := platform.Limit{Namespace: "n", Key: "l", Near: true}
	for name, c := range map[string]struct {
		rows       []string
		want       []platform.Limit
		violations int
	}{
		"none":               {nil, nil, 0},
		"without statistics": {[]string{near}, []platform.Limit{limit}, 0},
		"twice":              {[]string{near, near}, []platform.Limit{limit}, 0},
		"without data":       {[]string{`{"group":{"namespace":"n","limitName":"l"}}`}, nil, 0},
		"another metric":     {[]string{`{"group":{"limitName":"l"},"data":[{"metrics":[{"metric":"x"}]}]}`}, nil, 0},
		"without a name":     {[]string{`{"group":{},"data":[{"metrics":[{"metric":"oRateLimitRecorded"}]}]}`, "null", near}, []platform.Limit{limit}, 2},
	} {
		var anomalies platform.Anomalies
		diff(t, name, translateRateLimits(raws(c.rows...), &anomalies), c.want)
		if anomalies.Violations != c.violations {
			t.Errorf("%s: violations = %d, want %d", name, anomalies.Violations, c.violations)
		}
	}
	var anomalies platform.Anomalies
	recorded := decodeFixture[aggregatesWire](t, "ratelimits_aggregates.json")
	diff(t, "recorded", translateRateLimits(recorded.Results, &anomalies), []platform.Limit{
		{Namespace: "platform.api", Key: "org.app.user.rate.per.minute", Near: true},
	})
}

func TestCredential(t *testing.T) {
	for name, c := range map[string]struct {
		answer     string
		want       *platform.Credential
		violations int
	}{
		"recorded":        {string(fixture(t, "oauth_client.json")), &platform.Credential{Expires: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)}, 0},
		"without a date":  {`{"id":"x"}`, &platform.Credential{}, 0},
		"unreadable date": {`{"id":"x","dateToDelete":"soon"}`, &platform.Credential{}, 1},
		"nothing":         {`{}`, nil, 0},
		"null":            {`null`, nil, 1},
		"list":            {`[]`, nil, 1},
	} {
		var anomalies platform.Anomalies
		got, err := translateCredential(json.RawMessage(c.answer), &anomalies)
		diff(t, name, got, c.want)
		if (err == nil) != (c.want != nil) || anomalies.Violations != c.violations {
			t.Errorf("%s: %v with %d violations, want an error just when there is no client, and %d", name, err, anomalies.Violations, c.violations)
		}
	}
}

func FuzzSignals(f *testing.F) {
	for _, name := range []string{"usage_events_aggregates.json", "ratelimits_aggregates.json", "oauth_client.json"} {
		f.Add(fixture(f, name))
	}
	f.Add([]byte(`{"interval":"2026-11-26T11:00:00Z/2026-11-26T11:05:00Z","eventDefinitionAggregates":[null,{"eventCount":1e300}]}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		var anomalies platform.Anomalies
		if wire, ok := fuzzed[*eventsWire](answer); ok {
			end, counts, err := translateEvents(wire, minute(0), minute(5), &anomalies)
			if err == nil && (!end.After(minute(0)) || end.After(minute(5))) {
				t.Errorf("an answer of 5 minutes ends at %v", end)
			}
			for id, n := range counts {
				if n < 0 {
					t.Errorf("%d events of %q", n, id)
				}
			}
		}
		if wire, ok := fuzzed[aggregatesWire](answer); ok {
			for _, limit := range translateRateLimits(wire.Results, &anomalies) {
				if limit.Key == "" || !limit.Near {
					t.Errorf("limit %+v, want a name, and near", limit)
				}
			}
		}
		if got, err := translateCredential(answer, &anomalies); (got == nil) == (err == nil) {
			t.Errorf("credential %v with error %v", got, err)
		}
	})
}
