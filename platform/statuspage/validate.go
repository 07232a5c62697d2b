package statuspage

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// minPageInterval is the pace at which a public status page may be asked.
const minPageInterval = settings.Interval(time.Minute)

const expectedPattern = "pattern, expected a name with * ? [a-z]"

// documentStatusFilters are the values of a list's query parameter status.
var documentStatusFilters = []string{"healthy", "degraded", "down"}

// Validate returns every problem, each beginning with its path below health, such as "status_pages[0].url: …".
// accounts are the names of all accounts.
func (c Config) Validate(accounts []string) (problems []error) {
	collect := func(list string, i int, found ...[]error) {
		for _, err := range slices.Concat(found...) {
			problems = append(problems, fmt.Errorf("%s[%d].%w", list, i, err))
		}
	}
	pages, documents := map[string]bool{}, map[string]bool{}
	for i, p := range c.StatusPages {
		collect("status_pages", i, checkName(p.Name, pages), p.validate(), checkAccounts(p.Accounts, accounts), checkHTTP(p.HTTP))
	}
	for i, d := range c.Documents {
		collect("documents", i, checkName(d.Name, documents), d.validate(), checkAccounts(d.Accounts, accounts), checkHTTP(d.HTTP))
	}
	for _, p := range c.policies() {
		problems = append(problems, settings.Under(p.path, p.validate())...)
	}
	if err := c.checkCycles(); err != nil {
		problems = append(problems, fmt.Errorf("policy.depends_on: %w", err))
	}
	return problems
}

func (c PageConfig) validate() (problems []error) {
	if err := checkURL(c.URL); err != nil {
		problems = append(problems, err)
	}
	if c.Every != 0 && c.Every < minPageInterval {
		problems = append(problems, fmt.Errorf("every: %v is below %v", c.Every, minPageInterval))
	}
	return append(problems, settings.CheckPatterns("components", c.Components, expectedPattern)...)
}

func (c DocumentConfig) validate() (problems []error) {
	switch {
	case c.URL != "" && c.Path != "":
		problems = append(problems, errors.New("path: url is set too, expected exactly one of them"))
	case c.Path != "":
		problems = append(problems, checkPath(c)...)
	case c.URL != "":
		if err := checkURL(c.URL); err != nil {
			problems = append(problems, err)
		}
	default:
		problems = append(problems, errors.New("url: missing, expected exactly one of url and path"))
	}
	if c.Plane != platform.ControlPlane && c.Plane != platform.DataPlane {
		problems = append(problems, fmt.Errorf("plane: %q is not known, expected control or data", c.Plane))
	}
	switch c.Format {
	case FormatDocument:
		problems = append(problems, c.checkNoList()...)
	case FormatComponents:
		problems = append(problems, c.checkList()...)
	default:
		problems = append(problems, fmt.Errorf("format: %q is not known, expected %s or %s", c.Format, FormatDocument, FormatComponents))
	}
	return problems
}

// checkNoList finds options that only a list has.
func (c DocumentConfig) checkNoList() (problems []error) {
	for _, option := range []struct {
		key string
		set bool
	}{
		{"expand", c.Expand != ""},
		{"ids", len(c.IDs) > 0},
		{"status", len(c.Status) > 0},
		{"data_components", len(c.DataComponents) > 0},
	} {
		if option.set {
			problems = append(problems, fmt.Errorf("%s: only for format %s", option.key, FormatComponents))
		}
	}
	return problems
}

func (c DocumentConfig) checkList() (problems []error) {
	if c.Expand != "" && c.Expand != "details" {
		problems = append(problems, fmt.Errorf("expand: %q is not known, expected details", c.Expand))
	}
	for i, id := range c.IDs {
		if strings.TrimSpace(id) == "" || strings.Contains(id, ",") {
			problems = append(problems, fmt.Errorf("ids[%d]: %q is no id", i, id))
		}
	}
	for i, status := range c.Status {
		if !slices.Contains(documentStatusFilters, status) {
			problems = append(problems, fmt.Errorf("status[%d]: %q is not known, expected one of %s",
				i, status, strings.Join(documentStatusFilters, ", ")))
		}
	}
	return append(problems, settings.CheckPatterns("data_components", c.DataComponents, expectedPattern)...)
}

// checkURL shows nothing of a URL, since a refused one may hold a password.
func checkURL(text string) error {
	if text == "" {
		return errors.New("url: missing")
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("url: expected an address such as https://host.example/path")
	case u.User != nil || strings.ContainsAny(text, "?#"):
		return errors.New("url: must have no user, password, query or fragment")
	}
	return nil
}

func checkPath(c DocumentConfig) (problems []error) {
	u, err := url.Parse(c.Path)
	if err != nil || !strings.HasPrefix(c.Path, "/") || u.Host != "" || strings.ContainsAny(c.Path, "?#") {
		problems = append(problems, errors.New("path: expected one such as /api/v2/health/details, without host or query"))
	}
	if !reflect.DeepEqual(c.HTTP, rest.DefaultHTTPConfig) {
		problems = append(problems, errors.New("http: only with url, a path is asked as the account's API is"))
	}
	return problems
}

func checkName(name string, taken map[string]bool) []error {
	switch {
	case strings.TrimSpace(name) == "":
		return []error{errors.New("name: missing")}
	case taken[name]:
		return []error{fmt.Errorf("name: %q is used twice", name)}
	}
	taken[name] = true
	return nil
}

func checkAccounts(names, accounts []string) (problems []error) {
	for i, name := range names {
		if !slices.Contains(accounts, name) {
			problems = append(problems, fmt.Errorf("accounts[%d]: there is no account %q", i, name))
		}
	}
	return problems
}

func checkHTTP(h rest.HTTPConfig) (problems []error) {
	for _, err := range h.Validate() {
		problems = append(problems, fmt.Errorf("http.%w", err))
	}
	return problems
}
