package app

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// toyConfig is a third platform: a health feed and a count of agents. All that it takes stands here, and one line in
// toyPlatforms.
type toyConfig struct {
	settings.Account `yaml:",inline"`

	URL   string `yaml:"url"`
	Feeds struct {
		Health settings.Interval `yaml:"health"`
		Agents settings.Interval `yaml:"agents"`
	} `yaml:"feeds"`
}

func (c toyConfig) Validate() []error { return c.Account.Validate(settings.Intervals(c.Feeds)) }

func (c toyConfig) Open(s health.Surroundings) (feed.Source, error) {
	client, err := rest.New(rest.Options{Operations: []string{"ping", "agents"}, Logger: s.Log("toy", c.Name)})
	if err != nil {
		return feed.Source{}, err
	}
	get := func(ctx context.Context, operation string, decode func(rest.Response) error) error {
		return client.Do(ctx, rest.Request{Operation: operation, URL: c.URL + "/" + operation, Anonymous: true}, decode)
	}
	schedule := feed.Schedule{Intervals: settings.Intervals(c.Feeds), MaxAges: c.MaxAges(), Timeout: 10 * time.Second}
	judge := &health.Judge{Operation: "ping", Request: "GET /ping", Slow: time.Minute, MaxAge: schedule.MaxAge(feed.Health)}
	return feed.Source{
		Platform: "toy", Name: c.Name, Cohorts: c.Cohorts.Names(), Metrics: client.Metrics(), Close: client.Close,
		Info: func() feed.Info { return feed.Info{RegionCode: "attic", APIHost: c.URL} },
		Feeds: schedule.Apply(
			feed.Feed{Name: feed.Health, Class: platform.ClassHealth, Poll: func(ctx context.Context) (*platform.Snapshot, error) {
				var answer rest.Response
				err := get(ctx, "ping", func(r rest.Response) error { answer = r; return nil })
				snapshot := judge.Snapshot(answer, err, rest.AuthState{})
				return &snapshot, err
			}},
			feed.Feed{Name: "agents", Class: platform.ClassPresence, Poll: func(ctx context.Context) (*platform.Snapshot, error) {
				var ready int
				err := get(ctx, "agents", rest.JSON(&ready))
				return &platform.Snapshot{Agents: []platform.AgentCount{{State: platform.AgentReady, Count: ready}}}, err
			}},
		),
	}, nil
}

func toyPlatforms() []platformKind {
	return append(platforms(), kindOf[toyConfig](platformKind{key: "toy"}))
}

// TestThirdPlatform registers the toy and sees its metrics.
func TestThirdPlatform(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "7")
	}))
	t.Cleanup(server.Close)
	text := "toy: [{name: attic, url: '" + server.URL + "', cohorts: [kids], feeds: {health: 15s, agents: 30s}}]\n"
	config, err := parseConfig([]byte(text), toyPlatforms())
	if err != nil {
		t.Fatal(err)
	}
	h, _ := startHandler(t, config)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics?account=attic", nil))
	var got []string
	for line := range strings.Lines(w.Body.String()) {
		for _, family := range []string{"ccaas_agents{", "ccaas_platform_status{", "ccaas_region_cohort_info{", "ccaas_feed_up{"} {
			if strings.HasPrefix(line, family) && strings.HasSuffix(line, " 1\n") || strings.HasPrefix(line, "ccaas_agents{") && family == "ccaas_agents{" {
				got = append(got, strings.TrimSpace(line))
			}
		}
	}
	const standard = `platform="toy",region_code="attic"`
	want := []string{
		`ccaas_agents{account="attic",` + standard + `,state="ready"} 7`,
		`ccaas_feed_up{account="attic",feed="agents",` + standard + `} 1`,
		`ccaas_feed_up{account="attic",feed="health",` + standard + `} 1`,
		`ccaas_platform_status{account="attic",plane="control",` + standard + `,status="operational"} 1`,
		`ccaas_platform_status{account="attic",plane="data",` + standard + `,status="unknown"} 1`,
		`ccaas_region_cohort_info{account="attic",cohort="kids",` + standard + `} 1`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics of the third platform (-want +got):\n%s", diff)
	}
}
