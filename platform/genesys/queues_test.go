// Tests that poll queues of the simulator.

package genesys_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/health"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// onlyQueues leaves the other feeds out.
func onlyQueues(c *genesys.Config) {
	c.Feeds = genesys.FeedIntervals{Health: settings.Interval(time.Hour), Queues: settings.Interval(time.Minute), ServiceLevel: settings.Interval(time.Minute)}
}

// watched are the queues of the queue feed, by name; levels those of the service level.
func watched(view feed.AccountState) (queues, levels map[string]platform.Queue) {
	queues, levels = map[string]platform.Queue{}, map[string]platform.Queue{}
	for _, q := range merged(view).Queues {
		if q.Agents != nil {
			queues[q.Name] = q
		} else {
			levels[q.Name] = q
		}
	}
	return queues, levels
}

func TestQueues(t *testing.T) {
	w := world(t, simulator.Options{Queues: 450})
	a := accountFrom(t, w, w.URL("emea"), health.Surroundings{}, onlyQueues)
	view, feeds := refreshed(t, a)
	wantUp(t, feeds)
	queues, levels := watched(view)
	if len(queues) != 450 || len(levels) != 450 {
		t.Fatalf("%d queues, %d with a service level, want 450 of each", len(queues), len(levels))
	}
	busy, agents, rated := 0.0, 0, 0
	for name, q := range queues {
		if len(q.Channels) < 5 || len(q.Agents) != 6 {
			t.Errorf("queue %s has %d channels, %d states, want 5 or 6, 6", name, len(q.Channels), len(q.Agents))
		}
		for _, c := range q.Channels {
			if c.Waiting == nil || c.Active == nil || c.Alerting == nil {
				t.Errorf("queue %s lacks a number of %s", name, c.Channel)
				continue
			}
			busy += *c.Waiting + *c.Active + *c.Alerting
			if age := time.Since(c.OldestWaiting); *c.Waiting > 0 && (age < -2*time.Second || age > 24*time.Hour) || *c.Waiting == 0 && !c.OldestWaiting.IsZero() {
				t.Errorf("queue %s: %v wait on %s since %v", name, *c.Waiting, c.Channel, c.OldestWaiting)
			}
		}
		for _, count := range q.Agents {
			if agents += count.Count; count.State == platform.AgentUnknown && count.Count > 0 {
				t.Errorf("queue %s: the state of %d agents is not known", name, count.Count)
			}
		}
		for _, c := range levels[name].Channels {
			if c.ServiceLevel != nil && *c.ServiceLevel <= 1 && c.ServiceLevelTarget != nil {
				rated++
			}
		}
	}
	if busy == 0 || agents == 0 || rated == 0 {
		t.Errorf("%v contacts, %d agents, %d service levels, want some of each", busy, agents, rated)
	}
	calls := w.Calls("emea")
	for path, want := range map[string]int{"GET " + queueNames: 1, "POST " + observations: 3, "POST " + aggregates: 1} {
		if calls[path] != want {
			t.Errorf("%s was called %d times, want %d", path, calls[path], want)
		}
	}
	refreshed(t, a)
	if n := w.Calls("emea")["GET "+queueNames]; n != 1 {
		t.Errorf("names were read %d times, want once an hour", n)
	}
}

// Patterns and ids choose queues; a pattern that fits none is reported once.
func TestQueueFilter(t *testing.T) {
	w := world(t, simulator.Options{})
	all := w.Queues("emea")
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	a := accountWithLog(t, w, w.URL("emea"), health.Surroundings{}, logger, func(c *genesys.Config) {
		onlyQueues(c)
		c.Queues = settings.QueueFilter{Include: []string{"sales *", "nothing"}, Exclude: []string{"* FR", all[0].ID}, IDs: []string{all[59].ID}}
	})
	var want []string
	for i, q := range all {
		if i != 0 && !strings.HasSuffix(q.Name, " FR") && strings.HasPrefix(q.Name, "Sales ") || i == 59 {
			want = append(want, q.Name)
		}
	}
	for range 2 {
		view, feeds := refreshed(t, a)
		wantUp(t, feeds)
		queues, levels := watched(view)
		var got []string
		for name := range queues {
			if got = append(got, name); levels[name].ID == "" {
				t.Errorf("queue %s has no service level", name)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("queues = %v, want %v", got, want)
		}
	}
	if n := strings.Count(log.String(), "matches no queue"); n != 1 || !strings.Contains(log.String(), "queues.include: nothing") {
		t.Errorf("reported %d times, want once:\n%s", n, &log)
	}
}

// Two queues of one name get names of their own, by the same names in both feeds.
func TestTwinQueues(t *testing.T) {
	w := world(t, simulator.Options{})
	w.Inject("emea", simulator.Fault{Path: queueNames, Rewrite: edit(func(entities []any) []any {
		entities[1].(map[string]any)["name"] = entities[0].(map[string]any)["name"]
		entities[2].(map[string]any)["name"] = ""
		return entities
	})})
	view, feeds := refreshed(t, accountFrom(t, w, w.URL("emea"), health.Surroundings{}, onlyQueues))
	wantUp(t, feeds)
	queues, levels := watched(view)
	twins := 0
	for name := range queues {
		if strings.Contains(name, " (") {
			twins++
		}
		if levels[name].ID != queues[name].ID {
			t.Errorf("%s is %s in one feed, %s in the other", name, queues[name].ID, levels[name].ID)
		}
	}
	if len(queues) != 60 || twins != 1 {
		t.Errorf("%d queues, %d with an id in their names, want 60, 1", len(queues), twins)
	}
}

// A batch that fails costs no other, and what it was about stays as it was.
func TestQueueBatchFails(t *testing.T) {
	w := world(t, simulator.Options{Queues: 450})
	a := accountFrom(t, w, w.URL("emea"), health.Surroundings{}, onlyQueues)
	w.Inject("emea", simulator.Fault{Path: observations, Status: http.StatusForbidden, Body: `{"code":"missing.division.permission","status":403}`, Times: 1})
	view, feeds := refreshed(t, a)
	wantUp(t, feeds, "queues")
	queues, _ := watched(view)
	if n := len(queues); n != 250 && n != 400 || feeds["queues"].Failures[platform.ReasonForbidden] != 1 {
		t.Errorf("%d queues, failures %v, want those of the other two batches, forbidden", n, feeds["queues"].Failures)
	}
	if view, feeds = refreshed(t, a); len(merged(view).Queues) != 900 {
		t.Errorf("%d queues after the next poll, want all in both feeds", len(merged(view).Queues))
	}
	wantUp(t, feeds)
}

// Without names there are no queues; with those known before, a poll goes on.
func TestQueueNamesFail(t *testing.T) {
	w := world(t, simulator.Options{})
	remove := w.Inject("emea", simulator.Fault{Path: queueNames, Status: http.StatusForbidden, Body: `{"code":"missing.permissions","status":403}`})
	a := accountFrom(t, w, w.URL("emea"), health.Surroundings{}, onlyQueues)
	view, feeds := refreshed(t, a)
	wantUp(t, feeds, "queues", "service_level")
	if len(merged(view).Queues) != 0 {
		t.Error("queues without names")
	}
	remove()
	_, feeds = refreshed(t, a)
	wantUp(t, feeds)
}
