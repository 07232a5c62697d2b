package presence

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// states are those that a rule may be for.
var states = []platform.AgentState{
	platform.AgentReady, platform.AgentEngaged, platform.AgentAfterContactWork, platform.AgentNotResponding, platform.AgentUnavailable,
	platform.AgentOffline,
}

// Validate returns every problem, each beginning with its key. Accounts are the names of all accounts.
func (c Config) Validate(accounts []string) (problems []error) {
	report := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if strings.TrimSpace(c.Name) == "" {
		report("name: missing")
	}
	for _, side := range []struct{ key, account string }{{"source", c.Source}, {"target", c.Target}} {
		switch {
		case side.account == "":
			report("%s: missing", side.key)
		case !slices.Contains(accounts, side.account):
			report("%s: there is no account %q", side.key, side.account)
		}
	}
	if c.Source != "" && c.Source == c.Target {
		report("target: %q is the source too", c.Target)
	}
	if time.Duration(c.Directory) < time.Minute {
		report("directory: %v is too short, expected 1m or more", c.Directory)
	}
	if len(c.Match) == 0 && len(c.Agents) == 0 {
		report("match: empty, and no agents either: no agent could be matched")
	}
	keys := []Key{ByExternalID, ByEmail, ByUsername}
	for i, key := range c.Match {
		switch {
		case !slices.Contains(keys, key):
			report("match[%d]: unknown, expected external_id, email or username", i)
		case slices.Contains(c.Match[:i], key):
			report("match[%d]: %s is listed twice", i, key)
		}
	}
	problems = append(problems, c.validateAgents()...)
	problems = append(problems, settings.CheckPatterns("exclude", c.Exclude, "pattern such as *@training.example.com")...)
	if c.Sync != nil {
		problems = append(problems, settings.Under("sync", c.Sync.Validate())...)
	}
	return problems
}

// validateAgents names no agent: ids stand for persons.
func (c Config) validateAgents() (problems []error) {
	taken := map[string]bool{}
	for from, to := range c.Agents {
		if strings.TrimSpace(from) == "" || strings.TrimSpace(to) == "" {
			problems = append(problems, errors.New("agents: an empty id"))
		}
		if taken[to] {
			problems = append(problems, errors.New("agents: two agents of the source have the same id on the target"))
		}
		taken[to] = true
	}
	return problems
}

// Validate returns every problem, each beginning with its key.
func (c SyncConfig) Validate() (problems []error) {
	report := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if c.ID == "" {
		report("client_id: missing: the sync writes with a client of its own")
	}
	if err := settings.OneSecret("client_secret", string(c.Secret), c.SecretFile); err != nil {
		problems = append(problems, err)
	}
	problems = append(problems, settings.Under("rate_limit", c.RateLimit.Validate(0))...)
	for _, d := range []struct {
		key   string
		value model.Duration
		least time.Duration
	}{
		{"poll", c.Poll, time.Second},
		{"protect_after", c.ProtectAfter, 0},
		{"release_after", c.ReleaseAfter, 0},
		{"reconcile", c.Reconcile, time.Minute},
		{"source_lost.after", c.SourceLost.After, 10 * time.Second},
	} {
		if time.Duration(d.value) < d.least {
			report("%s: %v is too short, expected %v or more", d.key, d.value, model.Duration(d.least))
		}
	}
	if c.WhileInteracting != ProtectInteracting && c.WhileInteracting != WaitForInteraction {
		report("while_interacting: unknown, expected protect or wait")
	}
	if c.MaxChanges < 1 {
		report("max_changes_per_minute: %d is not positive", c.MaxChanges)
	}
	if c.SourceLost.Failures < 1 {
		report("source_lost.failures: %d is not positive", c.SourceLost.Failures)
	}
	if strings.TrimSpace(c.SourceLost.Presence) == "" {
		report("source_lost.presence: missing")
	}
	if !(c.SourceLost.MaxShare >= 0 && c.SourceLost.MaxShare <= 1) {
		report("source_lost.max_share: %v is no share, expected 0 to 1", c.SourceLost.MaxShare)
	}
	if len(c.Rules) == 0 {
		report("rules: missing")
	}
	for i, rule := range c.Rules {
		problems = append(problems, settings.Under(fmt.Sprintf("rules[%d]", i), rule.validate(c.Rules[:i]))...)
	}
	return problems
}

// validate returns every problem of a rule, given those before it.
func (r Rule) validate(before []Rule) (problems []error) {
	report := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if !slices.Contains(states, r.State) {
		report("state: unknown, expected one of %s", strings.Join(asText(states), ", "))
	}
	if r.Code != "" && r.State != platform.AgentUnavailable {
		report("code: only agents who are unavailable have one")
	}
	if r.Code != "" && len(settings.CheckPatterns("code", []string{r.Code}, "")) > 0 {
		report("code: no pattern, expected one such as Lunch*")
	}
	given := 0
	for _, is := range []bool{r.Presence != "", r.Release != "", r.Leave} {
		if is {
			given++
		}
	}
	if given != 1 {
		report("presence, release, leave: %d are given, expected exactly one", given)
	}
	if releases := []Release{ReleasePrevious, ReleaseOnQueue, ReleaseAvailable}; r.Release != "" && !slices.Contains(releases, r.Release) {
		report("release: unknown, expected previous, on_queue or available")
	}
	for i, other := range before {
		if other.State == r.State && shadows(other.Code, r.Code) {
			report("state: never reached, because rules[%d] matches first", i)
			break
		}
	}
	return problems
}

// shadows reports whether a pattern of codes matches whatever a later one matches, as far as examples of it show: a star stands for
// nothing, for one character and for many.
func shadows(earlier, later string) bool {
	if earlier == "" || strings.EqualFold(earlier, later) {
		return true
	}
	for _, star := range []string{"", "\x01", strings.Repeat("\x01", 100)} {
		example := strings.NewReplacer("*", star, "?", "\x01").Replace(later)
		if !settings.MatchAny([]string{earlier}, example) {
			return false
		}
	}
	return true
}

func asText(states []platform.AgentState) (words []string) {
	for _, s := range states {
		words = append(words, string(s))
	}
	return words
}
