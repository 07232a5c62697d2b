package simulator

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	observations = "/api/v2/analytics/queues/observations/query"
	aggregates   = "/api/v2/analytics/conversations/aggregates/query"
)

// observe asks for all eleven metrics of queues, 200 at a time, and returns them by queue, medium, metric and qualifier.
func observe(t *testing.T, c caller, queues []QueueName) map[string]int {
	t.Helper()
	reported := map[string]int{}
	for chunk := range slices.Chunk(queues, maxPredicates) {
		var predicates []string
		for _, q := range chunk {
			predicates = append(predicates, fmt.Sprintf(`{"type":"dimension","dimension":"queueId","operator":"matches","value":%q}`, q.ID))
		}
		r := c.do("POST", observations, fmt.Sprintf(`{"filter":{"type":"or","predicates":[%s]},"metrics":["%s"]}`,
			strings.Join(predicates, ","), strings.Join(observedMetrics, `","`)))
		if r.status != http.StatusOK {
			t.Fatalf("observations = %d %s", r.status, r.body)
		}
		for _, result := range items(t, r.json(t), "results") {
			group := result["group"].(map[string]any)
			medium, _ := group["mediaType"].(string)
			for _, m := range items(t, result, "data") {
				qualifier, _ := m["qualifier"].(string)
				stats := m["stats"].(map[string]any)
				value, counted := stats["count"].(float64)
				if !counted {
					value = stats["calculatedMetricValue"].(float64)
				} else if value == 0 {
					t.Errorf("%v %v reports a zero", group, m)
				}
				reported[strings.Trim(fmt.Sprint(group["queueId"], " ", medium, " ", m["metric"], " ", qualifier), " ")] = int(value)
			}
		}
	}
	return reported
}

// total sums up what is reported under keys that contain part.
func total(reported map[string]int, part string) (n int) {
	for key, value := range reported {
		if strings.Contains(key, part) {
			n += value
		}
	}
	return n
}

func TestQueueObservations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 2000})
		c := loggedOn(t, w, emea)
		reported := observe(t, c, w.Queues(emea))
		if n := total(reported, "oMemberUsers"); n < 2000 || n > 6000 {
			t.Errorf("%d members in all queues, want agents in about two queues each", n)
		}
		for _, q := range w.Queues(emea) {
			status, on, presence := total(reported, q.ID+"  oUserRoutingStatuses"), total(reported, q.ID+"  oOnQueueUsers"), total(reported, q.ID+"  oUserPresences")
			members, off := reported[q.ID+"  oMemberUsers"], total(reported, q.ID+"  oOffQueueUsers")
			if status != members || presence != members || on+off != members || on != reported[q.ID+"  oUserPresences "+presences[onQueuePresence].id] {
				t.Errorf("%s: %d members, %d by status, %d by presence, %d on and %d off queue", q.Name, members, status, presence, on, off)
			}
			if talking := total(reported, q.ID+" voice oInteracting"); talking > reported[q.ID+"  oUserRoutingStatuses INTERACTING"] {
				t.Errorf("%s: %d calls, %d agents interacting", q.Name, talking, reported[q.ID+"  oUserRoutingStatuses INTERACTING"])
			}
		}
		for _, m := range media {
			if total(reported, m.name+" oInteracting") == 0 {
				t.Errorf("no agent talks by %s", m.name)
			}
		}
		oldest := 0
		for key, value := range reported {
			if strings.HasSuffix(key, " voice oLongestWaiting") {
				oldest = max(oldest, value)
			}
		}
		if wait := time.Duration(oldest) * time.Millisecond; wait <= 0 || wait > 15*time.Minute {
			t.Errorf("the longest wait for a call is %v", wait)
		}
		<-time.After(30 * time.Second)
		if maps.Equal(reported, observe(t, c, w.Queues(emea))) {
			t.Error("nothing has changed in 30 seconds")
		}
		noViolations(t, w)
	})
}

// TestQueuesRepeat asks two worlds of one seed, one often and one once.
func TestQueuesRepeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := made(t, Options{Queues: 30}), made(t, Options{Queues: 30})
		c := loggedOn(t, one, emea)
		for range 20 {
			observe(t, c, one.Queues(emea))
			<-time.After(7 * time.Second)
		}
		if diff := cmp.Diff(observe(t, c, one.Queues(emea)), observe(t, loggedOn(t, two, emea), two.Queues(emea))); diff != "" {
			t.Errorf("asked often, asked once:\n%s", diff)
		}
	})
}

// TestDay compares the calls of a night with those of a morning.
func TestDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the clock of a bubble begins at midnight UTC
		w := made(t, Options{Agents: 2000})
		c := loggedOn(t, w, emea)
		night := total(observe(t, c, w.Queues(emea)), "oInteracting")
		<-time.After(9 * time.Hour)
		if morning := total(observe(t, c, w.Queues(emea)), "oInteracting"); morning < night*3/2 {
			t.Errorf("%d contacts at one in the morning, %d at ten", night, morning)
		}
	})
}

