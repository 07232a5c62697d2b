package feed

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

func TestTransitionsAreLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		next := apiIs(platform.Operational)
		a := open(t, &log, Feed{Name: "health", Poll: func(context.Context) (*platform.Snapshot, error) { s := *next; return &s, nil }})
		step := func(p *platform.Snapshot) string {
			log.Reset()
			next = p
			a.Refresh(t.Context())
			time.Sleep(15 * time.Second)
			return log.String()
		}
		for _, tc := range []struct {
			name     string
			snapshot *platform.Snapshot
			want     []string // in each line in turn; none = no line at all
		}{
			{"well at first sight", apiIs(platform.Operational), nil},
			{"same again", apiIs(platform.Operational), nil},
			{"down", apiIs(platform.Critical), []string{
				`kind=component object=api plane=control from=operational to=critical since=2000-01-01T00:00:30Z source=probe correlation_id=c-1 payload="{\"status\":\"x\",\"token\":\"<redacted>\"}"`,
				`kind=platform object=control plane=control from=operational to=critical`,
			}},
			{"still down", apiIs(platform.Critical), nil},
			{"gone", &platform.Snapshot{}, []string{`object=api plane=control from=critical to=none`, `kind=platform object=control plane=control from=critical to=unknown`}},
			{"down at first sight", apiIs(platform.Critical), []string{`object=api plane=control from=none to=critical`, `from=unknown to=critical`}},
		} {
			lines := strings.Split(strings.TrimSpace(step(tc.snapshot)), "\n")
			if lines[0] == "" {
				lines = nil
			}
			if len(lines) != len(tc.want) {
				t.Fatalf("%s: log = %q, want %d lines", tc.name, lines, len(tc.want))
			}
			for i, want := range tc.want {
				if !strings.Contains(lines[i], want) || !strings.Contains(lines[i], "region_code=eu-central-1") {
					t.Errorf("%s: line = %s, want %s", tc.name, lines[i], want)
				}
			}
		}
		if strings.Contains(log.String(), "canary") {
			t.Error("the log holds a secret")
		}
	})
}

func TestFailuresAreLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var err error
		a := open(t, &log, Feed{Name: "health", Poll: func(context.Context) (*platform.Snapshot, error) { return &platform.Snapshot{}, err }})
		run := func(with error) {
			err = with
			a.Refresh(t.Context())
			time.Sleep(15 * time.Second)
		}
		run(nil)
		for range 1000 {
			run(errors.New("bad"))
		}
		run(nil)
		if n := strings.Count(log.String(), "feed failed"); n != 1 {
			t.Errorf("%d lines say that the feed failed, want 1", n)
		}
		if !strings.Contains(log.String(), `"feed recovered" platform=genesys account=emea feed=health failures=1000`) {
			t.Errorf("log = %s, want a recovery with its count", &log)
		}
		got := a.State().Feeds[0]
		if got.Runs != 1002 || got.Failures[platform.ReasonBadResponse] != 1000 || !got.Up {
			t.Errorf("state = %+v, want 1002 runs, 1000 failures, up", got)
		}
	})
}

func TestNamesBecomeUnique(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page := func(name string) Feed {
			return Feed{Name: "status_page/" + name, Poll: func(context.Context) (*platform.Snapshot, error) {
				return &platform.Snapshot{
					Components: []platform.Component{
						{ID: "bbbbbbbb-2", Name: "EMEA", Source: platform.SourceStatusPage},
						{ID: "aaaaaaaa-1", Name: "EMEA", Source: platform.SourceStatusPage},
						{ID: "bbbbbbbb-3", Name: "EMEA", Source: platform.SourceStatusPage},
					},
					Incidents: []platform.IncidentCount{{Impact: "major", Count: 2}}, Maintenances: new(1),
				}, nil
			}}
		}
		a := open(t, new(bytes.Buffer), page("one"), page("two"))
		a.Refresh(t.Context())
		v := a.State()
		var names []string
		for _, p := range v.Snapshots {
			for _, c := range p.Components {
				names = append(names, c.Name)
			}
		}
		want := []string{
			"one/EMEA", "one/EMEA (bbbbbbbb)", "one/EMEA (bbbbbbbb) (bbbbbbbb-3)",
			"two/EMEA", "two/EMEA (bbbbbbbb)", "two/EMEA (bbbbbbbb) (bbbbbbbb-3)",
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("names (-want +got):\n%s", diff)
		}
		if v.Incidents["major"] != 4 {
			t.Errorf("major incidents = %d, want 4 over both pages", v.Incidents["major"])
		}
		if v.Maintenances == nil || *v.Maintenances != 2 {
			t.Errorf("maintenances = %v, want 2 over both pages", v.Maintenances)
		}
	})
}
