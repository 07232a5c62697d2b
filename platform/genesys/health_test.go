package genesys

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// host answers without sockets, so that time can be simulated.
type host struct{ login, api step }

// step is how one side answers from then on.
type step struct {
	status int // 0: no connection
	body   string
	header http.Header
	delay  time.Duration
}

var (
	granted = step{status: 200, body: `{"access_token":"token","token_type":"bearer","expires_in":86399}`}
	short   = step{status: 200, body: `{"access_token":"token","token_type":"bearer","expires_in":300}`}
	refused = step{status: 401, body: `{"error":"invalid_client","error_description":"authentication failed"}`}
	limited = step{status: 400, body: `{"error":"invalid_request","error_description":"rate limit exceeded"}`}
	broken  = step{}
	ok      = step{status: 200}
	paused  = step{status: 429, header: http.Header{"Retry-After": {"1"}}}
)

func (h *host) RoundTrip(r *http.Request) (*http.Response, error) {
	s := h.api
	if r.URL.Path == "/oauth/token" {
		s = h.login
	} else if r.Method != http.MethodHead || r.URL.Path != "/api/v2/tokens/me" || r.Header.Get("Authorization") != "Bearer token" {
		return nil, errors.New("unexpected request " + r.Method + " " + r.URL.Path)
	}
	select {
	case <-time.After(s.delay):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if s.status == 0 {
		return nil, errors.New("connection refused")
	}
	header := s.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	header.Set("ININ-Correlation-Id", "5f2f")
	return &http.Response{StatusCode: s.status, Header: header, Body: io.NopCloser(strings.NewReader(s.body)), Request: r}, nil
}

// healthAccount runs the health feed alone.
func healthAccount(t *testing.T, h *host, log io.Writer) *feed.Account {
	t.Helper()
	config := DefaultConfig()
	config.ClientID, config.ClientSecret = "id", "canary"
	config.Feeds = FeedIntervals{Health: config.Feeds.Health}
	api, err := rest.New(rest.Options{
		HTTP: config.HTTP, RateLimit: config.RateLimit, Transport: h, Dialect: dialect(), Authorizer: rest.Bearer(config.credentials("https://login.example.test")),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(config, surroundings{api: api, base: "https://api.example.test", log: slog.New(slog.DiscardHandler)})
	return feed.NewAccount(t.Context(), feed.Source{
		Platform: "genesys", Name: "emea", Feeds: c.feeds(config, 800*time.Millisecond), Close: api.Close,
		Info: func() feed.Info { return feed.Info{RegionCode: "eu-central-1"} }, Metrics: api.Metrics(),
	}, feed.PlaneLimits{Degraded: 1}, slog.New(slog.NewTextHandler(log, nil)))
}

type verdict struct {
	API, Auth platform.Status
	Latency   time.Duration // 0: none
	Reason    platform.Reason
}

// verdictOf is what an account exports, and why its last run failed.
func verdictOf(t *testing.T, a *feed.Account, failuresBefore map[platform.Reason]uint64) (v verdict) {
	t.Helper()
	view := a.State()
	for reason, n := range view.Feeds[0].Failures {
		if n > failuresBefore[reason] {
			v.Reason = reason
		}
	}
	for _, snapshot := range view.Snapshots {
		for _, c := range snapshot.Components {
			switch c.Name + " " + c.Source + " " + string(c.Plane) {
			case "api probe control":
				v.API = c.Status
			case "auth token control":
				v.Auth = c.Status
			default:
				t.Errorf("unexpected component %+v", c)
			}
		}
		if snapshot.Latency != nil {
			v.Latency = *snapshot.Latency
		}
	}
	return v
}

func TestHealth(t *testing.T) {
	type moment struct {
		after time.Duration
		host  host
		want  verdict
	}
	const wait = 20 * time.Second // a scrape later
	fine := moment{wait, host{granted, ok}, verdict{API: platform.Operational, Auth: platform.Operational, Latency: 0}}
	down := moment{wait, host{granted, step{status: 503}}, verdict{platform.Critical, platform.Operational, 0, "server_error"}}
	lost := moment{wait, host{granted, broken}, verdict{platform.Critical, platform.Operational, 0, "network"}}
	late := func(s step, d time.Duration) step { s.delay = d; return s }
	for name, moments := range map[string][]moment{
		"fine": {fine, fine},
		"slow and slower": {
			{wait, host{granted, late(ok, 800*time.Millisecond)}, verdict{platform.Operational, platform.Operational, 800 * time.Millisecond, ""}},
			{wait, host{granted, late(ok, 801*time.Millisecond)}, verdict{platform.Degraded, platform.Operational, 801 * time.Millisecond, ""}},
		},
		"server error":   {fine, down, fine},
		"failing long":   {down, down, down, down, down, down, fine}, // no breaker holds the probe back
		"lost long":      {lost, lost, lost, lost, lost, lost, fine},
		"network":        {{wait, host{granted, broken}, verdict{platform.Critical, platform.Operational, 0, "network"}}},
		"time-out":       {{wait, host{granted, late(ok, time.Hour)}, verdict{platform.Critical, platform.Operational, 0, "timeout"}}},
		"forbidden":      {fine, {wait, host{granted, step{status: 403}}, verdict{platform.Unknown, platform.Operational, 0, "forbidden"}}},
		"not found":      {{wait, host{granted, step{status: 404}}, verdict{platform.Unknown, platform.Operational, 0, "not_found"}}},
		"token refused":  {{wait, host{granted, step{status: 401}}, verdict{platform.Unknown, platform.Critical, 0, "auth"}}},
		"secret refused": {{wait, host{refused, ok}, verdict{platform.Unknown, platform.Critical, 0, "auth"}}},
		"no login":       {{wait, host{broken, ok}, verdict{platform.Unknown, platform.Critical, 0, "network"}}, fine},
		"login limited":  {{wait, host{limited, ok}, verdict{platform.Unknown, platform.Unknown, 0, "rate_limited"}}},
		"login limited with a token in hand": {
			{wait, host{short, ok}, verdict{platform.Operational, platform.Operational, 0, ""}},
			{240 * time.Second, host{limited, ok}, verdict{platform.Operational, platform.Degraded, 0, ""}},
			{30 * time.Second, host{broken, ok}, verdict{platform.Operational, platform.Operational, 0, ""}}, // a token is held
			{time.Minute, host{broken, ok}, verdict{platform.Unknown, platform.Critical, 0, "network"}},
		},
		"rate limited keeps what was known, then is unknown": {
			down,
			{wait, host{granted, paused}, verdict{platform.Critical, platform.Operational, 0, "rate_limited"}},
			{4 * time.Minute, host{granted, paused}, verdict{platform.Critical, platform.Operational, 0, "rate_limited"}},
			{time.Minute, host{granted, paused}, verdict{platform.Unknown, platform.Operational, 0, "rate_limited"}},
			fine,
		},
		"rate limited from the start": {{wait, host{granted, paused}, verdict{platform.Unknown, platform.Operational, 0, "rate_limited"}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &host{}
				account := healthAccount(t, h, io.Discard)
				defer account.Close()
				for i, m := range moments {
					<-time.After(m.after)
					*h = m.host
					before := account.State().Feeds[0].Failures
					account.Refresh(t.Context())
					if got := verdictOf(t, account, before); got != m.want {
						t.Errorf("step %d: %+v, want %+v", i, got, m.want)
					}
				}
			})
		})
	}
}

// The audit trail names the call, its outcome and the correlation id, and no secret.
func TestHealthEvidence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		h := &host{granted, ok}
		account := healthAccount(t, h, &log)
		defer account.Close()
		account.Refresh(t.Context())
		*h = host{refused, step{status: 503}}
		<-time.After(20 * time.Second)
		account.Refresh(t.Context())
		synctest.Wait() // a run is logged after it has ended
		for _, want := range []string{`object=api`, `from=operational to=critical`, `correlation_id=5f2f`, `payload="HEAD /api/v2/tokens/me 503"`} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("log lacks %s:\n%s", want, log.String())
			}
		}
		<-time.After(24 * time.Hour) // the token has expired
		account.Refresh(t.Context())
		synctest.Wait() // a run is logged after it has ended
		for _, want := range []string{`object=auth`, `payload="POST /oauth/token 401"`} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("log lacks %s:\n%s", want, log.String())
			}
		}
		if strings.Contains(log.String(), "canary") {
			t.Errorf("log shows the secret:\n%s", log.String())
		}
	})
}
