package presence

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// TestCompare looks at one agent who is On Queue since an hour and took a contact on the source at noon. The source is read every few
// seconds and the target each minute: until the target has been read, the agent may have left the queue.
func TestCompare(t *testing.T) {
	here := platform.Activity{State: platform.AgentEngaged, Since: noon}
	there := platform.Activity{Definition: "on_queue", System: systemOnQueue, State: platform.AgentReady, Modified: noon.Add(-time.Hour)}
	m := matching{Targets: map[string]string{"1": "a"}, Counts: map[MatchKind]int{Matched: 1}}
	booked := disagreement{platform.AgentEngaged, platform.AgentReady}
	undated, undatedThere := here, there
	undated.Since, undatedThere.Modified = time.Time{}, time.Time{}
	for name, tc := range map[string]struct {
		here, there                platform.Activity
		sourceRead, targetRead, at time.Duration // after noon
		want                       int
		oldest                     time.Duration
	}{
		"the target was read before":         {here, there, 50 * time.Second, -5 * time.Second, 50 * time.Second, 0, 0},
		"the target was read a moment after": {here, there, 50 * time.Second, 10 * time.Second, 50 * time.Second, 0, 0},
		"both were read after":               {here, there, 50 * time.Second, 11 * time.Second, 50 * time.Second, 1, 0},
		"the source was read before":         {here, there, 5 * time.Second, 50 * time.Second, 50 * time.Second, 0, 0},
		"no times, seen for the first time":  {undated, undatedThere, 50 * time.Second, 50 * time.Second, 50 * time.Second, 0, 0},
		"off queue":                          {here, has("busy", platform.AgentUnavailable), 50 * time.Second, 50 * time.Second, 50 * time.Second, 0, 0},
	} {
		source := &platform.Roster{Activities: map[string]platform.Activity{"1": tc.here}, Read: noon.Add(tc.sourceRead)}
		target := &platform.Roster{Activities: map[string]platform.Activity{"a": tc.there}, Read: noon.Add(tc.targetRead)}
		differ := func(_ string, here, there platform.Activity) bool { return builtIn().differs(record{}, here, there) }
		got := newComparer().compare(m, source, target, differ, noon.Add(tc.at))
		want := comparison{Matches: m.Counts, Disagreements: map[disagreement]int{}, DoubleBooked: tc.want}
		if tc.want > 0 {
			want.Disagreements[booked], want.Oldest = tc.want, noon.Add(tc.oldest)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestCompareAgain: without times of the platforms a contradiction begins when it is first seen, and what was seen once stays at 0.
func TestCompareAgain(t *testing.T) {
	m := matching{Targets: map[string]string{"1": "a"}}
	c := newComparer()
	booked := disagreement{platform.AgentEngaged, platform.AgentReady}
	at := func(after time.Duration, state platform.AgentState) comparison {
		now := noon.Add(after)
		source := &platform.Roster{Activities: map[string]platform.Activity{"1": {State: state}}, Read: now}
		target := &platform.Roster{Activities: map[string]platform.Activity{"a": {Definition: "on_queue", System: systemOnQueue, State: platform.AgentReady}}, Read: now}
		return c.compare(m, source, target, func(string, platform.Activity, platform.Activity) bool { return false }, now)
	}
	for _, step := range []struct {
		after time.Duration
		state platform.AgentState
		want  map[disagreement]int
	}{
		{0, platform.AgentEngaged, map[disagreement]int{}},
		{10 * time.Second, platform.AgentEngaged, map[disagreement]int{}},
		{11 * time.Second, platform.AgentEngaged, map[disagreement]int{booked: 1}},
		{20 * time.Second, platform.AgentReady, map[disagreement]int{booked: 0}},
		{30 * time.Second, platform.AgentEngaged, map[disagreement]int{booked: 0}},
	} {
		if diff := cmp.Diff(step.want, at(step.after, step.state).Disagreements); diff != "" {
			t.Errorf("after %v (-want +got):\n%s", step.after, diff)
		}
	}
}
