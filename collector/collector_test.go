package collector

import (
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

var _ Account = (*feed.Account)(nil)

var update = flag.Bool("update", false, "write testdata anew")

// checked gathers from all, and checks every metric, as a scrape does not.
func checked(gatherers ...prometheus.Gatherer) prometheus.Gatherer {
	return prometheus.Gatherers(gatherers)
}

// gatherer returns a gatherer of the metrics of the program itself.
func gatherer(e *Exporter) prometheus.Gatherer {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(e)
	return registry
}

// bodyOf returns what a scrape gets.
func bodyOf(tb testing.TB, gatherer prometheus.Gatherer) string {
	tb.Helper()
	recorder := httptest.NewRecorder()
	handler := promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(slog.NewTextHandler(tb.Output(), nil), slog.LevelError)})
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if recorder.Code != http.StatusOK {
		tb.Fatalf("GET /metrics = %d %s", recorder.Code, recorder.Body)
	}
	body, err := io.ReadAll(recorder.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return string(body)
}

// lines returns the samples of a page whose line begins with one of the prefixes.
func lines(page string, prefixes ...string) (found []string) {
	for line := range strings.Lines(page) {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(line, p) }) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

func TestGolden(t *testing.T) {
	nowhere := genesysState()
	nowhere.Info.RegionCode = ""
	for name, state := range map[string]feed.AccountState{
		"genesys":        genesysState(),
		"cxone":          cxoneState(),
		"region_unknown": nowhere,
		"nothing_known": { // before any feed has ended, of an account without a client
			Platform: "cxone", Account: "new", Info: feed.Info{RegionCode: "eu1"},
			Snapshots: []*platform.Snapshot{{
				Components: []platform.Component{{Name: "api", Plane: platform.ControlPlane, Source: platform.SourceProbe}},
				Trunks:     []platform.Trunk{{Name: "t", Proxies: []platform.Proxy{{Address: "p:5060"}}}},
				Edges: []platform.Edge{{Name: "e", Own: true, Metrics: &platform.EdgeMetrics{
					Disks:      []platform.Disk{{Partition: "/"}},
					Networks:   []platform.Network{{Interface: "eth0"}},
					Subsystems: []platform.Subsystem{{Name: "media"}},
				}}},
				Calls:     []platform.Calls{{Deployment: "cloud"}},
				Queues:    []platform.Queue{{Name: "q", Channels: []platform.QueueChannel{{Channel: platform.ChannelVoice}}}},
				SIPProbes: []platform.SIPProbe{{Target: "t"}},
			}},
			Feeds: []feed.State{{Name: "stream"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, name, bodyOf(t, checked(New(accounts(state), Options{Families: clientFamilies}))))
		})
	}
}

// golden compares a page with its file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".prom")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("page differs (-want +got):\n%s", diff)
	}
}

func TestLint(t *testing.T) {
	exporter := NewExporter()
	exporter.SetReload(true, noon)
	for name, g := range map[string]prometheus.Gatherer{
		"accounts": New(accounts(genesysState(), cxoneState()), Options{}),
		"exporter": gatherer(exporter),
	} {
		problems, err := testutil.GatherAndLint(g)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("%s: %s: %s", name, p.Metric, p.Text)
		}
	}
}

