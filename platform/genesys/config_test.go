package genesys

import (
	"strings"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/health"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

func parse(text string) (c Config, err error) {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	err = decoder.Decode(&c)
	return c, err
}

const minimal = "name: emea\nregion: eu-central-1\nclient_id: id\nclient_secret: canary\n"

func TestConfigDefaults(t *testing.T) {
	c, err := parse(minimal + "feeds: {trunks: 1m, edges: off}\nrate_limit: {burst: 5}\n")
	if err != nil {
		t.Fatal(err)
	}
	if problems := c.Validate(); len(problems) > 0 {
		t.Errorf("Validate() = %v, want none", problems)
	}
	diff(t, "feeds", c.Feeds, FeedIntervals{
		Health: settings.Interval(15 * time.Second), Trunks: settings.Interval(time.Minute), Presence: settings.Interval(30 * time.Second),
		Calls: settings.Interval(time.Minute), Definitions: settings.Interval(time.Hour),
		Queues: settings.Interval(30 * time.Second), ServiceLevel: settings.Interval(5 * time.Minute),
		Events: settings.Interval(5 * time.Minute), Quota: settings.Interval(5 * time.Minute), Credential: settings.Interval(time.Hour),
		Users: settings.Interval(time.Minute),
	})
	diff(t, "stream", c.Stream, StreamConfig{
		Queues: true, Trunks: true, Edges: true, Reconcile: model.Duration(10 * time.Minute), MaxChannels: 1,
	})
	diff(t, "requests per minute", c.RateLimit.RequestsPerMinute, 240.0)
	diff(t, "burst", c.RateLimit.Burst, 5)
	diff(t, "timeout", c.HTTP.Timeout, model.Duration(10*time.Second))

	shown, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(shown), "canary") {
		t.Errorf("the configuration shows its secret:\n%s", shown)
	}
}

func TestConfigStrict(t *testing.T) {
	for text, want := range map[string]string{
		"regoin: x":                   "field regoin not found",
		"feeds: {queue: 1s}":          "field queue not found",
		"feeds: {health: soon}":       `"soon" is no interval`,
		"rate_limit: {per_minute: 1}": "field per_minute not found",
		"http: {time_out: 1s}":        "field time_out not found",
		"max_age: {health: 5}":        "not a valid duration",
	} {
		if _, err := parse(minimal + text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s fails with %v, want %q", text, err, want)
		}
	}
}

const hostOnly = "expected scheme and host only, such as https://api.mypurecloud.de"

// configs are changes to a good configuration, and the problems that they make.
var configs = map[string]struct {
	change func(*Config)
	want   []string
}{
	"domain":                  {func(c *Config) { c.Region = "MyPureCloud.de" }, nil},
	"new domain":              {func(c *Config) { c.Region = "new1.pure.cloud" }, nil},
	"file":                    {func(c *Config) { c.ClientSecret, c.ClientSecretFile = "", "/run/secrets/genesys" }, nil},
	"hosts":                   {func(c *Config) { c.APIURL, c.LoginURL = "http://127.0.0.1:8080", "https://login.example.org/" }, nil},
	"max age":                 {func(c *Config) { c.MaxAge = map[string]model.Duration{"health": model.Duration(time.Minute)} }, nil},
	"unknown region":          {func(c *Config) { c.Region = "eu-central-9" }, []string{`region: "eu-central-9" is neither a known code nor a domain`}},
	"region is a URL":         {func(c *Config) { c.Region = "https://mypurecloud.de/" }, []string{`region: "https://mypurecloud.de/" is neither a known code nor a domain, write "mypurecloud.de"`}},
	"region is a host":        {func(c *Config) { c.Region = "api.mypurecloud.de" }, []string{`region: "api.mypurecloud.de" is neither a known code nor a domain, write "mypurecloud.de"`}},
	"region is a host's URL":  {func(c *Config) { c.Region = "https://apps.euw2.pure.cloud:443/directory" }, []string{`region: "https://apps.euw2.pure.cloud:443/directory" is neither a known code nor a domain, write "euw2.pure.cloud"`}},
	"region with underscores": {func(c *Config) { c.Region = "EU_central_1" }, []string{`region: "EU_central_1" is neither a known code nor a domain, write "eu-central-1"`}},
	"region with a password": {
		func(c *Config) { c.Region = "https://u:canary@127.0.0.1" },
		[]string{"region: the text is neither a known code nor a domain"},
	},
	"empty stream": {
		func(c *Config) {
			c.Stream.Enabled, c.Stream.Queues, c.Stream.Trunks, c.Feeds.Edges = true, false, false, 0
		},
		[]string{"stream.enabled: nothing to carry, expected one of queues, trunks, edges and conversations whose feed is on"},
	},
	"stream without feeds": {
		func(c *Config) { c.Stream.Enabled, c.Feeds.Queues, c.Feeds.Trunks, c.Feeds.Edges = true, 0, 0, 0 },
		[]string{"stream.enabled: nothing to carry, expected one of queues, trunks, edges and conversations whose feed is on"},
	},
	"nothing": {func(c *Config) { *c = DefaultConfig() }, []string{
		"name: missing",
		"region: missing, expected a code such as eu-central-1 or a domain such as mypurecloud.de",
		"client_id: missing",
		"client_secret_file: missing, and no client_secret either",
	}},
	"two secrets": {
		func(c *Config) { c.ClientSecretFile = "/run/secrets/genesys" },
		[]string{"client_secret_file: given together with client_secret, expected exactly one"},
	},
	"bad hosts": {
		func(c *Config) { c.APIURL, c.LoginURL = "https://u:canary@api.example.org", "login.example.org" },
		[]string{"api_url: " + hostOnly, "login_url: " + hostOnly},
	},
	"path":      {func(c *Config) { c.APIURL = "https://api.example.org/api/v2" }, []string{"api_url: " + hostOnly}},
	"not a URL": {func(c *Config) { c.APIURL = "http://canary\x7f" }, []string{"api_url: " + hostOnly}},
	"cohorts": {
		func(c *Config) { c.Cohorts = settings.Cohorts{{Name: "sales"}, {Name: " "}, {Name: "sales"}} },
		[]string{"cohorts[1]: empty", `cohorts[2]: "sales" is listed twice`},
	},
	"rate": {
		func(c *Config) { c.RateLimit.RequestsPerMinute, c.RateLimit.Burst = 400, 0 },
		[]string{"rate_limit.requests_per_minute: 400 is above the platform's limit of 300", "rate_limit.burst: 0 is not positive"},
	},
	"ages": {
		func(c *Config) {
			c.MaxAge = map[string]model.Duration{"trunks": model.Duration(time.Second), "queue": model.Duration(time.Hour)}
		},
		[]string{"max_age.queue: no such feed", "max_age.trunks: 1s is shorter than the feed's interval (30s)"},
	},
	"queues": {
		func(c *Config) { c.Queues = settings.QueueFilter{Include: []string{"Sales*", "[x"}, IDs: []string{""}} },
		[]string{
			`queues.include[1]: "[x" is no pattern, expected a name with * ? [a-z], or an id`, `queues.ids[0]: "" is no id`,
		},
	},
	"stream": {
		func(c *Config) {
			c.Stream.Enabled, c.Stream.Conversations, c.Stream.Reconcile, c.Stream.MaxChannels, c.Feeds.Queues = true, true, 0, 21, 0
		},
		[]string{
			"stream.reconcile: 0s is not positive", "stream.max_channels: 21 is not between 1 and 20",
			"stream.conversations: needs feeds.queues, which is off",
		},
	},
	"http": {func(c *Config) { c.HTTP.Timeout = 0 }, []string{"http.timeout: 0s is not positive"}},
}

