package presence

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// event is something that happens on one of the platforms.
type event struct {
	after time.Duration
	agent int
	// One of these.
	state    platform.AgentState // on the source
	presence string              // chosen by the person on the target
	fault    string
}

// histories draws what happens to a few agents.
func histories(persons bool) *rapid.Generator[[]event] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) event {
		e := event{after: time.Duration(rapid.IntRange(0, 60).Draw(t, "after")) * time.Second, agent: rapid.IntRange(0, 3).Draw(t, "agent")}
		switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); {
		case kind < 6 || !persons && kind < 8:
			e.state = rapid.SampledFrom(states).Draw(t, "state")
		case kind < 8:
			e.presence = rapid.SampledFrom([]string{"available", "meal", "busy", "on_queue", "idle", "offline"}).Draw(t, "presence")
		default:
			e.fault = rapid.SampledFrom([]string{"lost writes", "silent writes", "writes fail", "source fails", "none", "none", "one refused", "lost events", "takeover"}).Draw(t, "fault")
		}
		return e
	}), 1, 25)
}

// happen lets one event happen.
func (w *world) happen(e event) {
	<-time.After(e.after)
	switch {
	case e.state != "":
		w.does(e.agent, e.state)
	case e.presence != "":
		w.choose(e.agent, e.presence)
	default:
		w.fault(e)
	}
}

func (w *world) fault(e event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	one := fmt.Sprintf("user-%d", e.agent)
	only := func(user string) bool { return user == one }
	w.lose, w.silent, w.down, w.sourceErr, w.refuse, w.hides = nil, nil, nil, nil, nil, nil
	switch e.fault {
	case "lost writes":
		w.lose = only
	case "silent writes":
		w.silent = only
	case "lost events":
		w.hides = func(agent string) bool { return agent == fmt.Sprint(1000+e.agent) }
	case "takeover":
		if w.takeover != nil {
			w.takeover()
		}
	case "writes fail":
		w.down = failure(platform.ReasonServerError)
	case "source fails":
		w.sourceErr = failure(platform.ReasonServerError)
	case "one refused":
		w.refuse = func(user, _ string) error {
			if user == one {
				return refusal(platform.RefusedBusy)
			}
			return nil
		}
	}
}

// withOffline is the configuration of the tests, or one that sets agents offline who left the source.
func withOffline(rule bool) SyncConfig {
	c := syncConfig()
	if rule {
		c.Rules[6] = Rule{State: platform.AgentOffline, Presence: "Offline"}
	}
	return c
}

// leaves reports whether an agent ever logs off the source.
func leaves(events []event, agent int) bool {
	return slices.ContainsFunc(events, func(e event) bool { return e.agent == agent && e.state == platform.AgentOffline })
}

// changesOf counts changes of the source by agent.
func changesOf(events []event) map[int]int {
	n := map[int]int{}
	for _, e := range events {
		if e.state != "" {
			n[e.agent]++
		}
	}
	return n
}

// processes runs syncs of a world that share a memory. A takeover stops the writer for a while.
func processes(t *testing.T, w *world, n int, config SyncConfig, change func(*syncer)) (all []*Pair) {
	shared := &sharedState{records: map[string][]byte{}}
	stopped := make([]sync.Mutex, n+1) // of each process; they are numbered from 1
	for i := range n {
		all = append(all, syncing(t, w, config, func(s *syncer) {
			s.keeper = stopping{&sharedMemory{sharedState: shared, me: i + 1}, &stopped[i+1]}
			change(s)
		}))
	}
	w.takeover = func() {
		shared.mu.Lock()
		writer := &stopped[shared.holder]
		shared.mu.Unlock()
		if writer.TryLock() {
			time.AfterFunc(30*time.Second, writer.Unlock)
		}
	}
	return all
}

