package webhook

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
)

// startScenes serves a hook of each kind for account us and one for account eu.
func startScenes(t *testing.T) *Receiver {
	t.Helper()
	secret := file(t, token)
	return newReceiver(t, t.Output(),
		fmt.Sprintf("{name: voice, kind: voice_quality, account: us, labels: [skill, location_country], label_values: 2, bearer: {file: %q}}", secret),
		fmt.Sprintf("{name: script, kind: script_api, account: us, bearer: {file: %q}}", secret),
		fmt.Sprintf("{name: plain, kind: voice_quality, account: eu, labels: [], bearer: {file: %q}}", secret),
	)
}

func send(t *testing.T, r *Receiver, hook, body string) {
	t.Helper()
	request := httptest.NewRequest(http.MethodPost, "/webhook/"+hook, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+token)
	if got := serve(r, request).Code; got != 200 {
		t.Errorf("%s to %s = %d, want 200", body, hook, got)
	}
}

// TestPage compares what is exported after a few events.
func TestPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startScenes(t)
		now := time.Now().UTC()
		at := func(ago time.Duration) string { return now.Add(-ago).Format(time.RFC3339) }
		event := func(id int, skill, country string, mos float64, ago time.Duration) string {
			return fmt.Sprintf(`{"ContactId":%d,"SkillName":%q,"LocationCountry":%q,"AvgMos":%v,"EndDateTime":%q}`, id, skill, country, mos, at(ago))
		}
		send(t, r, "voice", event(1, "Billing", "England", 3.6, time.Minute))
		send(t, r, "voice", event(1, "Billing", "England", 3.6, time.Minute)) // again
		send(t, r, "voice", event(2, "Billing", "", 3.7, 2*time.Minute))      // late
		send(t, r, "voice", "["+event(3, "Support", "England", 9, time.Hour)+", 7]")
		send(t, r, "voice", event(4, "Claims", "England", 2, time.Hour)) // a third skill
		send(t, r, "script", string(sample(t, "script.json")))
		synctest.Wait()
		want := fmt.Sprintf(`
# HELP ccaas_script_api_requests_total Calls of an API by a script, by class of the answer's status. From the script-API webhook; labels that are not chosen in the configuration are empty.
# TYPE ccaas_script_api_requests_total counter
ccaas_script_api_requests_total{action="",code_class="2xx",host="callbackurl.com",script="sub_webservice"} 1
ccaas_script_api_requests_total{action="",code_class="3xx",host="callbackurl.com",script="sub_webservice"} 0
ccaas_script_api_requests_total{action="",code_class="4xx",host="callbackurl.com",script="sub_webservice"} 0
ccaas_script_api_requests_total{action="",code_class="5xx",host="callbackurl.com",script="sub_webservice"} 0
ccaas_script_api_requests_total{action="",code_class="other",host="callbackurl.com",script="sub_webservice"} 0
# HELP ccaas_webhook_broken_events_total Parts of acknowledged requests that are no events of the hook's kind.
# TYPE ccaas_webhook_broken_events_total counter
ccaas_webhook_broken_events_total{hook="script",kind="script_api"} 0
ccaas_webhook_broken_events_total{hook="voice",kind="voice_quality"} 1
# HELP ccaas_webhook_duplicates_total Events that had been counted before, by their ids and times or by the signature of their request, and were not counted again.
# TYPE ccaas_webhook_duplicates_total counter
ccaas_webhook_duplicates_total{hook="script",kind="script_api"} 0
ccaas_webhook_duplicates_total{hook="voice",kind="voice_quality"} 1
# HELP ccaas_webhook_events_total Events of authenticated requests that were counted: without duplicates.
# TYPE ccaas_webhook_events_total counter
ccaas_webhook_events_total{hook="script",kind="script_api"} 1
ccaas_webhook_events_total{hook="voice",kind="voice_quality"} 4
# HELP ccaas_webhook_last_event_timestamp_seconds Latest time of a counted event, at most the time at which it arrived, as Unix time. Absent before the first.
# TYPE ccaas_webhook_last_event_timestamp_seconds gauge
ccaas_webhook_last_event_timestamp_seconds{hook="script",kind="script_api"} %[1]d
ccaas_webhook_last_event_timestamp_seconds{hook="voice",kind="voice_quality"} %[2]d
# HELP ccaas_webhook_queued_events Events that are acknowledged and not counted yet.
# TYPE ccaas_webhook_queued_events gauge
ccaas_webhook_queued_events{hook="script"} 0
ccaas_webhook_queued_events{hook="voice"} 0
# HELP ccaas_webhook_refused_connections_total Connections to the webhook listener that were closed at once, by the limit that they would have exceeded.
# TYPE ccaas_webhook_refused_connections_total counter
ccaas_webhook_refused_connections_total{reason="max_connections"} 0
ccaas_webhook_refused_connections_total{reason="max_connections_per_source"} 0
# HELP ccaas_webhook_stray_requests_total Requests to the webhook listener for which there is no hook.
# TYPE ccaas_webhook_stray_requests_total counter
ccaas_webhook_stray_requests_total 0
`, min(time.Date(2023, 4, 21, 11, 20, 20, 0, time.UTC).Unix(), now.Unix()), now.Add(-time.Minute).Unix())
		if err := testutil.CollectAndCompare(page{r, "us"}, strings.NewReader(want),
			"ccaas_script_api_requests_total", "ccaas_webhook_broken_events_total", "ccaas_webhook_duplicates_total", "ccaas_webhook_events_total",
			"ccaas_webhook_last_event_timestamp_seconds", "ccaas_webhook_queued_events", "ccaas_webhook_refused_connections_total", "ccaas_webhook_stray_requests_total"); err != nil {
			t.Error(err)
		}
	})
}