func TestManyQueues(t *testing.T) {
	w := made(t, Options{Queues: maxQueues})
	c := loggedOn(t, w, americas)
	entities := all(t, c, "/api/v2/routing/queues/divisionviews/all", "500")
	seen := map[string]bool{}
	for i, q := range w.Queues(americas) {
		seen[q.Name], seen[q.ID] = true, true
		if entities[i]["id"] != q.ID || entities[i]["name"] != q.Name {
			t.Fatalf("queue %d is %v, want %v", i, entities[i], q)
		}
	}
	if len(seen) != 2*maxQueues {
		t.Errorf("%d different names and ids for %d queues", len(seen), maxQueues)
	}
	reported := observe(t, c, w.Queues(americas))
	if n := len(w.Queues(americas)); total(reported, "oMemberUsers") < 2*n {
		t.Errorf("%d members", total(reported, "oMemberUsers"))
	}
	for key, value := range reported {
		if age := time.Since(time.UnixMilli(int64(value))); strings.HasSuffix(key, "oLongestWaiting") && (age < 0 || age > 24*time.Hour) {
			t.Errorf("%s = %d, want a date", key, value)
		}
	}
	if _, err := NewWorld(Options{Queues: maxQueues + 1}); err == nil {
		t.Error("NewWorld accepts too many queues")
	}
	noViolations(t, w)
}

func TestBadQueueQueries(t *testing.T) {
	w := made(t, Options{})
	c := loggedOn(t, w, emea)
	id := w.Queues(emea)[0].ID
	one := fmt.Sprintf(`{"dimension":"queueId","value":%q}`, id)
	for name, tt := range map[string]struct {
		path, body string
		status     int
		code       string
	}{
		"type missing":     {observations, `{"filter":{"predicates":[` + one + `]},"metrics":["oWaiting"]}`, 400, "invalid.value"},
		"201 predicates":   {observations, `{"filter":{"type":"or","predicates":[` + one + strings.Repeat(","+one, 200) + `]},"metrics":["oWaiting"]}`, 400, "invalid.value"},
		"200 predicates":   {observations, `{"filter":{"type":"or","predicates":[` + one + strings.Repeat(","+one, 199) + `]},"metrics":["oWaiting"]}`, 200, ""},
		"no service level": {observations, `{"filter":{"type":"or","predicates":[` + one + `]},"metrics":["oServiceLevel"]}`, 400, "invalid.value"},
		"no metrics":       {observations, `{"filter":{"type":"or","predicates":[` + one + `]}}`, 400, "invalid.value"},
		"no queue":         {observations, `{"filter":{"type":"or"},"metrics":["oWaiting"]}`, 400, "invalid.value"},
		"dimension":        {observations, `{"filter":{"type":"or","predicates":[{"dimension":"userId","value":"x"}]},"metrics":["oWaiting"]}`, 400, "invalid.value"},
		"field":            {observations, `{"filters":{}}`, 400, "bad.request"},
		"aggregate metric": {aggregates, `{"interval":"2026-03-21T12:00:00Z/2026-03-21T13:00:00Z","metrics":["oWaiting"]}`, 400, "invalid.value"},
		"interval":         {aggregates, `{"interval":"2026-03-21T12:00:00Z","metrics":["nOffered"]}`, 400, "invalid.value"},
		"group":            {aggregates, `{"interval":"2026-03-21T12:00:00Z/2026-03-21T13:00:00Z","metrics":["nOffered"],"groupBy":["ani"]}`, 400, "invalid.value"},
	} {
		before := len(w.Violations())
		r := c.do("POST", tt.path, tt.body)
		code, _ := r.json(t)["code"].(string)
		if r.status != tt.status || code != tt.code || (len(w.Violations()) > before) != (tt.status != 200) {
			t.Errorf("%s: %d %s, %d violations; want %d %s", name, r.status, r.body, len(w.Violations())-before, tt.status, tt.code)
		}
	}
}

// TestQueueFilters asks for one medium of one queue, and for one that the queue has not.
func TestQueueFilters(t *testing.T) {
	w := made(t, Options{})
	c := loggedOn(t, w, emea)
	ask := func(medium string) []obj {
		return items(t, c.do("POST", observations, fmt.Sprintf(`{"filter":{"type":"and","predicates":[
			{"dimension":"queueId","value":%q}],"clauses":[{"type":"or","predicates":[{"dimension":"mediaType","value":%q}]}]},
			"metrics":["oInteracting","oWaiting","oMemberUsers","oAlerting"]}`, w.Queues(emea)[1].ID, medium)).json(t), "results")
	}
	w.orgs[0].queueList.queues[1].stall(true, 0) // three calls wait
	if r := ask("voice"); len(r) != 1 || r[0]["group"].(map[string]any)["mediaType"] != "voice" {
		t.Errorf("voice: %v", r)
	}
	if r := ask("video"); len(r) != 0 {
		t.Errorf("video: %v", r)
	}
}

// TestRush: the curve of the day has its hours, unless it is always the busiest.
func TestRush(t *testing.T) {
	for _, rush := range []bool{false, true} {
		w, err := NewWorld(Options{Rush: rush})
		if err != nil {
			t.Fatal(err)
		}
		queues, busiest := newQueueList(w, "org", 1, 10, time.UTC), 0
		for hour := range 24 {
			if queues.curve(time.Duration(hour)*time.Hour) == 1 {
				busiest++
			}
		}
		if rush != (busiest == 24) {
			t.Errorf("with a rush %t, %d hours are the busiest", rush, busiest)
		}
	}
}