// TestFamilies compares the list with what a page shows: names, types, labels and help, nothing missing or left over.
func TestFamilies(t *testing.T) {
	exporter := NewExporter()
	exporter.SetReload(true, noon)
	gathered, err := checked(New(accounts(genesysState(), cxoneState()), Options{}), gatherer(exporter)).Gather()
	if err != nil {
		t.Fatal(err)
	}
	var got, want []metric.Family
	for _, mf := range gathered {
		f := metric.Family{
			Name: mf.GetName(), Type: metric.Type(strings.ToLower(mf.GetType().String())), Help: mf.GetHelp(),
			Global: strings.HasPrefix(mf.GetName(), "ccaas_exporter_"),
		}
		for _, pair := range mf.GetMetric()[0].GetLabel() {
			if f.Global || !slices.Contains(metric.StandardLabels[:], pair.GetName()) {
				f.Labels = append(f.Labels, pair.GetName())
			}
		}
		got = append(got, f)
	}
	for _, f := range slices.Concat(Families(), clientFamilies) {
		labels := slices.Sorted(slices.Values(f.Labels))
		want = append(want, metric.Family{Name: f.Name, Type: f.Type, Labels: labels, Help: f.Help, Global: f.Global})
	}
	slices.SortFunc(want, func(x, y metric.Family) int { return strings.Compare(x.Name, y.Name) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Families() and the page differ (-listed +exported):\n%s", diff)
	}
}

func TestStateSets(t *testing.T) {
	gathered, err := checked(New(accounts(genesysState(), cxoneState()), Options{})).Gather()
	if err != nil {
		t.Fatal(err)
	}
	sets := 0
	for _, mf := range gathered {
		if !strings.HasSuffix(mf.GetName(), "_status") {
			continue
		}
		series, ones := map[string]int{}, map[string]float64{}
		for _, m := range mf.GetMetric() {
			object := mf.GetName()
			for _, pair := range m.GetLabel() {
				if pair.GetName() != "status" {
					object += " " + pair.GetValue()
				}
			}
			series[object]++
			ones[object] += m.GetGauge().GetValue()
		}
		for object := range series {
			sets++
			if series[object] != len(platform.Statuses) || ones[object] != 1 {
				t.Errorf("%s has %d series that add up to %v, want 4 that add up to 1", object, series[object], ones[object])
			}
		}
	}
	if want := 4 + 4 + 2 + 3; sets != want { // planes, components, trunks, edges
		t.Errorf("%d state sets, want %d", sets, want)
	}
}

func TestOnly(t *testing.T) {
	c := New(accounts(genesysState(), cxoneState()), Options{})
	for name, want := range map[string][]string{
		"us": {`ccaas_account_info{account="us",api_host="api-na1.niceincontact.com",platform="cxone",region_code="na1"} 1`},
		"no": nil,
	} {
		got := lines(bodyOf(t, checked(c.Only(name))), "ccaas_account_info")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Only(%q) differs (-want +got):\n%s", name, diff)
		}
	}
	if got := len(lines(bodyOf(t, checked(c)), "ccaas_account_info")); got != 2 {
		t.Errorf("after Only the whole has %d accounts, want 2", got)
	}
}

// TestConcurrent is for the race detector: scrapes at once, in every format, of metrics that they share, while snapshots
// change.
func TestConcurrent(t *testing.T) {
	a := &changing{state: genesysState()}
	handler := promhttp.HandlerFor(checked(New([]Account{a}, Options{SeriesLimit: 8})), promhttp.HandlerOpts{EnableOpenMetrics: true})
	var group sync.WaitGroup
	for _, format := range []string{"text/plain", "application/openmetrics-text", string(expfmt.NewFormat(expfmt.TypeProtoDelim))} {
		for range 2 {
			group.Go(func() {
				for range 10 {
					request, recorder := httptest.NewRequest(http.MethodGet, "/metrics", nil), httptest.NewRecorder()
					request.Header.Set("Accept", format)
					handler.ServeHTTP(recorder, request)
					got, _, _ := strings.Cut(recorder.Header().Get("Content-Type"), ";")
					want, _, _ := strings.Cut(format, ";")
					if recorder.Code != http.StatusOK || got != want {
						t.Errorf("%s: status %d, %s: %s", format, recorder.Code, got, recorder.Body)
					}
					a.publish(1, *genesysTrunks())
				}
			})
		}
	}
	group.Wait()
}

// changing is an account whose snapshots are replaced.
type changing struct {
	mu    sync.Mutex
	state feed.AccountState
}

func (c *changing) Name() string { return c.state.Account }

func (c *changing) State() feed.AccountState {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.state
	v.Snapshots = slices.Clone(v.Snapshots)
	return v
}

func (c *changing) publish(feed int, snapshot platform.Snapshot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.Snapshots[feed] = &snapshot
}

func TestExporter(t *testing.T) {
	e := NewExporter()
	registry := gatherer(e)
	const reload = "ccaas_exporter_config_last_reload_"
	for _, step := range []struct {
		name string
		do   func()
		want []string
	}{
		{"before the first", func() {}, nil},
		{"refused", func() { e.SetReload(false, noon) }, []string{reload + "successful 0"}},
		{
			"applied", func() { e.SetReload(true, noon) },
			[]string{reload + "success_timestamp_seconds 1.77236640025e+09", reload + "successful 1"},
		},
		{
			"refused again", func() { e.SetReload(false, noon.Add(time.Hour)) },
			[]string{reload + "success_timestamp_seconds 1.77236640025e+09", reload + "successful 0"},
		},
	} {
		step.do()
		if diff := cmp.Diff(step.want, lines(bodyOf(t, registry), reload)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
	if got := len(lines(bodyOf(t, registry), "ccaas_exporter_build_info{")); got != 1 {
		t.Errorf("%d build_info series, want 1", got)
	}
}