// TestVoiceHistograms reads a score at the bound of its bucket, by labels: chosen, not sent, beyond the limit, not chosen.
func TestVoiceHistograms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startScenes(t)
		for i, event := range []string{
			`"SkillName":"Billing","LocationCountry":"England","AvgMos":3.6`, `"SkillName":"Billing","AvgMos":3.7`,
			`"SkillName":"Support","LocationCountry":"England","AvgMos":null`, `"SkillName":"Claims","LocationCountry":"England","AvgMos":2`,
		} {
			send(t, r, "voice", fmt.Sprintf(`{"ContactId":%d,%s}`, i+1, event))
		}
		synctest.Wait()
		mos := gather(t, page{r, "us"})["ccaas_voice_mos"]
		got := map[string]uint64{}
		for _, m := range mos.GetMetric() {
			if m.GetHistogram().GetSchema() == 0 || len(m.GetHistogram().GetPositiveSpan()) == 0 {
				t.Errorf("%v is no native histogram", m.GetLabel())
			}
			key := label(m, "skill") + "/" + label(m, "location_country") + "/" + label(m, "team")
			for _, b := range m.GetHistogram().GetBucket() {
				if b.GetUpperBound() == 3.6 {
					got[key] = b.GetCumulativeCount()
				}
			}
		}
		if diff := cmp.Diff(map[string]uint64{"Billing/England/": 1, "Billing/unknown/": 0, "other/England/": 1}, got); diff != "" {
			t.Errorf("calls of MOS 3.6 or less by skill/country/team (-want +got):\n%s", diff)
		}
	})
}

// page is what is exported for one account.
type page struct {
	receiver *Receiver
	account  string
}

func (page) Describe(chan<- *prometheus.Desc) {}

func (p page) Collect(ch chan<- prometheus.Metric) {
	p.receiver.Metrics(p.account).Collect(ch)
	p.receiver.Global().Collect(ch)
}

func label(m *dto.Metric, name string) string {
	for _, pair := range m.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return "no label " + name
}

func gather(t *testing.T, p page) map[string]*dto.MetricFamily {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(p)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*dto.MetricFamily{}
	for _, f := range families {
		byName[f.GetName()] = f
	}
	return byName
}

