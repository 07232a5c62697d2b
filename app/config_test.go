package app

import (
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

func TestExampleLoads(t *testing.T) {
	c, err := loadConfig("../config.example.yml", platforms())
	if err != nil {
		t.Fatal(err)
	}
	if len(c.accounts) != 3 || c.Thresholds != settings.DefaultThresholds {
		t.Errorf("config = %+v, want three accounts and the default thresholds", c)
	}
}

// TestExampleHoldsEveryKey walks the configuration's types and looks each key up in the example.
func TestExampleHoldsEveryKey(t *testing.T) {
	content, err := os.ReadFile("../config.example.yml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(content) // what is an alternative to something else stands in a comment
	var visit func(reflect.Type)
	visit = func(in reflect.Type) {
		for in.Kind() == reflect.Slice || in.Kind() == reflect.Pointer {
			in = in.Elem()
		}
		if in.PkgPath() == "github.com/prometheus/common/config" {
			return // documented by Prometheus
		}
		for key, field := range settings.Keys(in) {
			if !strings.Contains(text, " "+key+":") && !strings.Contains(text, "\n"+key+":") && !strings.Contains(text, "{"+key+":") {
				t.Errorf("config.example.yml does not mention %s of %v", key, in)
			}
			visit(field)
		}
	}
	visit(reflect.TypeFor[sections]())
	for _, kind := range platforms() {
		visit(kind.config)
	}
}

const minimal = "genesys: [{name: emea, region: eu-central-1, client_id: id, client_secret: canary}]\n"

func TestBadConfigurations(t *testing.T) {
	keys := keysOf(platforms())
	for name, tc := range map[string]struct{ content, want string }{
		"empty":            {"", keys + ": no account, expected at least one"},
		"only a comment":   {"# nothing\n", keys + ": no account, expected at least one"},
		"no mapping":       {"- a\n", "no mapping at the top, expected keys such as " + keys},
		"two documents":    {minimal + "---\n" + minimal, "more than one YAML document, expected one"},
		"unknown key":      {minimal + "genesis: []\n", "genesis: unknown key (line 2)"},
		"nested key":       {"genesys: [{name: emea, region: eu-central-1, client_id: id, client_secret: canary, feeds: {helth: 1s}}]\n", "genesys[0].feeds.helth: unknown key (line 1)"},
		"key given twice":  {minimal + "series_limit: 1\nseries_limit: 2\n", "series_limit: given twice (line 3)"},
		"wrong form":       {minimal + "series_limit: many\n", "series_limit: found text, expected a number (line 2)"},
		"list for mapping": {minimal + "thresholds: [1]\n", "thresholds: found a list, expected a mapping (line 2)"},
		"mapping for list": {minimal + "cxone: {name: us}\n", "cxone: found a mapping, expected a list (line 2)"},
		"bad duration":     {minimal + "thresholds: {api_latency_degraded: soon}\n", "thresholds.api_latency_degraded: expected a duration such as 15s (line 2)"},
		"bad interval":     {"genesys: [{name: emea, region: eu-central-1, client_id: id, client_secret: canary, feeds: {health: soon}}]\n", `genesys[0].feeds.health: "soon" is no interval, expected a duration such as 15s, or off (line 1)`},
		"no secret":        {"genesys: [{name: emea, region: eu-central-1, client_id: id}]\n", "genesys[0].client_secret_file: missing, and no client_secret either"},
		"two secrets":      {"genesys: [{name: emea, region: eu-central-1, client_id: id, client_secret: canary, client_secret_file: f}]\n", "genesys[0].client_secret_file: given together with client_secret, expected exactly one"},
		"secret as a list": {"genesys: [{name: emea, region: eu-central-1, client_id: id, client_secret: [canary]}]\n", "genesys[0].client_secret: found a list, expected text (line 1)"},
		"duplicate name": {
			minimal + "cxone: [{name: emea, access_key_id: id, access_key_secret: canary}]\n",
			`cxone[0].name: "emea" is also the name of genesys[0]`,
		},
		"too fast":       {"genesys: [{name: emea, region: eu-central-1, client_id: id, client_secret: canary, rate_limit: {requests_per_minute: 301, burst: 1}}]\n", "genesys[0].rate_limit.requests_per_minute: 301 is above the platform's limit of 300"},
		"bad threshold":  {minimal + "thresholds: {data_plane_degraded: 3}\n", "thresholds.data_plane_degraded: 3 is no share, expected 0 to 1"},
		"no series":      {minimal + "series_limit: 0\n", "series_limit: 0 is not positive"},
		"unknown region": {"genesys: [{name: emea, region: eu central, client_id: id, client_secret: canary}]\n", `genesys[0].region: "eu central" is neither a known code nor a domain`},
		"several at once": {
			"genesys: [{name: emea, client_id: id, client_secret: canary, feeds: {health: soon, edgs: 1s}}]\nseries_limit: -1\n",
			`genesys[0].feeds.health: "soon" is no interval, expected a duration such as 15s, or off (line 1)
genesys[0].feeds.edgs: unknown key (line 1)
genesys[0].region: missing, expected a code such as eu-central-1 or a domain such as mypurecloud.de
series_limit: -1 is not positive`,
		},
		"unknown account of a page": {
			minimal + "health: {status_pages: [{name: p, url: https://status.example.org/api/v2/summary.json, accounts: [apac]}]}\n",
			`health.status_pages[0].accounts[0]: there is no account "apac"`,
		},
		"SIP targets": {
			minimal + "sip_targets: [{name: a, uri: 'sip:h', account: apac, alive: [1xx], requests: 0}, {name: a, url: x, uri: 'sip:h'}]\nsip_limits: {concurrent_probes: 0}\n",
			`sip_targets[0].alive[0]: "1xx" is no final response code, expected 404, 200-299 or 2xx (line 2)
sip_targets[1].url: unknown key (line 2)
sip_targets[0].requests: 0 is not within 1 to 100
sip_targets[0].account: there is no account "apac"
sip_targets[1].name: "a" is also the name of sip_targets[0]
sip_limits.concurrent_probes: 0 is not within 1 to 10000`,
		},
	} {
		_, err := parseConfig([]byte(tc.content), platforms())
		if err == nil {
			t.Errorf("%s: accepted, want %s", name, tc.want)
			continue
		}
		if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the error shows a secret", name)
		}
	}
}

func TestConfigurationIsWrittenWithoutSecrets(t *testing.T) {
	c, err := parseConfig([]byte(minimal+"cxone: [{name: us, access_key_id: id, access_key_secret: canary, http: {proxy_url: 'http://user:canary@proxy.example.org'}}]\n"), platforms())
	if err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "canary") || strings.Count(string(text), "<secret>") != 3 {
		t.Errorf("configuration = %s, want three masked secrets and no canary", text)
	}
}

