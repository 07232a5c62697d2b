package statuspage

import (
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// Config is the section health of the configuration file. It is empty by default: neither vendor documents a health
// endpoint, and which status page speaks for an account is for its owner to say.
type Config struct {
	StatusPages []PageConfig     `yaml:"status_pages,omitempty"`
	Documents   []DocumentConfig `yaml:"documents,omitempty"`
	// Policy governs all components that no document's own policy governs, of whichever source.
	Policy PolicyConfig `yaml:"policy"`
}

// DefaultConfig is what the section starts from.
var DefaultConfig = Config{Policy: DefaultPolicyConfig}

// UnmarshalYAML fills in the defaults.
func (c *Config) UnmarshalYAML(unmarshal func(any) error) error {
	type plain Config
	*c = DefaultConfig
	return unmarshal((*plain)(c))
}

// PageConfig is a status page in the form of Atlassian Statuspage v2.
type PageConfig struct {
	Name string `yaml:"name"` // unique; the feed is called status_page/<name>
	URL  string `yaml:"url"`  // of its summary.json, which needs no login
	// Every is the minimum interval, 60s by default and at least, for all accounts together.
	Every settings.Interval `yaml:"every"`
	// Accounts that follow the page; all by default.
	Accounts []string `yaml:"accounts,omitempty"`
	// Components are patterns of the names of components, of their groups, or of both as exported ("Voice / EMEA (Frankfurt)").
	// By default: those of the account's own region by its label on the page, and those that name no region.
	Components []string        `yaml:"components,omitempty"`
	HTTP       rest.HTTPConfig `yaml:"http"`
}

// DefaultPageConfig is what a page's configuration starts from.
var DefaultPageConfig = PageConfig{Every: settings.Interval(time.Minute), HTTP: rest.DefaultHTTPConfig}

// UnmarshalYAML fills in the defaults.
func (c *PageConfig) UnmarshalYAML(unmarshal func(any) error) error {
	type plain PageConfig
	*c = DefaultPageConfig
	return unmarshal((*plain)(c))
}

// Serves reports whether the account follows the page.
func (c PageConfig) Serves(account string) bool { return serves(c.Every, c.Accounts, account) }

// The forms of health documents.
const (
	FormatDocument   = "document"   // one object: the platform, its media gateway and its database
	FormatComponents = "components" // a paged list of components
)

// DocumentConfig is a JSON health document. Such documents are no part of the vendors' published APIs: gateways and
// private deployments offer them.
type DocumentConfig struct {
	Name string `yaml:"name"` // unique; the feed is called document/<name>
	// Either URL, asked without any token, or Path on the account's API host, asked with the account's token.
	URL    string `yaml:"url,omitempty"`
	Path   string `yaml:"path,omitempty"`
	Format string `yaml:"format"` // FormatDocument or FormatComponents
	// Query parameters of a list: expand=details, ids as one list with commas, status likewise (healthy, degraded, down).
	Expand string   `yaml:"expand,omitempty"`
	IDs    []string `yaml:"ids,omitempty"`
	Status []string `yaml:"status,omitempty"`
	// Every is the minimum interval, 30s by default.
	Every settings.Interval `yaml:"every"`
	// Accounts that follow the document; all by default.
	Accounts []string `yaml:"accounts,omitempty"`
	// Plane of the platform as a whole, or of a list's components: control by default. Components of a list whose
	// names match one of the patterns DataComponents belong to the data plane.
	Plane          platform.Plane  `yaml:"plane"`
	DataComponents []string        `yaml:"data_components,omitempty"`
	HTTP           rest.HTTPConfig `yaml:"http"` // of a URL; a path uses the account's
	// Policy governs the document's components; without one the section's does.
	Policy *PolicyConfig `yaml:"policy,omitempty"`
}

// DefaultDocumentConfig is what a document's configuration starts from.
var DefaultDocumentConfig = DocumentConfig{
	Every: settings.Interval(30 * time.Second), Plane: platform.ControlPlane, HTTP: rest.DefaultHTTPConfig,
}

// UnmarshalYAML fills in the defaults.
func (c *DocumentConfig) UnmarshalYAML(unmarshal func(any) error) error {
	type plain DocumentConfig
	*c = DefaultDocumentConfig
	return unmarshal((*plain)(c))
}

// Serves reports whether the account follows the document.
func (c DocumentConfig) Serves(account string) bool { return serves(c.Every, c.Accounts, account) }

// serves is false for all when the interval is off.
func serves(every settings.Interval, accounts []string, account string) bool {
	return every != 0 && (len(accounts) == 0 || slices.Contains(accounts, account))
}
