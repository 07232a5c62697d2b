package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"

	"go.yaml.in/yaml/v3"

	"github.com/ccaas-exporter/ccaas_exporter/platform/cxone"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/sip"
	"github.com/ccaas-exporter/ccaas_exporter/platform/statuspage"
	"github.com/ccaas-exporter/ccaas_exporter/platform/webhook"
)

// Config is the configuration file.
type Config struct {
	Genesys     []genesys.Config    `yaml:"genesys,omitempty"`
	CXone       []cxone.Config      `yaml:"cxone,omitempty"`
	Health      statuspage.Config   `yaml:"health,omitempty"`
	Webhooks    webhook.Config      `yaml:"webhooks,omitempty"`
	SIPTargets  []sip.Target        `yaml:"sip_targets,omitempty"`
	SIPLimits   sip.Limits          `yaml:"sip_limits"`
	Thresholds  settings.Thresholds `yaml:"thresholds"`
	SeriesLimit int                 `yaml:"series_limit"` // per family and account
}

// loadConfig reads a file. The error holds every problem, a line each, with its path.
func loadConfig(path string) (*Config, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := parseConfig(content)
	if err != nil {
		return nil, fmt.Errorf("%s:\n%w", path, err)
	}
	return c, nil
}

func parseConfig(content []byte) (*Config, error) {
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("genesys, cxone: no account, expected at least one")
	case err != nil:
		return nil, err
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one YAML document, expected one")
	}
	if document.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("no mapping at the top, expected keys such as genesys and cxone")
	}
	problems := settings.Prune(&document, reflect.TypeFor[Config](), "")
	c := &Config{SIPLimits: sip.DefaultLimits, Thresholds: settings.DefaultThresholds, SeriesLimit: 20000}
	if err := document.Decode(c); err != nil {
		return nil, err
	}
	return c, settings.Join(problems, c.validate())
}

// validate returns every problem, each beginning with its path.
func (c *Config) validate() (problems []error) {
	under := func(path string, found []error) {
		for _, err := range found {
			problems = append(problems, fmt.Errorf("%s.%w", path, err))
		}
	}
	var names []string
	first := map[string]string{}
	account := func(path, name string, found []error) {
		under(path, found)
		if other, taken := first[name]; taken && name != "" {
			problems = append(problems, fmt.Errorf("%s.name: %q is also the name of %s", path, name, other))
		}
		first[name] = path
		names = append(names, name)
	}
	for i := range c.Genesys {
		account(fmt.Sprintf("genesys[%d]", i), c.Genesys[i].Name, c.Genesys[i].Validate())
	}
	for i := range c.CXone {
		account(fmt.Sprintf("cxone[%d]", i), c.CXone[i].Name, c.CXone[i].Validate())
	}
	if len(names) == 0 && len(c.SIPTargets) == 0 {
		problems = append(problems, errors.New("genesys, cxone: no account, expected at least one"))
	}
	under("health", c.Health.Validate(names))
	under("webhooks", c.Webhooks.Validate(names[len(c.Genesys):])) // Monitoring Gateway is CXone's
	for _, err := range sip.ValidateTargets(c.SIPTargets, names) {
		problems = append(problems, fmt.Errorf("sip_targets%w", err))
	}
	under("sip_limits", c.SIPLimits.Validate())
	under("thresholds", c.Thresholds.Validate())
	if c.SeriesLimit < 1 {
		problems = append(problems, fmt.Errorf("series_limit: %d is not positive", c.SeriesLimit))
	}
	return problems
}
