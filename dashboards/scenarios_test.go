package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// picture is what the tiles of the first screen show, by tile and legend: colour and word, or the colour of a number.
type picture map[string]map[string]string

// well are the tiles that show nothing bad.
var (
	noTrunk    = map[string]string{"trunks and edges": "green none"}
	noQueue    = map[string]string{"queues": "green none"}
	allRead    = map[string]string{"every account": "green read"}
	reachable  = map[string]string{"americas": "green operational", "emea": "green operational", "us": string(grey) + " not published"}
	allWell    = map[string]string{"americas": "green operational", "emea": "green operational", "us": "green operational"}
	soundsWell = map[string]string{"us": "green"}
)

// screens are what the first screen must show in each scenario of the demo.
var screens = map[string]picture{
	"calm": {
		"Can callers reach us?": reachable, "Trunks and edges down": noTrunk, "Queues stalled": noQueue, "Calls that sound bad": soundsWell,
		"Accounts we cannot read": allRead, "Alerts by severity": {"critical": "green", "warning": "green", "info": "green"},
		"Carrier: answers the platform": {"americas": "green", "emea": "green"}, "Carrier: answers our probes": {"americas": "green", "emea": "green"},
		"Vendor: status page and API": allWell, "Us: edges and login": allWell,
		"Exporters": {"exporters": "green read"}, "Failing feeds": {"feeds": "green"}, "Stale feeds": {"feeds": "green"}, "Streams cut off": {"streams": "green"},
	},
	"trunk-outage": {
		"Can callers reach us?": {"americas": "green operational", "emea": "orange degraded", "us": string(grey) + " not published"},
		"Trunks and edges down": {"emea Carrier North SIP": "red critical", "emea Carrier South SIP": "orange degraded"},
		"Queues stalled":        noQueue, "Accounts we cannot read": allRead,
		"Alerts by severity":            {"critical": "red", "warning": "orange", "info": "green"},
		"Carrier: answers the platform": {"americas": "green", "emea": "red"}, "Carrier: answers our probes": {"americas": "green", "emea": "red"},
	},
	"queue-stalled": {
		"Can callers reach us?": reachable, "Trunks and edges down": noTrunk, "Accounts we cannot read": allRead,
		"Queues stalled": {"us Reservations Phone In A": "red", "emea Sales EN": "red"},
	},
	"auth-broken": {
		"Can callers reach us?":   {"americas": "purple probes only", "emea": "green operational", "us": string(grey) + " not published"},
		"Trunks and edges down":   {"americas trunks and edges": string(grey) + " not read"},
		"Queues stalled":          {"americas queues": string(grey) + " not read", "us queues": string(grey) + " not read"},
		"Accounts we cannot read": {"americas": "red unread", "us": "red unread"},
		"Failing feeds":           {"feeds": "red"}, "Stale feeds": {"feeds": "red"},
	},
	"region-degraded": {
		"Vendor: status page and API": {"americas": "green operational", "emea": "red critical", "us": "green operational"},
	},
	"bad-audio": {
		"Can callers reach us?": reachable, "Trunks and edges down": noTrunk, "Queues stalled": noQueue, "Accounts we cannot read": allRead,
		"Calls that sound bad": {"us": "red"}, "Alerts by severity": {"critical": "green", "warning": "orange", "info": "green"},
	},
}

// rowsOfAlerts are among the rows of the table of alerts: severity, name, account, object and the board that the object leads to.
var rowsOfAlerts = map[string][]string{
	"trunk-outage": {"critical", "CcaasTrunkDown", "emea", "Carrier North SIP", "ccaas-telephony"},
	"bad-audio":    {"warning", "CcaasVoiceQualityLow", "us", "–", "ccaas-telephony"},
}

// sooner is the number of seconds after which a queue is stalled in the test: clocks of the demo run as they do.
const sooner = 90

// seen waits until the first screen shows what it must.
func seen(t *testing.T, server string, want picture) {
	t.Helper()
	eventually(t, func() string {
		got := shown(t, server)
		for title := range got {
			if _, ok := want[title]; !ok {
				delete(got, title)
			}
		}
		return cmp.Diff(want, got)
	})
}

// noGreen waits until no tile of the first screen is green: nothing is known when the exporter is dead.
func noGreen(t *testing.T, server string) {
	t.Helper()
	eventually(t, func() (left string) {
		for title, tiles := range shown(t, server) {
			for legend, text := range tiles {
				if strings.HasPrefix(text, string(green)) {
					left += fmt.Sprintf("%s: %s is %s\n", title, legend, text)
				}
			}
		}
		return left
	})
}

// eventually waits until nothing is wrong.
func eventually(t *testing.T, wrong func() string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		what := wrong()
		if what == "" {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Errorf("after %s there is still (-want +got, of screens):\n%s", within, what)
			return
		}
	}
}

