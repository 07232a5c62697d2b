package statuspage

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// PolicyConfig says from when on faults of components are worth an alert. The alerting rules read it as metrics, so that
// the rules need no editing.
type PolicyConfig struct {
	// MinimumDown and MinimumDegraded are how many components have to be down, or degraded or down, at once.
	MinimumDown     int `yaml:"minimum_down"`
	MinimumDegraded int `yaml:"minimum_degraded"`
	// Critical are patterns of the names of components whose fault counts alone.
	Critical []string `yaml:"critical"`
	Flaps    Flaps    `yaml:"flaps"`
	// DependsOn names what components cannot work without: while that has an alert, they have none.
	DependsOn []Dependency `yaml:"depends_on,omitempty"`
}

// Flaps says when a component changes its status too often.
type Flaps struct {
	Changes  int            `yaml:"changes"`  // within Window that are not too many yet
	Window   model.Duration `yaml:"window"`   // one of flapWindows: the rules count in no others
	Suppress bool           `yaml:"suppress"` // while there are too many, the component has no other alert
}

// Dependency is a component with those that it depends on, by their names in the document, or by their full names.
type Dependency struct {
	Component string   `yaml:"component"`
	On        []string `yaml:"on"`
}

// DefaultPolicyConfig is what a policy starts from.
var DefaultPolicyConfig = PolicyConfig{
	MinimumDown: 1, MinimumDegraded: 2,
	Critical: []string{"api", "auth"},
	Flaps:    Flaps{Changes: 6, Window: model.Duration(30 * time.Minute)},
}

// UnmarshalYAML fills in the defaults.
func (c *PolicyConfig) UnmarshalYAML(unmarshal func(any) error) error {
	type plain PolicyConfig
	*c = DefaultPolicyConfig
	return unmarshal((*plain)(c))
}

// flapWindows are those in which the alerting rules count changes.
var flapWindows = []model.Duration{model.Duration(10 * time.Minute), model.Duration(30 * time.Minute), model.Duration(time.Hour)}

const mostComponents = 100_000

func (c PolicyConfig) validate() (problems []error) {
	for _, number := range []struct {
		key   string
		value int
		least int
	}{
		{"minimum_down", c.MinimumDown, 1},
		{"minimum_degraded", c.MinimumDegraded, 1},
		{"flaps.changes", c.Flaps.Changes, 0},
	} {
		if number.value < number.least || number.value > mostComponents {
			problems = append(problems, fmt.Errorf("%s: %d, expected %d to %d", number.key, number.value, number.least, mostComponents))
		}
	}
	if !slices.Contains(flapWindows, c.Flaps.Window) {
		problems = append(problems, fmt.Errorf("flaps.window: %v, expected one of 10m, 30m and 1h", c.Flaps.Window))
	}
	problems = append(problems, settings.CheckPatterns("critical", c.Critical, expectedPattern)...)
	taken := map[string]bool{}
	for i, d := range c.DependsOn {
		switch {
		case strings.TrimSpace(d.Component) == "":
			problems = append(problems, fmt.Errorf("depends_on[%d].component: missing", i))
		case taken[d.Component]:
			problems = append(problems, fmt.Errorf("depends_on[%d].component: %q is listed twice", i, d.Component))
		}
		taken[d.Component] = true
		if len(d.On) == 0 {
			problems = append(problems, fmt.Errorf("depends_on[%d].on: missing", i))
		}
		for k, other := range d.On {
			if strings.TrimSpace(other) == "" {
				problems = append(problems, fmt.Errorf("depends_on[%d].on[%d]: empty", i, k))
			}
		}
	}
	return problems
}

// policies are all of the configuration, with the prefix that a document's components may have.
func (c Config) policies() (all []prefixedPolicy) {
	all = append(all, prefixedPolicy{"", "policy", c.Policy})
	for i, d := range c.Documents {
		if d.Policy != nil {
			all = append(all, prefixedPolicy{d.Name + "/", fmt.Sprintf("documents[%d].policy", i), *d.Policy})
		}
	}
	return all
}

type prefixedPolicy struct {
	prefix, path string
	PolicyConfig
}

// checkCycles finds components that depend on themselves, over whichever others and policies: all of them would be silent. It
// holds a name with a document's prefix and the same name without one for one component, which is the safe mistake.
func (c Config) checkCycles() error {
	all := c.policies()
	bare := func(name string) string {
		for _, p := range all {
			if rest, found := strings.CutPrefix(name, p.prefix); found && p.prefix != "" {
				return rest
			}
		}
		return name
	}
	on := map[string][]string{}
	for _, p := range all {
		for _, d := range p.DependsOn {
			for _, other := range d.On {
				on[bare(d.Component)] = append(on[bare(d.Component)], bare(other))
			}
		}
	}
	const begun, done = 1, 2
	state := map[string]int{}
	var visit func(string) error
	visit = func(name string) error {
		switch state[name] {
		case begun:
			return fmt.Errorf("%q depends on itself", name)
		case done:
			return nil
		}
		state[name] = begun
		for _, other := range on[name] {
			if err := visit(other); err != nil {
				return err
			}
		}
		state[name] = done
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(on)) {
		if err := visit(name); err != nil {
			return err
		}
	}
	return nil
}

// PoliciesOf returns the policies for the components of an account that follows these documents.
func (c PolicyConfig) PoliciesOf(documents []DocumentConfig) (all []platform.Policy) {
	all = append(all, c.named(platform.DefaultPolicy))
	for _, d := range documents {
		if d.Policy != nil {
			all = append(all, d.Policy.named(d.Name))
		}
	}
	return all
}

func (c PolicyConfig) named(name string) platform.Policy {
	return platform.Policy{
		Name: name, MinimumDown: c.MinimumDown, MinimumDegraded: c.MinimumDegraded,
		FlapChanges: c.Flaps.Changes, FlapWindow: time.Duration(c.Flaps.Window), FlapSuppress: c.Flaps.Suppress,
	}
}

// Weigh fills in the weight of a component that a feed calls own. The policy of a document goes by the document's own names; the
// default one, which governs everything else, by full names.
func (c PolicyConfig) Weigh(documents []DocumentConfig, feed, own string, component *platform.Component) {
	name, policy, governed := platform.DefaultPolicy, c, component.Name
	for _, d := range documents {
		if documentPrefix+d.Name == feed && d.Policy != nil {
			name, policy, governed = d.Name, *d.Policy, own
		}
	}
	component.Weight = platform.Weight{Policy: name, Alone: settings.MatchAny(policy.Critical, governed)}
	for _, d := range policy.DependsOn {
		if d.Component == governed {
			component.DependsOn = d.On
		}
	}
}
