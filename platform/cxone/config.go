// Package cxone reads the health of a NICE CXone tenant through its public APIs.
//
// Config is one tenant and its access key; Open makes a feed.Source of it. The feeds are health, agents, queues, calls and
// capacity, each in the file of its subject. Before the first of them can ask, the account logs in (login.go) and finds out
// where the tenant lives (discovery.go): the issuer names the host of the API and of the login, unless the configuration
// names the area. Lists are read as streams, page by page (lists.go), so that memory does not grow with the number of
// agents; what the vendor's documents do not describe is counted, and harms nothing else (decode.go).
//
// Where presences are compared, the account also reads who its agents are (directory.go) and what each of them does
// (roster.go). Persons leave the package through the source's Persons and nowhere else: no snapshot, metric, error or log line
// names one.
package cxone

import (
	"cmp"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// The two ways to log in.
const (
	// AuthAccessKey is a JSON call with an access key alone.
	AuthAccessKey = "access_key"
	// AuthPassword is OAuth's password grant: an access key as user name and password, and a registered application.
	AuthPassword = "password"
)

// DefaultIssuer is the login service of all commercial areas. FedRAMP and sovereign clouds have one each.
const DefaultIssuer = "https://cxone.niceincontact.com"

// Config is one tenant and the access key that watches it. An access key belongs to an employee and has the rights of
// the employee's role.
type Config struct {
	settings.Account `yaml:",inline"` // its queues are the skills that the feed queues watches

	Issuer string `yaml:"issuer"` // scheme and host; default DefaultIssuer
	// Area, such as na1, stands in for discovery: the issuer is then not asked where the tenant lives.
	Area string `yaml:"area,omitempty"`
	// APIURL overrides scheme and host of the API, TokenURL the whole URL of the login.
	APIURL   string `yaml:"api_url,omitempty"`
	TokenURL string `yaml:"token_url,omitempty"`
	// TenantID is what discovery is asked for; default: the tenant that the access token names.
	TenantID            string            `yaml:"tenant_id,omitempty"`
	Auth                string            `yaml:"auth"` // AuthAccessKey (default) or AuthPassword
	AccessKeyID         string            `yaml:"access_key_id"`
	AccessKeySecret     promconfig.Secret `yaml:"access_key_secret,omitempty"`
	AccessKeySecretFile string            `yaml:"access_key_secret_file,omitempty"` // read again at every login
	ClientID            string            `yaml:"client_id,omitempty"`              // of the application; AuthPassword only
	ClientSecret        promconfig.Secret `yaml:"client_secret,omitempty"`
	ClientSecretFile    string            `yaml:"client_secret_file,omitempty"` // read again at every login
	APIVersion          string            `yaml:"api_version"`                  // default v33.0
	// RateLimit is our own, by default 120 a minute and 20 at once: the vendor publishes none.
	RateLimit settings.RateLimit `yaml:"rate_limit"`
	Feeds     FeedIntervals      `yaml:"feeds"`
	Agents    AgentsConfig       `yaml:"agents"`
	HTTP      rest.HTTPConfig    `yaml:"http"`
}

// FeedIntervals are the minimum intervals of the feeds. Calls in progress and what the tenant may carry are two feeds,
// because the one changes every second and the other once in months.
type FeedIntervals struct {
	Health   settings.Interval `yaml:"health"`
	Agents   settings.Interval `yaml:"agents"`
	Queues   settings.Interval `yaml:"queues"`
	Calls    settings.Interval `yaml:"calls"`    // phone contacts in progress
	Capacity settings.Interval `yaml:"capacity"` // how many the tenant may have
}

// AgentsConfig says how agent states are read.
type AgentsConfig struct {
	// Delta asks only for what changed since the read before. It costs memory for every agent.
	Delta bool `yaml:"delta"`
	// FullRead is how often everything is read even so, because it is not documented that a delta lists agents
	// who are gone; default 5m.
	FullRead model.Duration `yaml:"full_read"`
	// OpenContacts counts an agent with open contacts as engaged whatever the state, where presences are compared: on digital
	// channels an agent may be available and on a contact at once.
	OpenContacts bool `yaml:"open_contacts"`
}

// DefaultConfig is an account of which nothing is said yet.
func DefaultConfig() Config {
	return Config{
		Issuer:     DefaultIssuer,
		Auth:       AuthAccessKey,
		APIVersion: "v33.0",
		RateLimit:  settings.RateLimit{RequestsPerMinute: 120, Burst: 20},
		Feeds: FeedIntervals{
			Health:   settings.Interval(15 * time.Second),
			Agents:   settings.Interval(30 * time.Second),
			Queues:   settings.Interval(30 * time.Second),
			Calls:    settings.Interval(time.Minute),
			Capacity: settings.Interval(time.Hour),
		},
		Agents: AgentsConfig{FullRead: model.Duration(5 * time.Minute)},
		HTTP:   rest.DefaultHTTPConfig,
	}
}

// UnmarshalYAML fills in the defaults.
func (c *Config) UnmarshalYAML(unmarshal func(any) error) error {
	type plain Config
	*c = DefaultConfig()
	return unmarshal((*plain)(c))
}

func (c Config) issuer() string { return strings.TrimRight(cmp.Or(c.Issuer, DefaultIssuer), "/") }

func (c Config) apiURL() string { return strings.TrimRight(c.APIURL, "/") }

func (c Config) keySecret() rest.Secret {
	return rest.Secret{Value: c.AccessKeySecret, File: c.AccessKeySecretFile}
}

func (c Config) appSecret() rest.Secret {
	return rest.Secret{Value: c.ClientSecret, File: c.ClientSecretFile}
}
