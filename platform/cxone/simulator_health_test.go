package cxone_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// gauge is the value of a gauge without labels.
func gauge(t *testing.T, s feed.Source, name string) float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(s.Metrics)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			return family.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

const (
	loginPath     = "/authentication/v1/token/access-key"
	discoveryPath = "/.well-known/cxone-configuration"
)

// want is statuses by component.
type want map[string]string

// brokenHealth are faults and the components in which they show.
var brokenHealth = []struct {
	name   string
	fault  simulator.Fault
	area   string // configured
	reason platform.Reason
	region string
	want   want
}{
	{
		"server error",
		simulator.Fault{Path: services, Status: 500},
		"", platform.ReasonServerError, "na1",
		want{"api": "critical", "auth": "operational", "discovery": "operational"},
	},
	{
		"torn connections",
		simulator.Fault{Path: services, Reset: true},
		"", platform.ReasonNetwork, "na1",
		want{"api": "critical", "auth": "operational", "discovery": "operational"},
	},
	{
		"no answer",
		simulator.Fault{Path: services, Hang: true},
		"", platform.ReasonTimeout, "na1",
		want{"api": "critical", "auth": "operational", "discovery": "operational"},
	},
	{
		"slow",
		simulator.Fault{Path: services, Delay: 900 * time.Millisecond},
		"", "", "na1",
		want{"api": "degraded", "auth": "operational", "discovery": "operational"},
	},
	{
		"forbidden",
		simulator.Fault{Path: services, Status: 403},
		"", platform.ReasonForbidden, "na1",
		want{"api": "unknown", "auth": "operational", "discovery": "operational"},
	},
	{
		"token refused",
		simulator.Fault{Path: services, Status: 401},
		"", platform.ReasonAuth, "na1",
		want{"api": "unknown", "auth": "critical", "discovery": "operational"},
	},
	{
		"login refused",
		simulator.Fault{Path: loginPath, Status: 401},
		"", platform.ReasonAuth, "",
		want{"api": "unknown", "auth": "critical", "discovery": "unknown"},
	},
	{
		"login down",
		simulator.Fault{Path: loginPath, Status: 503},
		"", platform.ReasonServerError, "",
		want{"api": "unknown", "auth": "critical", "discovery": "unknown"},
	},
	{
		"login limited",
		simulator.Fault{Path: loginPath, Status: 429},
		"", platform.ReasonRateLimited, "",
		want{"api": "unknown", "auth": "unknown", "discovery": "unknown"},
	},
	{
		"discovery down",
		simulator.Fault{Path: discoveryPath, Status: 500},
		"", platform.ReasonServerError, "",
		want{"api": "unknown", "auth": "operational", "discovery": "critical"},
	},
	{
		"discovery says nothing",
		simulator.Fault{Path: discoveryPath, Body: "{}"},
		"", platform.ReasonBadResponse, "",
		want{"api": "unknown", "auth": "operational", "discovery": "unknown"},
	},
	{
		"tenant not known",
		simulator.Fault{Path: discoveryPath, Status: 404},
		"", platform.ReasonNotFound, "",
		want{"api": "unknown", "auth": "operational", "discovery": "unknown"},
	},
	{
		"discovery down, area configured",
		simulator.Fault{Path: discoveryPath, Status: 500},
		"na1", "", "na1",
		want{"api": "operational", "auth": "operational"},
	},
}

// TestBrokenHealth: each fault shows in the component it belongs to, and in no other.
func TestBrokenHealth(t *testing.T) {
	for _, test := range brokenHealth {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := world(t, 1)
			c := account(w)
			c.HTTP.Timeout = model.Duration(2 * time.Second)
			if test.area != "" {
				c.Area, c.APIURL = test.area, w.URL("us")
			}
			w.Inject("us", test.fault)
			s, notes := source(t, c), &notebook{}
			err := run(t, s, "health", notes)
			if (err == nil) != (test.reason == "") || err != nil && platform.ReasonOf(err) != test.reason {
				t.Errorf("health = %v, want reason %q", err, test.reason)
			}
			if diff := cmp.Diff(test.want, want(statuses(notes.last(t)))); diff != "" {
				t.Errorf("components (-want +got):\n%s", diff)
			}
			if got := s.Info().RegionCode; got != test.region {
				t.Errorf("region = %q, want %q", got, test.region)
			}
			if err != nil && strings.Contains(err.Error(), "demo-secret") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

// TestUnknownArea: without discovery no other feed asks the API anything, and each fails for discovery's reason.
func TestUnknownArea(t *testing.T) {
	w := world(t, 1)
	remove := w.Inject("us", simulator.Fault{Path: "/.well-known", Status: 500})
	s := source(t, account(w))
	for _, f := range s.Feeds {
		if err := run(t, s, f.Name, &notebook{}); platform.ReasonOf(err) != platform.ReasonServerError {
			t.Errorf("%s = %v, want reason server_error", f.Name, err)
		}
	}
	calls := w.Calls("us")
	for call := range calls {
		if strings.Contains(call, "/services/") {
			t.Errorf("asked %s", call)
		}
	}
	if n := calls["GET /.well-known/cxone-configuration"]; n != 1 {
		t.Errorf("discovery was asked %d times, want once within 10 s", n)
	}
	remove()
}

// TestClockSkew compares the platform's clock with ours.
func TestClockSkew(t *testing.T) {
	w := world(t, 1)
	s := source(t, account(w))
	for _, offset := range []time.Duration{0, -90 * time.Second, time.Hour} {
		remove := w.Inject("us", simulator.Fault{Path: services + "/server-time", ClockOffset: offset})
		must(t, s, "health")
		remove()
		if got := gauge(t, s, "ccaas_clock_skew_seconds"); got < offset.Seconds()-1 || got > offset.Seconds()+1 {
			t.Errorf("skew = %v s, want %v", got, offset)
		}
	}
}

// TestRefusedCall: the audit trail names the call that the API refuses, not the login, which succeeds.
func TestRefusedCall(t *testing.T) {
	w := world(t, 10)
	w.Inject("us", simulator.Fault{Path: services, Status: 401})
	notes := &notebook{}
	if err := run(t, source(t, account(w)), "health", notes); platform.ReasonOf(err) != platform.ReasonAuth {
		t.Errorf("health = %v, want reason auth", err)
	}
	for _, c := range notes.last(t).Components {
		if got := string(c.Evidence.Payload); c.Name == "auth" && got != "GET "+services+"/server-time 401" {
			t.Errorf("evidence = %q", got)
		}
	}
	if n := w.Calls("us")["POST "+loginPath]; n == 0 {
		t.Error("no login was sent")
	}
}