// TestFamilies holds the list of families against the page.
func TestFamilies(t *testing.T) {
	r := startScenes(t)
	for _, hook := range r.hooks {
		send(t, r, hook.config.Name, map[Kind]string{
			VoiceQuality: `{"ContactId":1,"AvgRFactor":80,"CallScore":4,"AvgBitrate":64,"Ringtime":3,"AvgMos":4,"AvgJitter":1,"AvgPktLoss":1,"AvgRtt":1,"CallSetupTime":1,"StartDateTime":"2024-03-26T13:57:41Z","EndDateTime":"2024-03-26T13:57:47Z"}`,
			ScriptAPI:    string(sample(t, "script.json")),
		}[hook.config.Kind])
	}
	drained := r.config
	drained.Hooks = slices.Clone(r.config.Hooks)
	for i := range drained.Hooks {
		drained.Hooks[i].QueueSize++ // another hook: the one before counts all that it has
	}
	if err := r.Apply(drained); err != nil {
		t.Fatal(err)
	}
	families := gather(t, page{r, "us"})
	listed := map[string]string{}
	for _, f := range Families() {
		listed[f.Name] = string(f.Type) + " " + strings.Join(slices.Sorted(slices.Values(f.Labels)), ",") + " " + f.Help
	}
	exported := map[string]string{}
	for name, f := range families {
		var names []string
		for _, pair := range f.GetMetric()[0].GetLabel() {
			names = append(names, pair.GetName())
		}
		exported[name] = strings.ToLower(f.GetType().String()) + " " + strings.Join(slices.Sorted(slices.Values(names)), ",") + " " + f.GetHelp()
	}
	if diff := cmp.Diff(listed, exported); diff != "" {
		t.Errorf("Families() and the page differ (-listed +exported):\n%s", diff)
	}
	problems, err := testutil.CollectAndLint(page{r, "us"})
	if err != nil || len(problems) > 0 {
		t.Errorf("lint: %v %v", problems, err)
	}
}

// TestMetrics asks for the metrics of accounts with hooks and without.
func TestMetrics(t *testing.T) {
	r := startScenes(t)
	for account, want := range map[string][]string{"us": {"script", "voice"}, "eu": {"plain"}, "emea": nil} {
		var got []string
		for _, m := range gather(t, page{r, account})["ccaas_webhook_queued_events"].GetMetric() {
			got = append(got, label(m, "hook"))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("hooks of %s (-want +got):\n%s", account, diff)
		}
	}
	if set := r.Metrics("emea"); set != nil {
		t.Errorf("Metrics(emea) = %v, want nil", set)
	}
}

func TestLabelCaps(t *testing.T) {
	var c caps
	for i, tc := range []struct{ in, want labels }{
		{labels{"a", "x"}, labels{"a", "x"}},
		{labels{"b", "x"}, labels{"b", "x"}},
		{labels{"c", "x"}, labels{"other", "x"}},           // two values of a label
		{labels{"unknown", "y"}, labels{"other", "other"}}, // three sets
		{labels{"a", "x"}, labels{"a", "x"}},
		{labels{"c", "z"}, labels{"other", "other"}},
		{labels{}, labels{}},
	} {
		if got, _ := c.bound(tc.in, 2, 3); got != tc.want {
			t.Errorf("%d: bound(%v) = %v, want %v", i, tc.in, got, tc.want)
		}
	}
}

func TestSeen(t *testing.T) {
	start := time.Now()
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	name := func(i int) sum { return sum{byte(i), byte(i >> 8)} }
	t.Run("life", func(t *testing.T) {
		s := newSeen(10*time.Minute, 100, false)
		s.add(name(1), at(0))
		s.add(name(2), at(9))
		for _, tc := range []struct {
			i, minute int
			isNew     bool
		}{{1, 9, false}, {1, 10, false}, {2, 18, false}, {2, 19, false}, {1, 20, true}, {2, 29, true}, {2, 60, true}} {
			if isNew, room := s.add(name(tc.i), at(tc.minute)); isNew != tc.isNew || !room {
				t.Errorf("%d at minute %d is new: %v, want %v", tc.i, tc.minute, isNew, tc.isNew)
			}
		}
	})
	t.Run("full", func(t *testing.T) {
		keeps, forgets := newSeen(time.Hour, 10, false), newSeen(time.Hour, 10, true)
		for i := range 25 {
			if _, room := keeps.add(name(i), at(0)); room != (i < 10) {
				t.Errorf("room for %d: %v", i, room)
			}
			if _, room := forgets.add(name(i), at(0)); !room {
				t.Errorf("one that forgets has no room for %d", i)
			}
		}
		if n := len(forgets.young) + len(forgets.old); n > 20 {
			t.Errorf("%d are remembered, want 20 at most", n)
		}
		if isNew, _ := forgets.add(name(24), at(0)); isNew {
			t.Error("the last one is forgotten")
		}
		if isNew, _ := forgets.add(name(0), at(0)); !isNew {
			t.Error("the first one is remembered")
		}
		keeps.forget(name(3))
		if isNew, room := keeps.add(name(3), at(0)); !isNew || !room {
			t.Error("what was taken back is still there")
		}
	})
}
