package presence

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// The system presences that the rules know, in platform.SnakeCase.
const (
	systemOnQueue   = "on_queue"
	systemAvailable = "available"
	systemOffline   = "offline"
	systemIdle      = "idle"
)

// ruleSet are the rules of a sync with the definitions that they name.
type ruleSet struct {
	list        []resolved
	onQueue     string // id of the definition
	available   string
	lost        resolved          // what agents get when the source is lost
	systems     map[string]string // system presences by id of the definition
	interacting WhileInteracting
	protect     time.Duration // how long a state must last before
	release     time.Duration
	override    Override
	// offQueueOnly: the platform does not let the client put others on queue.
	offQueueOnly bool
	missing      map[string]bool // ids of definitions that are missing or deactivated
}

// resolved is a rule with its definition.
type resolved struct {
	Rule
	definition string // id; "" where the rule names none
	gone       bool   // the definition is missing or deactivated since the start
}

// builtIn are the rules by which presences are compared that no sync writes: an agent who cannot take a contact on the source must
// not be On Queue on the target.
func builtIn() *ruleSet {
	r := &ruleSet{interacting: ProtectInteracting}
	for _, state := range []platform.AgentState{platform.AgentEngaged, platform.AgentAfterContactWork, platform.AgentNotResponding, platform.AgentUnavailable} {
		r.list = append(r.list, resolved{Rule: Rule{State: state, Presence: "off queue"}})
	}
	return r
}

// resolveRules finds the definitions that the rules name, by id or by name. The error holds every one that is missing, deactivated or
// not the only one of its name, each with its key.
func resolveRules(c SyncConfig, definitions []platform.PresenceDefinition) (*ruleSet, error) {
	r := &ruleSet{
		systems: map[string]string{}, missing: map[string]bool{}, interacting: c.WhileInteracting, override: c.ManualOverride,
		protect: time.Duration(c.ProtectAfter), release: time.Duration(c.ReleaseAfter),
	}
	var problems []error
	find := func(key, wanted string) string {
		id, err := find(definitions, wanted)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", key, err))
		}
		return id
	}
	for i, rule := range c.Rules {
		one := resolved{Rule: rule}
		if rule.Presence != "" {
			one.definition = find(fmt.Sprintf("rules[%d].presence", i), rule.Presence)
		}
		r.list = append(r.list, one)
	}
	r.lost = resolved{definition: find("source_lost.presence", c.SourceLost.Presence)}
	for _, d := range definitions {
		r.systems[d.ID], r.missing[d.ID] = d.System, d.Deactivated
		switch {
		case d.Deactivated:
		case d.System == systemOnQueue && r.onQueue == "":
			r.onQueue = d.ID
		case d.System == systemAvailable && (r.available == "" || normalise(d.Name) == systemAvailable):
			r.available = d.ID
		}
	}
	for _, one := range r.list {
		if one.definition != "" && r.systems[one.definition] == systemOnQueue {
			problems = append(problems, fmt.Errorf("rules: %q is On Queue, which only a release may give", one.Presence))
		}
	}
	if r.available == "" {
		problems = append(problems, errors.New("the platform lists no presence definition Available"))
	}
	return r, errors.Join(problems...)
}

// find returns the id of the one active definition that has this id or name.
func find(definitions []platform.PresenceDefinition, wanted string) (id string, err error) {
	found, deactivated := map[string]bool{}, false
	for _, d := range definitions {
		if d.ID != wanted && normalise(d.Name) != normalise(wanted) {
			continue
		}
		if d.Deactivated {
			deactivated = true
			continue
		}
		found[d.ID], id = true, d.ID
	}
	switch {
	case len(found) > 1:
		return "", fmt.Errorf("%d presence definitions are called %q, expected the id of one", len(found), wanted)
	case len(found) == 0 && deactivated:
		return "", fmt.Errorf("the presence definition %q is deactivated", wanted)
	case len(found) == 0:
		return "", fmt.Errorf("there is no presence definition %q", wanted)
	}
	return id, nil
}

// refresh returns the rules with what the platform lists now: a rule stops whose definition is missing or deactivated.
func (r *ruleSet) refresh(definitions []platform.PresenceDefinition) *ruleSet {
	active := func(id string) bool {
		return slices.ContainsFunc(definitions, func(d platform.PresenceDefinition) bool { return d.ID == id && !d.Deactivated })
	}
	next := *r
	next.list = slices.Clone(r.list)
	for i := range next.list {
		next.list[i].gone = next.list[i].definition != "" && !active(next.list[i].definition)
	}
	next.lost.gone = !active(next.lost.definition)
	next.missing = make(map[string]bool, len(r.systems))
	for id := range r.systems {
		next.missing[id] = !active(id)
	}
	return &next
}

// restrictToOffQueue returns the rules of a client that may not put others on queue: a release gives Available instead.
func (r *ruleSet) restrictToOffQueue() *ruleSet {
	next := *r
	next.offQueueOnly = true
	return &next
}

// isGone returns the names of the definitions that rules stopped for.
func (r *ruleSet) isGone() (names []string) {
	for _, one := range r.list {
		if one.gone {
			names = append(names, one.Presence)
		}
	}
	return names
}

// of returns the first rule for a state of the source, nil when there is none.
func (r *ruleSet) of(source platform.Activity) *resolved {
	for i := range r.list {
		rule := &r.list[i]
		if rule.State == source.State && (rule.Code == "" || settings.MatchAny([]string{rule.Code}, source.Code)) {
			return rule
		}
	}
	return nil
}
