package app

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ccaas-exporter/ccaas_exporter/collector"
	"github.com/ccaas-exporter/ccaas_exporter/platform/presence"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/sip"
	"github.com/ccaas-exporter/ccaas_exporter/platform/statuspage"
	"github.com/ccaas-exporter/ccaas_exporter/platform/webhook"
)

// Config is the configuration file.
type Config struct {
	accounts []listed // of all platforms, in the order of platforms and of the file
	sections
}

// listed is an account with its place in the configuration file.
type listed struct {
	kind *platformKind
	path string // such as genesys[0]
	account
}

// sections are everything in the file but the accounts.
type sections struct {
	Health      statuspage.Config    `yaml:"health"`
	Webhooks    webhook.Config       `yaml:"webhooks,omitempty"`
	SIPTargets  []sip.Target         `yaml:"sip_targets,omitempty"`
	Presence    []presence.Config    `yaml:"presence,omitempty"`
	Redis       presence.RedisConfig `yaml:"redis,omitempty"`
	SIPLimits   sip.Limits           `yaml:"sip_limits"`
	Thresholds  settings.Thresholds  `yaml:"thresholds"`
	SeriesLimit int                  `yaml:"series_limit"` // per family and account
}

var defaultSections = sections{
	Health: statuspage.DefaultConfig, SIPLimits: sip.DefaultLimits, Thresholds: settings.DefaultThresholds,
	SeriesLimit: collector.DefaultSeriesLimit,
}

// loadConfig reads a file. The error holds every problem, a line each, with its path.
func loadConfig(path string, kinds []platformKind) (*Config, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	c, err := parseConfig(content, kinds)
	if err != nil {
		return nil, fmt.Errorf("%s:\n%w", path, err)
	}
	return c, nil
}

func parseConfig(content []byte, kinds []platformKind) (*Config, error) {
	top, err := settings.ReadMapping(content)
	switch {
	case errors.Is(err, settings.ErrNoMapping):
		return nil, fmt.Errorf("%w, expected keys such as %s", err, keysOf(kinds))
	case err != nil:
		return nil, err
	}
	keys := settings.Keys(reflect.TypeFor[sections]())
	for _, kind := range kinds {
		keys[kind.key] = reflect.SliceOf(kind.config)
	}
	problems := settings.PruneMapping(top, "", keys)
	c := &Config{sections: defaultSections}
	for i := range kinds {
		kind := &kinds[i]
		section := settings.Take(top, kind.key)
		if section == nil {
			continue
		}
		accounts, err := kind.decode(section)
		if err != nil { // not after pruning; its text may quote values
			return nil, settings.ValueError{Path: kind.key, Text: "cannot be read"}
		}
		for n, a := range accounts {
			c.accounts = append(c.accounts, listed{kind, fmt.Sprintf("%s[%d]", kind.key, n), a})
		}
	}
	if top.Decode(&c.sections) != nil {
		return nil, settings.ValueError{Path: "configuration", Text: "cannot be read"}
	}
	return c, settings.Join(problems, c.validate(kinds))
}

// MarshalYAML writes the accounts under the keys of their platforms, then the rest.
func (c *Config) MarshalYAML() (any, error) {
	written := &yaml.Node{Kind: yaml.MappingNode}
	for start := 0; start < len(c.accounts); {
		kind, list := c.accounts[start].kind, []account{}
		for ; start < len(c.accounts) && c.accounts[start].kind == kind; start++ {
			list = append(list, c.accounts[start].account)
		}
		var node yaml.Node
		if err := node.Encode(list); err != nil {
			return nil, err
		}
		written.Content = append(written.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: kind.key}, &node)
	}
	var rest yaml.Node
	if err := rest.Encode(c.sections); err != nil {
		return nil, err
	}
	written.Content = append(written.Content, rest.Content...)
	return written, nil
}

// validate returns every problem, each beginning with its path.
func (c *Config) validate(kinds []platformKind) (problems []error) {
	var names, pushing []string
	first := map[string]string{}
	for _, a := range c.accounts {
		name := a.Label()
		problems = append(problems, settings.Under(a.path, a.Validate())...)
		if other, taken := first[name]; taken && name != "" {
			problems = append(problems, fmt.Errorf("%s.name: %q is also the name of %s", a.path, name, other))
		}
		first[name] = a.path
		names = append(names, name)
		if a.kind.pushes {
			pushing = append(pushing, name)
		}
	}
	if len(names) == 0 && len(c.SIPTargets) == 0 {
		problems = append(problems, fmt.Errorf("%s: no account, expected at least one", keysOf(kinds)))
	}
	problems = append(problems, c.validatePairs(names)...)
	problems = append(problems, settings.Under("redis", c.Redis.Validate())...)
	problems = append(problems, settings.Under("health", c.Health.Validate(names))...)
	problems = append(problems, settings.Under("webhooks", c.Webhooks.Validate(pushing))...)
	for _, err := range sip.ValidateTargets(c.SIPTargets, names) {
		problems = append(problems, fmt.Errorf("sip_targets%w", err))
	}
	problems = append(problems, settings.Under("sip_limits", c.SIPLimits.Validate())...)
	problems = append(problems, settings.Under("thresholds", c.Thresholds.Validate())...)
	if c.SeriesLimit < 1 {
		problems = append(problems, fmt.Errorf("series_limit: %d is not positive", c.SeriesLimit))
	}
	return problems
}

// keysOf names the lists of accounts.
func keysOf(kinds []platformKind) string {
	keys := make([]string, len(kinds))
	for i, kind := range kinds {
		keys[i] = kind.key
	}
	return strings.Join(keys, ", ")
}
