package cxone

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

const minimal = "name: us\naccess_key_id: KEY\naccess_key_secret_file: /run/secret\n"

// parse reads a configuration strictly.
func parse(text string) (c Config, err error) {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	err = decoder.Decode(&c)
	return c, err
}

func TestDefaults(t *testing.T) {
	got, err := parse(minimal)
	if err != nil {
		t.Fatal(err)
	}
	want := DefaultConfig()
	want.Name, want.AccessKeyID, want.AccessKeySecretFile = "us", "KEY", "/run/secret"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	if problems := got.Validate(); len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
}

// TestPartsKeepTheirDefaults: naming one key of a section leaves the others as they are.
func TestPartsKeepTheirDefaults(t *testing.T) {
	c, err := parse(minimal + "feeds: {agents: off}\nagents: {delta: true}\nmax_age: {calls: 90s}\nhttp: {timeout: 3s}\nrate_limit: {burst: 5}\n")
	if err != nil || len(c.Validate()) > 0 {
		t.Fatal(err, c.Validate())
	}
	if c.Feeds.Agents != 0 || time.Duration(c.Feeds.Health) != 15*time.Second || time.Duration(c.Agents.FullRead) != 5*time.Minute ||
		c.HTTP.MaxBody == 0 || c.RateLimit.RequestsPerMinute != 120 {
		t.Errorf("config = %+v", c)
	}
	s := source(t, c)
	ages := map[string]time.Duration{}
	for _, f := range s.Feeds {
		ages[f.Name] = f.MaxAge
		if f.Timeout != 30*time.Second || f.Calls != 1 {
			t.Errorf("feed %s: timeout %v, calls %v", f.Name, f.Timeout, f.Calls)
		}
	}
	want := map[string]time.Duration{"health": 5 * time.Minute, "queues": 5 * time.Minute, "calls": 90 * time.Second, "capacity": 150 * time.Minute}
	if diff := cmp.Diff(want, ages); diff != "" {
		t.Errorf("feeds (-want +got):\n%s", diff)
	}
}

// TestBadFiles lists problems with their exact text.
func TestBadFiles(t *testing.T) {
	for name, test := range map[string]struct {
		yaml string
		want []string
	}{
		"nothing": {"cohorts: []", []string{
			"name: missing", "access_key_id: missing", "access_key_secret_file: missing, and no access_key_secret either",
		}},
		"two secrets": {minimal + "access_key_secret: abc", []string{
			"access_key_secret_file: given together with access_key_secret, expected exactly one",
		}},
		"password without application": {minimal + "auth: password", []string{
			"client_id: missing, needed for auth: password", "client_secret_file: missing, and no client_secret either",
		}},
		"application without password": {minimal + "client_id: a\nclient_secret: b", []string{
			"client_id: of no use without auth: password", "client_secret: of no use without auth: password",
		}},
		"auth": {minimal + "auth: saml", []string{`auth: "saml" is no way to log in, expected access_key or password`}},
		"hosts": {minimal + "area: na1\nissuer: cxone.niceincontact.com\napi_url: https://user:canary@api.example.org/v1", []string{
			"issuer: expected scheme and host only, such as https://api-na1.niceincontact.com",
			"api_url: expected scheme and host only, such as https://api-na1.niceincontact.com",
		}},
		"token url": {minimal + "token_url: ftp://x/y", []string{
			"token_url: expected a whole URL, such as https://na1.nice-incontact.com/authentication/v1/token/access-key",
		}},
		"another cloud": {minimal + "issuer: https://cxone-gov.niceincontact.com", []string{
			"token_url: missing, needed for access_key with another issuer than https://cxone.niceincontact.com and no area",
		}},
		"area": {minimal + "area: na1.evil.example/", []string{`area: "na1.evil.example/" is no area, expected one such as na1`}},
		"tenant": {minimal + "tenant_id: us&x=1", []string{
			`tenant_id: "us&x=1" is no identifier of a tenant, expected a UUID`,
		}},
		"queues":  {minimal + "queues: {ids: [88104, '']}", []string{`queues.ids[1]: "" is no id`}},
		"version": {minimal + "api_version: v33/../x", []string{`api_version: "v33/../x" is no version, expected one such as v33.0`}},
		"cohorts": {minimal + `cohorts: [a, " ", a]`, []string{`cohorts[1]: empty`, `cohorts[2]: "a" is listed twice`}},
		"rate": {minimal + "rate_limit: {requests_per_minute: 0, burst: -1}", []string{
			"rate_limit.requests_per_minute: 0 is not positive", "rate_limit.burst: -1 is not positive",
		}},
		"feeds": {minimal + "feeds: {health: 100ms}\nmax_age: {agents: 10s, trunks: 1m}\nagents: {full_read: 0s}", []string{
			"max_age.agents: 10s is shorter than the feed's interval (30s)",
			"max_age.trunks: no such feed", "agents.full_read: 0s is not positive",
		}},
		"http": {minimal + "http: {timeout: 0s}", []string{"http.timeout: 0s is not positive"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := parse(test.yaml)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, problem := range c.Validate() {
				got = append(got, problem.Error())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if _, err := c.Open(health.Surroundings{}); err == nil {
				t.Error("New accepts it")
			}
		})
	}
}

func TestStrictFile(t *testing.T) {
	for text, want := range map[string]string{
		minimal + "region: na1":            "field region not found",
		minimal + "feeds: {trunks: 30s}":   "field trunks not found",
		minimal + "feeds: {health: 0s}":    `"0s" is no interval`,
		minimal + "agents: {deltas: true}": "field deltas not found",
	} {
		if _, err := parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parse(%q) = %v, want %q", text, err, want)
		}
	}
}

