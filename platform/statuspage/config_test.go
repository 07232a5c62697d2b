package statuspage

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

func decode(text string) (c Config, err error) {
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	return c, d.Decode(&c)
}

func TestConfigDefaults(t *testing.T) {
	got, err := decode(`
status_pages: [{name: a, url: "https://a.example/summary.json"}, {name: b, url: "https://b.example", every: 2m, http: {timeout: 5s}}]
documents: [{name: a, path: /health, format: document}, {name: b, url: "https://b.example", format: components, every: off, plane: data}]
`)
	if err != nil {
		t.Fatal(err)
	}
	short := rest.DefaultHTTPConfig
	short.Timeout /= 2
	want := Config{
		Policy: DefaultPolicyConfig,
		StatusPages: []PageConfig{
			{Name: "a", URL: "https://a.example/summary.json", Every: settings.Interval(time.Minute), HTTP: rest.DefaultHTTPConfig},
			{Name: "b", URL: "https://b.example", Every: settings.Interval(2 * time.Minute), HTTP: short},
		},
		Documents: []DocumentConfig{
			{
				Name: "a", Path: "/health", Format: "document", Every: settings.Interval(30 * time.Second), Plane: platform.ControlPlane,
				HTTP: rest.DefaultHTTPConfig,
			},
			{Name: "b", URL: "https://b.example", Format: "components", Plane: platform.DataPlane, HTTP: rest.DefaultHTTPConfig},
		},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b promconfig.URL) bool { return a.Redacted() == b.Redacted() })); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	if problems := got.Validate(nil); len(problems) > 0 {
		t.Errorf("Validate = %v, want no problem", problems)
	}
	for account, want := range map[string]bool{"emea": true, "us": false} {
		c := PageConfig{Every: 1, Accounts: []string{"emea"}}
		if got := c.Serves(account); got != want {
			t.Errorf("Serves(%s) = %v, want %v", account, got, want)
		}
	}
	if !got.Documents[0].Serves("any") || got.Documents[1].Serves("any") {
		t.Error("document a must serve every account, and b, which is off, none")
	}
}

func TestConfigIsStrict(t *testing.T) {
	for _, text := range []string{
		`status_pages: [{name: a, link: x}]`, `documents: [{name: a, http: {timeoot: 1s}}]`, `pages: []`, `documents: [{every: soon}]`,
	} {
		if _, err := decode(text); err == nil {
			t.Errorf("decode(%s) = nil, want an error", text)
		}
	}
}

// problem is a configuration and all that is wrong with it.
type problem struct {
	name, text string
	want       []string
}

func TestConfigProblems(t *testing.T) {
	checkProblems(t, []problem{
		{"good", `
status_pages: [{name: a, url: "http://127.0.0.1:8080/x", accounts: [emea], components: ["EMEA*"], every: off}]
documents: [{name: a, url: "https://b.example/", format: components, ids: ["1"], status: [down], expand: details, data_components: ["m?"]}]
`, nil},
		{"empty", `{status_pages: [{}], documents: [{}]}`, []string{
			"status_pages[0].name: missing",
			"status_pages[0].url: missing",
			"documents[0].name: missing",
			"documents[0].url: missing, expected exactly one of url and path",
			`documents[0].format: "" is not known, expected document or components`,
		}},
		{"page", `
status_pages:
  - {name: a, url: "https://a.example", every: 59s, accounts: [emea, mars], components: ["[", " "]}
  - {name: a, url: "https://user:hunter2@a.example"}
  - {name: b, url: "ftp://a.example", http: {timeout: 0s}}
  - {name: c, url: "https://a.example/?key=hunter2"}
  - {name: d, url: ":hunter2"}
`, []string{
			"status_pages[0].every: 59s is below 1m",
			`status_pages[0].components[0]: "[" is no pattern, expected a name with * ? [a-z]`,
			`status_pages[0].components[1]: " " is no pattern, expected a name with * ? [a-z]`,
			`status_pages[0].accounts[1]: there is no account "mars"`,
			`status_pages[1].name: "a" is used twice`,
			"status_pages[1].url: must have no user, password, query or fragment",
			"status_pages[2].url: expected an address such as https://host.example/path",
			"status_pages[2].http.timeout: 0s is not positive",
			"status_pages[3].url: must have no user, password, query or fragment",
			"status_pages[4].url: expected an address such as https://host.example/path",
		}},
	})
}

func TestDocumentConfigProblems(t *testing.T) {
	checkProblems(t, []problem{
		{"document", `
documents:
  - {name: a, url: "https://a.example", path: /x, format: document, expand: details, ids: ["1"], status: [down], data_components: [m]}
  - {name: b, path: x, format: components, expand: all, ids: ["", "1,2"], status: [sick], plane: user, data_components: ["[a"]}
  - {name: c, path: //a.example/x, format: xml, http: {timeout: 5s}}
  - {name: c, path: "/x?y=1", format: document, accounts: [venus]}
`, []string{
			"documents[0].path: url is set too, expected exactly one of them",
			"documents[0].expand: only for format components",
			"documents[0].ids: only for format components",
			"documents[0].status: only for format components",
			"documents[0].data_components: only for format components",
			"documents[1].path: expected one such as /api/v2/health/details, without host or query",
			`documents[1].plane: "user" is not known, expected control or data`,
			`documents[1].expand: "all" is not known, expected details`,
			`documents[1].ids[0]: "" is no id`,
			`documents[1].ids[1]: "1,2" is no id`,
			`documents[1].status[0]: "sick" is not known, expected one of healthy, degraded, down`,
			`documents[1].data_components[0]: "[a" is no pattern, expected a name with * ? [a-z]`,
			"documents[2].path: expected one such as /api/v2/health/details, without host or query",
			"documents[2].http: only with url, a path is asked as the account's API is",
			`documents[2].format: "xml" is not known, expected document or components`,
			`documents[3].name: "c" is used twice`,
			"documents[3].path: expected one such as /api/v2/health/details, without host or query",
			`documents[3].accounts[0]: there is no account "venus"`,
		}},
	})
}

func checkProblems(t *testing.T, tests []problem) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := decode(test.text)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, problem := range c.Validate([]string{"emea"}) {
				got = append(got, problem.Error())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
