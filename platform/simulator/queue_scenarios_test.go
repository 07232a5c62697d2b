package simulator

import (
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"
)

func TestQueueStalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{})
		c, skills := loggedOn(t, w, emea), loggedOn(t, w, us)
		first := w.Queues(emea)[stalledQueue]
		active := func() int {
			reported := observe(t, c, w.Queues(emea))
			return total(reported, first.ID+" voice oInteracting") + total(reported, first.ID+" voice oAlerting")
		}
		for range 3 {
			if err := w.SetScenario(queueStalled); err != nil {
				t.Fatal(err)
			}
			<-time.After(20 * time.Second)
			reported := observe(t, c, w.Queues(emea))
			waiting, ready := total(reported, first.ID+" voice oWaiting"), reported[first.ID+"  oUserRoutingStatuses IDLE"]
			if active() != 0 || waiting == 0 || ready == 0 || reported[first.ID+" voice oLongestWaiting"] < 15_000 {
				t.Errorf("%s: %d active, %d wait, %d ready: %v", first.Name, active(), waiting, ready, reported)
			}
			if others := total(reported, "oInteracting"); others < 10 {
				t.Errorf("%d contacts are active in the other queues", others)
			}
			row := items(t, skills.ok(services+"/skills/activity"), "skillActivity")[stalledSkill]
			if row["contactsActive"] != 0.0 || row["queueCount"].(float64) < 3 || row["agentsAvailable"] == 0.0 || row["earliestQueueTime"] == nil {
				t.Errorf("skill: %v", row)
			}
			if n := len(items(t, skills.ok(services+fmt.Sprintf("/contacts/active?skillId=%v", row["skillId"])), "activeContacts")); n != int(row["queueCount"].(float64)) {
				t.Errorf("%d contacts of the skill, want the %v that wait", n, row["queueCount"])
			}
			if err := w.SetScenario(calm); err != nil {
				t.Fatal(err)
			}
			<-time.After(10 * time.Second)
			if active() == 0 {
				t.Error("no contact is served after the stall")
			}
			<-time.After(10 * time.Minute)
		}
		noViolations(t, w)
	})
}

// TestAggregates compares the day's figures of the queues with the daily curve and the targets.
func TestAggregates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 2000})
		c := loggedOn(t, w, emea)
		<-time.After(2*time.Hour + 10*time.Minute)
		ask := func(from, to, more string) []obj {
			r := c.do("POST", aggregates, fmt.Sprintf(`{"interval":"%s/%s","groupBy":["queueId","mediaType"],
				"metrics":["nOffered","nConnected","oServiceLevel","tWait","tAnswered","tAbandon","tHandle","tAcw"]%s}`, from, to, more))
			if r.status != 200 {
				t.Fatalf("aggregates = %d %s", r.status, r.body)
			}
			return items(t, r.json(t), "results")
		}
		yesterday := sum(t, ask("1999-12-31T00:00:00.000Z", "2000-01-01T00:00:00.000Z", ""))
		today := sum(t, ask("2000-01-01T00:00:00", "2000-01-02T00:00:00", ""))
		halves := sum(t, ask("2000-01-01T00:00:00Z", "2000-01-02T00:00:00Z", `,"granularity":"PT30M"`))
		if yesterday["nOffered count"] < 5*today["nOffered count"] || today["nOffered count"] < 1000 {
			t.Errorf("%v contacts yesterday, %v in two hours", yesterday["nOffered count"], today["nOffered count"])
		}
		for name, day := range map[string]map[string]float64{"yesterday": yesterday, "today": today} {
			answered, abandoned := day["tAnswered count"], day["tAbandon count"]
			ratio := day["oServiceLevel numerator"] / day["oServiceLevel denominator"]
			if ratio < 0.5 || ratio > 0.99 || abandoned/answered < 0.005 || abandoned/answered > 0.2 ||
				day["oServiceLevel denominator"] != answered+abandoned || day["nConnected count"] != answered {
				t.Errorf("%s: service level %.2f, %v answered, %v abandoned", name, ratio, answered, abandoned)
			}
			if mean := day["tHandle sum"] / day["tHandle count"]; mean < 60_000 || mean > 600_000 {
				t.Errorf("%s: contacts last %.0f ms", name, mean)
			}
			if day["tAcw count"] != 0 {
				t.Errorf("%s has figures of what is not simulated", name)
			}
		}
		for key, n := range today {
			if math.Abs(halves[key]-n) > n/1000 && key != "oServiceLevel ratio" && key != "oServiceLevel target" && key[len(key)-2:] != "in" && key[len(key)-2:] != "ax" {
				t.Errorf("%s is %v in all, %v in half hours", key, n, halves[key])
			}
		}
		noViolations(t, w)
	})
}

// sum adds up the stats of all groups.
func sum(t *testing.T, results []obj) map[string]float64 {
	t.Helper()
	sums := map[string]float64{}
	for _, r := range results {
		for _, d := range items(t, r, "data") {
			for _, m := range items(t, d, "metrics") {
				for key, value := range m["stats"].(map[string]any) {
					sums[fmt.Sprint(m["metric"], " ", key)] += value.(float64)
				}
			}
		}
	}
	return sums
}