func FuzzConfig(f *testing.F) {
	example, err := os.ReadFile("../config.example.yml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example))
	f.Add(minimal)
	f.Add("a: &a [*a]")
	f.Add("genesys: [{<<: {name: x}}, null, 7]")
	f.Add("genesys: &g [{name: a}]\ncxone: *g\n")
	f.Add("health: {documents: [{url: 'http://u:p@h'}]}")
	f.Fuzz(func(t *testing.T, content string) {
		c, err := parseConfig([]byte(content), platforms())
		if err != nil {
			if text := err.Error(); strings.Contains(text, "cannot be read") || strings.Contains(text, "yaml: ") || strings.Contains(text, "unmarshal") {
				t.Errorf("what is left of the configuration does not decode, or a parser is quoted: %v", err)
			}
			return
		}
		if _, err := yaml.Marshal(c); err != nil {
			t.Errorf("a configuration that loads cannot be written: %v", err)
		}
	})
}

// TestUnusableFiles: what only shows when a file is read has its path too, and each is shown.
func TestUnusableFiles(t *testing.T) {
	const http = "http: {tls_config: {ca_file: none.pem}}"
	content := `genesys: [{name: emea, region: eu-central-1, client_id: id, client_secret: x, ` + http + `}]
cxone: [{name: us, access_key_id: id, access_key_secret: x, ` + http + `}]
health:
  status_pages: [{name: page, url: "https://status.example.org/summary.json", ` + http + `}]
  documents: [{name: doc, url: "https://health.example.org/health", format: document, ` + http + `}]
webhooks: {web_config_file: ` + writeFile(t, "web.yml", "canary: *canary") + `}
`
	file := writeFile(t, "config.yml", content)
	err := Run(t.Context(), []string{"--config.check", "--config.file=" + file}, io.Discard, io.Discard)
	var got []string
	for line := range strings.Lines(fmt.Sprint(err)) {
		path, _, _ := strings.Cut(line, ": ")
		got = append(got, path)
	}
	want := []string{
		"health.status_pages[0].http.tls_config", "health.documents[0].http.tls_config", "webhooks.web_config_file",
		"genesys[0].http.tls_config", "cxone[0].http.tls_config",
	}
	if diff := cmp.Diff(want, got); diff != "" || strings.Contains(err.Error(), "canary") {
		t.Errorf("problems %v (-want +got):\n%s", err, diff)
	}
	flag := []string{"--config.check", "--config.file=" + exampleFile(t), "--web.config.file=" + writeFile(t, "web.yml", "basic_auth_users: {a: *canary}")}
	if err := Run(t.Context(), flag, io.Discard, io.Discard); err == nil || !strings.HasPrefix(err.Error(), "--web.config.file: ") || strings.Contains(err.Error(), "canary") {
		t.Errorf("check with a bad web configuration = %v", err)
	}
	err = Run(t.Context(), []string{"--config.file=" + file}, io.Discard, io.Discard)
	if err == nil || strings.Count(err.Error(), ".http.tls_config: ") != 4 {
		t.Errorf("start = %v, want all four", err)
	}
}
