package statuspage

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

func milli(ms float64) *time.Duration {
	return new(time.Duration(ms * float64(time.Millisecond)))
}

func section(name string, plane platform.Plane, s platform.Status, latency *time.Duration) platform.Component {
	return platform.Component{
		Name: name, Plane: plane, Source: platform.SourceDocument, Latency: latency, Condition: platform.Condition{Status: s},
	}
}

func TestParseDocument(t *testing.T) {
	three := func(p, m, d platform.Status) []platform.Component {
		return []platform.Component{
			section("platform", platform.ControlPlane, p, nil), section("media_gateway", platform.DataPlane, m, nil),
			section("database", platform.ControlPlane, d, nil),
		}
	}
	for _, test := range []struct {
		name, body string
		want       platform.Snapshot
	}{
		{"recorded", string(recorded(t, "health.json")), platform.Snapshot{Components: []platform.Component{
			section("platform", platform.ControlPlane, platform.Degraded, milli(842.5)),
			section("media_gateway", platform.DataPlane, platform.Operational, nil),
			section("database", platform.ControlPlane, platform.Critical, milli(12)),
		}}},
		{
			"sections missing", `{"status":"ok"}`,
			platform.Snapshot{Components: three(platform.Operational, platform.Unknown, platform.Unknown), Anomalies: platform.Anomalies{Violations: 2, Places: []platform.Place{{Path: "media.status", Count: 1}, {Path: "database.status", Count: 1}}}},
		},
		{
			"wrong types", `{"status":["UP"],"latency":{"api":"fast","media":-1,"database":null},"media":"UP","database":{"status":"HEALTHY"}}`,
			platform.Snapshot{Components: three(platform.Unknown, platform.Unknown, platform.Operational), Anomalies: platform.Anomalies{
				Violations: 4, Places: []platform.Place{
					{Path: "status", Count: 1}, {Path: "latency.api", Count: 1}, {Path: "media.status", Count: 1}, {Path: "latency.media", Count: 1},
				},
			}},
		},
		{
			"latency of another type, status not known", `{"status":"MELTING","latency":12,"media":{"status":"down"},"database":{"status":"ok"}}`,
			platform.Snapshot{
				Components: three(platform.Unknown, platform.Critical, platform.Operational), Anomalies: platform.Anomalies{
					Violations: 1, Unknowns: map[string]int{fieldDocumentStatus: 1},
					Places: []platform.Place{{Path: "latency", Count: 1}, {Path: "status", Value: "MELTING", Count: 1}},
				},
			},
		},
		{
			"latency out of range", `{"status":"UP","latency":{"api":1e300},"media":{"status":"up"},"database":{"status":"up"}}`,
			platform.Snapshot{Components: three(platform.Operational, platform.Operational, platform.Operational), Anomalies: platform.Anomalies{Violations: 1, Places: []platform.Place{{Path: "latency.api", Count: 1}}}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := DefaultDocumentConfig.parseDocument([]byte(test.body), "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, ignoreUnexported, ignoreEvidence); diff != "" {
				t.Errorf("snapshot (-want +got):\n%s", diff)
			}
		})
	}
	for _, body := range []string{``, `null`, `[]`, `"UP"`, `{}`, `{"message":"hello"}`, `{"status":"UP"`} {
		if snapshot, err := DefaultDocumentConfig.parseDocument([]byte(body), ""); err == nil {
			t.Errorf("parseDocument(%q) = %+v, want an error", body, snapshot)
		}
	}
}

func TestDocumentPlane(t *testing.T) {
	c := DefaultDocumentConfig
	c.Plane = platform.DataPlane
	got, err := c.parseDocument(recorded(t, "health.json"), "corr-1")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []platform.Plane{platform.DataPlane, platform.DataPlane, platform.ControlPlane} {
		if c := got.Components[i]; c.Plane != want || c.Evidence.CorrelationID != "corr-1" || len(c.Evidence.Payload) == 0 {
			t.Errorf("component %+v, want plane %s and evidence", c, want)
		}
	}
}

