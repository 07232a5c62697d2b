package settings

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Cohort is a group of agents that is expected to route to an account. In a file it may be its name alone.
type Cohort struct {
	Name string `yaml:"name"`
	// Queues are patterns of the names of queues whose contacts are the cohort's, on whichever account they arrive.
	Queues []string `yaml:"queues,omitempty"`
	// Region is the region_code where the cohort is expected; by default that of the account.
	Region string `yaml:"region,omitempty"`
}

// UnmarshalYAML reads a mapping, or a name.
func (c *Cohort) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*c = Cohort{}
		return node.Decode(&c.Name)
	}
	type plain Cohort
	return node.Decode((*plain)(c))
}

// MarshalYAML writes a cohort that is a name alone as its name.
func (c Cohort) MarshalYAML() (any, error) {
	if len(c.Queues) == 0 && c.Region == "" {
		return c.Name, nil
	}
	type plain Cohort
	return plain(c), nil
}

// Cohorts are those of an account.
type Cohorts []Cohort

// Names returns the names of the cohorts.
func (c Cohorts) Names() (names []string) {
	for _, cohort := range c {
		names = append(names, cohort.Name)
	}
	return names
}

func (c Cohorts) validate() (problems []error) {
	report := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	for i, cohort := range c {
		if strings.TrimSpace(cohort.Name) == "" {
			report("cohorts[%d]: empty", i)
		} else if slices.ContainsFunc(c[:i], func(other Cohort) bool { return other.Name == cohort.Name }) {
			report("cohorts[%d]: %q is listed twice", i, cohort.Name)
		}
		for _, err := range CheckPatterns("queues", cohort.Queues, "pattern, expected a name with * ? [a-z]") {
			report("cohorts[%d].%w", i, err)
		}
		if strings.TrimSpace(cohort.Region) != cohort.Region {
			report("cohorts[%d].region: %q begins or ends with a blank", i, cohort.Region)
		}
	}
	return problems
}