// shown are the tiles of the first screen as Grafana draws them.
func shown(t *testing.T, server string) picture {
	t.Helper()
	all := picture{}
	for _, s := range []section{overviewStrip, overviewWhose, overviewTrust} {
		for _, p := range s.panels {
			v, ok := p.view.(tiles)
			if !ok {
				continue
			}
			all[p.title] = map[string]string{}
			for _, q := range v.queries {
				list, err := fetch(t, server, placed{query{expr: expression(q.expr)}, p.title, true})
				if err != nil {
					t.Fatalf("%s: %v", p.title, err)
				}
				for _, one := range list {
					// A queue is stalled in several channels: which, is a matter of chance.
					all[p.title][legendOf(strings.TrimSuffix(q.name, " {{channel}}"), one.Metric)] = painted(v, q.name, one)
				}
			}
		}
	}
	return all
}

// painted is how a tile shows a value: a word and its colour, or the colour of a number.
func painted(v tiles, name string, one series) string {
	text, _ := one.Value[1].(string)
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return "no number: " + text
	}
	said, colour := v.drawn(name, value, time.Now())
	if slices.ContainsFunc(v.words, func(w word) bool { return w.text == said }) {
		return string(colour) + " " + said
	}
	return string(colour)
}

// legendsFit wants graphs with few series, and timelines with room for their rows.
func legendsFit(t *testing.T, server string) {
	t.Helper()
	const most, line, row, frame = 12, 38, 16, 80 // series, and pixels
	for _, b := range boards {
		for _, s := range b.sections {
			for _, p := range s.panels {
				if p.instant() {
					continue
				}
				n := 0
				for _, q := range p.view.asked() {
					list, err := fetch(t, server, placed{query{expr: expression(q.expr)}, p.title, false})
					if err != nil {
						t.Errorf("%s: %v", p.title, err)
					}
					n += len(list)
				}
				_, isTimeline := p.view.(states)
				if !isTimeline && n > most {
					t.Errorf("%s: %q has %d series, want at most %d", b.uid, p.title, n, most)
				}
				if isTimeline && n*row+frame > max(p.h, 8)*line {
					t.Errorf("%s: %q has %d rows in a height of %d", b.uid, p.title, n, p.h)
				}
			}
		}
	}
}

// labelsShown wants every label of the rows of a table to be a column of it, or to be left out by name: what is neither appears
// as a column at the right.
func labelsShown(t *testing.T, server string) {
	t.Helper()
	for _, b := range boards {
		for _, s := range b.sections {
			for _, p := range s.panels {
				v, ok := p.view.(grid)
				if !ok {
					continue
				}
				known := append([]string{"__name__"}, dropped...)
				for _, c := range v.columns {
					known = append(known, c.label)
				}
				for _, q := range v.asked() {
					list, err := fetch(t, server, placed{query{expr: expression(q.expr)}, p.title, true})
					if err != nil {
						t.Errorf("%s: %v", p.title, err)
					}
					for _, one := range list {
						for label := range one.Metric {
							if !slices.Contains(known, label) {
								t.Fatalf("%s: %q has a label %s that is no column", b.uid, p.title, label)
							}
						}
					}
				}
			}
		}
	}
}

// alerted waits until the table of alerts has a row, with an account chosen.
func alerted(t *testing.T, server, account string, want []string) {
	t.Helper()
	eventually(t, func() string {
		d := &drawing{now: time.Now(), ask: func(expr string) ([]answer, error) {
			return instant(t.Context(), server, strings.ReplaceAll(expression(expr), "$account", account), time.Now())
		}}
		rows, err := d.rows(alertGrid())
		if err != nil {
			return err.Error()
		}
		var all [][]string
		for _, row := range rows {
			severity := fmt.Sprint(row.values[0]) // of a moment at which Prometheus knows half of it
			if i := slices.IndexFunc(severities, func(w word) bool { return float64(w.value) == row.values[0] }); i >= 0 {
				severity = severities[i].text
			}
			all = append(all, []string{severity, row.labels["alertname"], row.labels["account"], row.labels["object"], row.labels["board"]})
		}
		if slices.ContainsFunc(all, func(row []string) bool { return slices.Equal(row, want) }) {
			return ""
		}
		return cmp.Diff([][]string{want}, all)
	})
}

// TestPainted is the model of a tile.
func TestPainted(t *testing.T) {
	v := tiles{words: words{{"none", green, 0}}, limits: above(mark{1, orange}, mark{2, red})}
	var got []string
	for _, value := range []string{"0", "0.5", "1", "7", "NaN", "NaN?"} {
		got = append(got, painted(v, "", series{Value: []any{0, value}}))
	}
	if want := []string{"green none", "green", "orange", "red", "transparent", "no number: NaN?"}; !slices.Equal(got, want) {
		t.Errorf("painted = %q, want %q", got, want)
	}
}
