// Package genesys reads the health of a Genesys Cloud CX organization through its platform API.
//
// Config.Open makes a feed.Source of an account: polls of trunks, edges, queues, agents and calls, a probe of the API, and,
// where it is switched on, a stream of events. Each subject has a file with its feed, wire types, translation, topics and
// events; newClient wires them.
//
// Polls and the stream change one state (inventory, queues): a poll reads it whole, an event changes a part, and the
// platform's own times decide which of them is right. While the stream brings everything that a poll would read, the poll
// rests, and reconciles every few minutes. Package notify keeps the connection.
//
// Where presences are compared, the account also reads who its users are (users.go). Persons leave the package through the
// source's Persons and nowhere else: no snapshot, metric, error or log line names one.
//
// Answers are read leniently: an unknown word or a wrong type costs one value, and is counted. An account writes nothing to
// the platform but its own notification channels. Presences are written by a Writer alone, with a client of its own.
package genesys

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// maxRate is how many requests a minute the platform allows one client-credentials token
// (client.credentials.token.rate.per.minute).
const maxRate = 300

// Config is one organization and the OAuth client (grant: client credentials) that watches it.
type Config struct {
	settings.Account `yaml:",inline"` // its queues are those of the feeds queues and service_level

	Region string `yaml:"region"` // an AWS code such as eu-central-1, or a domain such as mypurecloud.de
	// APIURL and LoginURL override scheme and host of the region, for proxies, private links and tests.
	APIURL           string             `yaml:"api_url,omitempty"`
	LoginURL         string             `yaml:"login_url,omitempty"`
	ClientID         string             `yaml:"client_id"`
	ClientSecret     promconfig.Secret  `yaml:"client_secret,omitempty"`
	ClientSecretFile string             `yaml:"client_secret_file,omitempty"` // read again at every login
	RateLimit        settings.RateLimit `yaml:"rate_limit"`
	Feeds            FeedIntervals      `yaml:"feeds"`
	Stream           StreamConfig       `yaml:"stream"`
	HTTP             rest.HTTPConfig    `yaml:"http"`
}

// FeedIntervals are the minimum intervals of the feeds.
type FeedIntervals struct {
	Health      settings.Interval `yaml:"health"`
	Edges       settings.Interval `yaml:"edges"`
	Trunks      settings.Interval `yaml:"trunks"`
	Presence    settings.Interval `yaml:"presence"`
	Calls       settings.Interval `yaml:"calls"`
	Definitions settings.Interval `yaml:"definitions"`
	Queues      settings.Interval `yaml:"queues"`
	// ServiceLevel is counted over the last 30 minutes.
	ServiceLevel settings.Interval `yaml:"service_level"`
	// Events are those that the platform records about itself and the organization.
	Events settings.Interval `yaml:"events"`
	// Quota is how near all clients of the organization are to their limits.
	Quota settings.Interval `yaml:"quota"`
	// Credential is when the platform deletes the OAuth client.
	Credential settings.Interval `yaml:"credential"`
	// Users are who the agents are and what each of them does. They are read only where presences are compared.
	Users settings.Interval `yaml:"users"`
}

// DefaultConfig is an account of which nothing is said yet.
func DefaultConfig() Config {
	return Config{
		RateLimit: settings.RateLimit{RequestsPerMinute: 240, Burst: 30},
		Feeds: FeedIntervals{
			Health:      settings.Interval(15 * time.Second),
			Edges:       settings.Interval(time.Minute),
			Trunks:      settings.Interval(30 * time.Second),
			Presence:    settings.Interval(30 * time.Second),
			Calls:       settings.Interval(time.Minute),
			Definitions: settings.Interval(time.Hour),
			Queues:      settings.Interval(30 * time.Second),

			ServiceLevel: settings.Interval(5 * time.Minute),
			Events:       settings.Interval(5 * time.Minute),
			Quota:        settings.Interval(5 * time.Minute),
			Credential:   settings.Interval(time.Hour),
			Users:        settings.Interval(time.Minute),
		},
		Stream: DefaultStreamConfig,
		HTTP:   rest.DefaultHTTPConfig,
	}
}

// UnmarshalYAML fills in the defaults.
func (c *Config) UnmarshalYAML(unmarshal func(any) error) error {
	type plain Config
	*c = DefaultConfig()
	return unmarshal((*plain)(c))
}

// Validate returns every problem, each beginning with its key.
func (c Config) Validate() []error {
	var problems []error
	report := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	problems = append(problems, c.Account.Validate(settings.Intervals(c.Feeds))...)
	if strings.TrimSpace(c.Region) == "" {
		report("region: missing, expected a code such as eu-central-1 or a domain such as mypurecloud.de")
	} else if _, ok := regionOf(c.Region); !ok {
		shown, hint := strconv.Quote(c.Region), ""
		if strings.Contains(c.Region, "@") { // a password may stand before it
			shown = "the text"
		}
		if meant := spelling(c.Region); meant != "" {
			hint = fmt.Sprintf(", write %q", meant)
		}
		report("region: %s is neither a known code nor a domain%s", shown, hint)
	}
	for key, value := range each("api_url", c.APIURL, "login_url", c.LoginURL) {
		if value != "" && !settings.PlainHost(value) { // which is not shown: it may hold a password
			report("%s: expected scheme and host only, such as https://api.mypurecloud.de", key)
		}
	}
	if c.ClientID == "" {
		report("client_id: missing")
	}
	if err := settings.OneSecret("client_secret", string(c.ClientSecret), c.ClientSecretFile); err != nil {
		problems = append(problems, err)
	}
	problems = append(problems, settings.Under("rate_limit", c.RateLimit.Validate(maxRate))...)
	problems = append(problems, settings.Under("stream", c.Stream.Validate(c.Feeds))...)
	return append(problems, settings.Under("http", c.HTTP.Validate())...)
}

// each visits pairs in their order.
func each(pairs ...string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for pair := range slices.Chunk(pairs, 2) {
			if !yield(pair[0], pair[1]) {
				return
			}
		}
	}
}