// TestConverges: whatever happened, once all is quiet and everything works again no agent is double-booked, and an agent who is free on
// the source has what was before; no presence is raised from offline, and the number of writes is bounded.
func TestConverges(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		events := histories(false).Draw(r, "events")
		config := withOffline(rapid.Bool().Draw(r, "offline rule"))
		interval := time.Duration(rapid.SampledFrom([]int{0, 60}).Draw(r, "seconds between reads of the target")) * time.Second
		n := rapid.SampledFrom([]int{1, 1, 2}).Draw(r, "processes")
		var wrong []string
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(4)
			all := processes(t, w, n, config, func(s *syncer) {
				s.writer = &witness{client{w, "a"}, s.target.Persons().Roster, &wrong}
				s.target.(*reader).interval = interval
			})
			<-time.After(time.Minute)
			for _, e := range events {
				w.happen(e)
			}
			w.fault(event{fault: "none"})
			<-time.After(20 * time.Minute) // the loop guard has forgotten, and definitions are not needed
			for i := range 4 {
				state, shown := w.agents[fmt.Sprint(1000+i)].State, w.shows(i)
				want := map[platform.AgentState]string{
					platform.AgentEngaged: "cxone", platform.AgentAfterContactWork: "cxone", platform.AgentNotResponding: "away",
					platform.AgentUnavailable: "away", platform.AgentReady: "on_queue",
				}[state]
				if shown == "offline" && leaves(events, i) { // only the agent logs in
					continue
				}
				user := fmt.Sprintf("user-%d", i)
				failed := slices.ContainsFunc(all, func(p *Pair) bool { return p.sync.failed[user] != "" })
				if want != "" && shown != want && !failed {
					wrong = append(wrong, fmt.Sprintf("agent %d is %s on the source and %s on the target, want %s; remembered %+v", i, state, shown, want, all[0].sync.records[user]))
				}
			}
		})
		for _, what := range wrong {
			r.Error(what)
		}
	})
}

// TestPersonsChoose: what a person chose after a write stands until the state of the source asks for something else, no agent is raised
// from offline, and there is no ping-pong.
func TestPersonsChoose(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		events := histories(true).Draw(r, "events")
		config := withOffline(rapid.Bool().Draw(r, "offline rule"))
		interval := time.Duration(rapid.SampledFrom([]int{0, 60}).Draw(r, "seconds between reads of the target")) * time.Second
		var wrong []string
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(4)
			syncing(t, w, config, func(s *syncer) {
				s.writer = &witness{client{w, "a"}, s.target.Persons().Roster, &wrong}
				s.target.(*reader).interval = interval
			})
			<-time.After(time.Minute)
			for _, e := range events {
				if e.fault == "" {
					w.happen(e)
				}
			}
			<-time.After(10 * time.Minute)
			changes, writes := changesOf(events), map[string]int{}
			choices := 0
			for _, e := range events {
				if e.presence != "" {
					choices++
				}
			}
			for _, one := range w.written() {
				writes[one.user]++
			}
			for i := range 4 {
				if n, most := writes[fmt.Sprintf("user-%d", i)], 2*changes[i]+2*choices+2; n > most {
					wrong = append(wrong, fmt.Sprintf("agent %d: %d writes for %d changes and %d choices", i, n, changes[i], choices))
				}
			}
		})
		for _, what := range wrong {
			r.Error(what)
		}
	})
}

// witness is a client that looks at what it is asked to write over.
type witness struct {
	client
	seen  func() *platform.Roster // of the target
	wrong *[]string
}

func (c *witness) WriteMany(ctx context.Context, changes []platform.PresenceChange) ([]platform.PresenceWritten, error) {
	for _, change := range changes {
		c.look(change)
	}
	return c.client.WriteMany(ctx, changes)
}

func (c *witness) WriteOne(ctx context.Context, change platform.PresenceChange) (platform.PresenceWritten, error) {
	c.look(change)
	return c.client.WriteOne(ctx, change)
}

func (c *witness) look(change platform.PresenceChange) {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	if c.seen().Activities[change.Person].System == systemOffline && systemOf(change.Definition) != systemOffline && !c.w.gaveUp[change.Person] {
		*c.wrong = append(*c.wrong, fmt.Sprintf("%s is raised from offline to %s", change.Person, change.Definition))
	}
	chose, wrote, changed := c.w.chosen[change.Person], c.w.wrote[change.Person], c.w.changed[change.Person]
	u := c.w.users[change.Person]
	own := u.System != systemIdle && u.System != systemOffline
	if !wrote.IsZero() && own && chose.After(wrote.Add(settled)) && changed.Before(wrote) {
		*c.wrong = append(*c.wrong, fmt.Sprintf("%s gets %s over the choice of %s, %v later", change.Person, change.Definition, u.Definition, time.Since(chose)))
	}
}