// account returns a client that holds a token.
func account(t *testing.T) *rest.Client {
	t.Helper()
	client, err := rest.New(rest.Options{
		HTTP: rest.DefaultHTTPConfig, RateLimit: settings.RateLimit{RequestsPerMinute: 6000, Burst: 200}, Operations: Operations(),
		Logger: quiet(), Dialect: rest.Dialect{CorrelationHeaders: []string{"X-Correlation-Id"}},
		Authorizer: rest.Bearer(func(context.Context, *http.Client) (*oauth2.Token, error) {
			return &oauth2.Token{AccessToken: "t0ken", ExpiresIn: 3600, Expiry: time.Now().Add(time.Hour)}, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func newDocument(t *testing.T, change func(*DocumentConfig)) *Document {
	t.Helper()
	c := DefaultDocumentConfig
	c.Name, c.Format = "gateway", FormatDocument
	change(&c)
	d, err := NewDocument(c, quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func TestDocumentBehindURL(t *testing.T) {
	body := recorded(t, "health.json")
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { conditionally(w, r, `"v1"`, body) })
	d := newDocument(t, func(c *DocumentConfig) { c.URL = s.URL + "/health" })
	base := func(context.Context) (string, error) { return "", errors.New("base of a URL") }
	var sinks [2]notes
	for i := range sinks {
		feed := d.Feed(account(t), base)
		run(t, feed, &sinks[i])
		run(t, feed, &sinks[i])
		if len(sinks[i].published) != 1 || sinks[i].kept != 1 || feed.Calls != 0 {
			t.Errorf("account %d: %d snapshots, %d times kept, %v calls, want 1, 1 and 0", i, len(sinks[i].published), sinks[i].kept, feed.Calls)
		}
	}
	requests := s.seen()
	if len(requests) != 1 {
		t.Fatalf("%d requests for 2 accounts, want 1", len(requests))
	}
	if r := requests[0]; r.URL.String() != "/health" || r.Header.Get("Authorization") != "" {
		t.Errorf("request %s with Authorization %q, want /health without", r.URL, r.Header.Get("Authorization"))
	}
	sinks[0].published[0].Components[0].Name = "changed by the account"
	if got := sinks[1].published[0].Components[0].Name; got != "platform" {
		t.Errorf("accounts share a snapshot: name = %q", got)
	}
}

func TestDocumentBehindPath(t *testing.T) {
	body := recorded(t, "health.json")
	answer := func(w http.ResponseWriter, r *http.Request) { conditionally(w, r, `"v1"`, body) }
	first, second := serve(t, answer), serve(t, answer)
	d := newDocument(t, func(c *DocumentConfig) { c.Path = "/api/v2/system/health" })
	host, fault := first.URL, error(nil)
	feed := d.Feed(account(t), func(context.Context) (string, error) { return host, fault })
	if feed.Calls != 1 || feed.Class != platform.ClassHealth || feed.Name != "document/gateway" {
		t.Errorf("feed = %+v, want one call, class health, document/gateway", feed)
	}
	var sink, other notes
	run(t, feed, &sink)
	run(t, feed, &sink)
	run(t, d.Feed(account(t), func(context.Context) (string, error) { return first.URL, nil }), &other)
	host = second.URL // what one host answered makes no request to another conditional
	run(t, feed, &sink)
	if len(sink.published) != 2 || sink.kept != 1 || len(other.published) != 1 {
		t.Errorf("%d snapshots, %d times kept, %d snapshots of the other account, want 2, 1, 1", len(sink.published), sink.kept, len(other.published))
	}
	if got := sink.published[0].Components[0].Evidence.CorrelationID; got != "corr-1" {
		t.Errorf("correlation id = %q, want corr-1", got)
	}
	var got []url.URL
	for _, r := range append(first.seen(), second.seen()...) {
		got = append(got, *r.URL)
		if auth := r.Header.Get("Authorization"); auth != "Bearer t0ken" {
			t.Errorf("Authorization = %q, want the account's token", auth)
		}
	}
	one := url.URL{Path: "/api/v2/system/health"}
	if diff := cmp.Diff([]url.URL{one, one, one, one}, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	fault = errors.New("area not known yet")
	if err := record(t.Context(), feed.Poll, &sink); !errors.Is(err, fault) {
		t.Errorf("Run = %v, want %v", err, fault)
	}
}
