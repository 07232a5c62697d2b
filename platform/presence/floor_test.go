package presence_test

import (
	"sync"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/presence"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// floor is a few agents who do nothing of their own accord: each is On Queue in emea and available in us, and no other agent is matched.
type floor struct {
	rig
	emea, us []simulator.Person
}

// staffed starts a world with so many agents at work, and a sync between its platforms.
func staffed(t *testing.T, n int, change func(*simulator.World, *presence.Options)) floor {
	t.Helper()
	w := simulatedAgents(t, "calm", max(12, n))
	f := floor{emea: w.Persons("emea")[:n], us: w.Persons("us")[:n]}
	f.w = w
	agents := f.ready(t)
	f.rig = kept(t, w, func(o *presence.Options) {
		o.Config.Match, o.Config.Agents = nil, agents
		if change != nil {
			change(w, o)
		}
	})
	until(t, "both sides are read", func() bool {
		return f.rig.emea.Persons().Roster() != nil && f.rig.us.Persons().Roster() != nil
	})
	f.passes(t, 2)
	return f
}

// ready lets all agents go to work, and returns who is the same in us and emea.
func (f floor) ready(t *testing.T) (agents map[string]string) {
	t.Helper()
	agents = map[string]string{}
	for i := range f.us {
		agents[f.us[i].ID] = f.emea[i].ID
		f.onEmea(t, i, simulator.LogIn, simulator.GoOnQueue)
		f.onUS(t, i, simulator.LogIn, simulator.BeAvailable)
	}
	return agents
}

func (f floor) onEmea(t *testing.T, i int, actions ...simulator.Action) {
	t.Helper()
	for _, a := range actions {
		if err := f.w.Act("emea", f.emea[i].ID, a); err != nil {
			t.Error(err)
		}
	}
}

func (f floor) onUS(t *testing.T, i int, actions ...simulator.Action) {
	t.Helper()
	for _, a := range actions {
		if err := f.w.Act("us", f.us[i].ID, a); err != nil {
			t.Error(err)
		}
	}
}

// contacts puts all agents on a contact of us.
func (f floor) contacts(t *testing.T) {
	t.Helper()
	for i := range f.us {
		f.onUS(t, i, simulator.TakeContact)
	}
}

// passes waits until the sync has read the source n times more, and so has decided at least n-1 times.
func (f floor) passes(t *testing.T, n int) {
	t.Helper()
	for range n {
		before := f.rig.us.Persons().Roster().Read
		until(t, "the source is read again", func() bool { return f.rig.us.Persons().Roster().Read.After(before) })
	}
}

// shows counts the agents of the floor who have a system presence in emea, as last read.
func (f floor) shows(system string) (n int) {
	roster := f.rig.emea.Persons().Roster()
	for _, p := range f.emea {
		if roster.Activities[p.ID].System == system {
			n++
		}
	}
	return n
}

// asked counts the writes that reached the platform, of one agent.
func (f floor) asked(i int) (n int) {
	for _, one := range f.w.Writes("emea") {
		if one.User == f.emea[i].ID {
			n++
		}
	}
	return n
}

// soon is a time that has passed after a few looks.
const soon = 300 * time.Millisecond

// TestAgainstSimulator runs both clients and the sync between them against simulated platforms, over real sockets: all rows side by
// side, however few processors there are, because they wait most of the time.
func TestAgainstSimulator(t *testing.T) {
	t.Parallel()
	var running sync.WaitGroup
	for group, tests := range map[string]map[string]func(t *testing.T){
		"batch": batchStatuses(), "one of a batch": oneOfABatch(), "single": singleStatuses(), "refusal": refusals(), "lost source": lostSources(),
	} {
		for name, test := range tests {
			running.Go(func() { t.Run(group+"/"+name, test) })
		}
	}
	running.Wait()
}