// TestSecretsStaySecret prints everything that can be printed.
func TestSecretsStaySecret(t *testing.T) {
	c, err := parse("name: us\nauth: password\naccess_key_id: KEY\naccess_key_secret: canary-1\nclient_id: a\nclient_secret: canary-2\n" +
		"api_url: https://u:canary-3@h\ntoken_url: https://u:canary-4@h/x\n")
	if err != nil {
		t.Fatal(err)
	}
	problems := errors.Join(c.Validate()...)
	c.APIURL, c.TokenURL = "", ""
	written, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(written), problems.Error(), fmt.Sprintf("%v", c.keySecret()), fmt.Sprintf("%+v", c.appSecret())} {
		if strings.Contains(text, "canary") {
			t.Errorf("a secret is shown:\n%s", text)
		}
	}
	if again, err := parse(strings.NewReplacer("<secret>", "x").Replace(string(written))); err != nil || again.Feeds != c.Feeds {
		t.Errorf("what is written cannot be read: %v", err)
	}
}

func TestSource(t *testing.T) {
	c := DefaultConfig()
	c.Name, c.AccessKeyID, c.AccessKeySecret, c.Cohorts = "us", "KEY", "s", settings.Cohorts{{Name: "sales"}}
	s := source(t, c)
	if got := s.Info(); s.Platform != "cxone" || s.Name != "us" || s.Budget != (feed.Budget{PerMinute: 120}) || got != (feed.Info{}) {
		t.Errorf("source = %+v, info = %+v; want no region before discovery", s, got)
	}
	c.Area = "eu1"
	if got := source(t, c).Info(); got != (feed.Info{RegionCode: "eu1", APIHost: "api-eu1.niceincontact.com"}) {
		t.Errorf("info = %+v, want that of the configured area", got)
	}
	c.APIURL = "https://proxy.example.org:8443/"
	if got := source(t, c).Info(); got != (feed.Info{RegionCode: "eu1", APIHost: "proxy.example.org:8443"}) {
		t.Errorf("info = %+v, want the configured host", got)
	}
}