func TestValidate(t *testing.T) {
	for name, c := range configs {
		t.Run(name, func(t *testing.T) {
			config, err := parse(minimal)
			if err != nil {
				t.Fatal(err)
			}
			c.change(&config)
			var got []string
			for _, problem := range config.Validate() {
				got = append(got, problem.Error())
			}
			diff(t, "problems", got, c.want)
			if strings.Contains(strings.Join(got, "\n"), "canary") {
				t.Errorf("problems show a secret: %v", got)
			}
			if _, err := config.Open(health.Surroundings{}); (err != nil) != (len(c.want) > 0) {
				t.Errorf("New fails with %v, want an error for %v", err, c.want)
			}
		})
	}
}

func TestRegions(t *testing.T) {
	codes, domains := map[string]bool{}, map[string]bool{}
	for _, r := range regions {
		if codes[r.code] || domains[r.domain] || r.label == "" {
			t.Errorf("%v is there twice or has no label", r)
		}
		codes[r.code], domains[r.domain] = true, true
		for _, name := range []string{r.code, r.domain, strings.ToUpper(r.domain)} {
			if got, ok := regionOf(name); !ok || got != r {
				t.Errorf("regionOf(%q) = %v, %t, want %v", name, got, ok, r)
			}
		}
	}
	if got, _ := regionOf("New1.Pure.Cloud"); got != (region{code: "new1.pure.cloud", domain: "new1.pure.cloud"}) {
		t.Errorf("regionOf of a new domain = %v, want the domain as its code and no label", got)
	}
}

// What a source says without a call.
func TestSource(t *testing.T) {
	config, err := parse(minimal + "cohorts: [sales]\nfeeds: {definitions: off}\nmax_age: {trunks: 2m}\n")
	if err != nil {
		t.Fatal(err)
	}
	source, err := config.Open(health.Surroundings{})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	diff(t, "info", source.Info(), feed.Info{RegionCode: "eu-central-1", APIHost: "api.mypurecloud.de"})
	var calls float64
	ages := map[string]time.Duration{}
	for _, feed := range source.Feeds {
		calls += feed.Calls
		ages[feed.Name] = feed.MaxAge
	}
	diff(t, "ages", ages, map[string]time.Duration{
		"health": 5 * time.Minute, "edges": 5 * time.Minute, "trunks": 2 * time.Minute, "presence": 5 * time.Minute, "calls": 5 * time.Minute,
		"queues": 5 * time.Minute, "service_level": 12*time.Minute + 30*time.Second,
		"events": 12*time.Minute + 30*time.Second, "quota": 12*time.Minute + 30*time.Second, "credential": 150 * time.Minute,
	})
	diff(t, "calls", calls, 13.0)
}
