package presence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// ErrNoSuchAgent is the error of Explain when neither side knows the agent.
var ErrNoSuchAgent = errors.New("neither account has an agent with this id, e-mail address or user name")

// Explain reads both sides and says what is known of one agent, which rule is for the agent, what is decided and why. It writes
// nothing, and remembers what Redis holds at most: the memory of a running exporter is its own.
func (p *Pair) Explain(ctx context.Context, agent string) (string, error) {
	for _, side := range []struct {
		name string
		Reader
	}{{p.config.Source, p.source}, {p.config.Target, p.target}} {
		for _, poll := range pollsOf(side.Persons()) {
			if err := side.Poll(ctx, poll); err != nil {
				return "", fmt.Errorf("%s: %w", side.name, err)
			}
		}
	}
	source, target := p.rosters()
	if source == nil || target == nil {
		return "", errors.New("the agents of an account are not read")
	}
	rules, definitions, record := builtIn(), []platform.PresenceDefinition(nil), map[string]record{}
	if p.sync != nil {
		var err error
		if definitions, err = p.sync.writer.Definitions(ctx); err != nil {
			return "", fmt.Errorf("presence definitions: %w", err)
		}
		if rules, err = resolveRules(p.sync.config, definitions); err != nil {
			return "", err
		}
		if record, err = p.sync.recall(ctx); err != nil {
			return "", err
		}
	}
	e := explanation{Pair: p, rules: rules, definitions: definitions, source: source, target: target, matching: p.match(source, target)}
	if !e.find(agent) {
		return "", ErrNoSuchAgent
	}
	return e.text(record[e.to], time.Now()), nil
}

// recall returns what the keeper holds, without asking to become the writer.
func (s *syncer) recall(ctx context.Context) (map[string]record, error) {
	redis, ok := s.keeper.(*inRedis)
	if !ok {
		return map[string]record{}, nil
	}
	kept, err := redis.recall(ctx)
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	records := map[string]record{}
	for id, text := range kept {
		var r record
		if json.Unmarshal(text, &r) == nil {
			records[id] = r
		}
	}
	return records, nil
}

// explanation is what is known of one agent.
type explanation struct {
	*Pair
	rules          *ruleSet
	definitions    []platform.PresenceDefinition
	source, target *platform.Roster
	matching       matching
	from, to       string // ids on both sides; "" where there is none
}

// find looks for the agent on both sides.
func (e *explanation) find(agent string) bool {
	is := func(p platform.Person) bool {
		return normalise(p.ID) == normalise(agent) || p.Email != "" && normalise(p.Email) == normalise(agent) || p.Username != "" && normalise(p.Username) == normalise(agent)
	}
	for id, p := range e.source.Persons {
		if is(p) {
			e.from = id
		}
	}
	for id, p := range e.target.Persons {
		if is(p) {
			e.to = id
		}
	}
	for from, to := range e.matching.Targets {
		if from == e.from || e.from == "" && to == e.to {
			e.from, e.to = from, to
			return true
		}
	}
	return e.from != "" || e.to != ""
}

func (e *explanation) text(record record, now time.Time) string {
	var b strings.Builder
	line := func(key, format string, args ...any) {
		fmt.Fprintf(&b, "  %-9s %s\n", key, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(&b, "pair %s\n", e.config.Name)
	here, there := e.source.Activities[e.from], e.target.Activities[e.to]
	line("source", "%s, agent %s: %s", e.config.Source, orNone(e.from), stateInWords(here))
	line("target", "%s, user %s: %s", e.config.Target, orNone(e.to), e.presenceInWords(there))
	if e.from == "" || e.to == "" || e.matching.Targets[e.from] != e.to {
		line("match", "none: the agent is on one side only, excluded, or has more than one candidate")
		return b.String()
	}
	line("match", "the same person")
	record = record.see(here, there, e.rules, e.target.Read, now)
	switch {
	case record.Ours != "":
		line("memory", "the sync wrote %s at %s; before: %s", e.name(record.Ours), record.Sent.UTC().Format(time.RFC3339), orNone(e.name(record.Previous)))
	case record.Chose != "":
		line("memory", "a person chose another presence at %s", record.ChoseAt.UTC().Format(time.RFC3339))
	}
	if rule := e.rules.of(here); rule != nil {
		line("rule", "%s", rule)
	}
	d := decide(record, here, there, e.rules, now)
	switch {
	case e.sync == nil && e.rules.differs(record, here, there):
		line("verdict", "the two sides contradict each other")
	case e.sync == nil:
		line("verdict", "the two sides agree")
	case d.Refusal != "":
		line("decision", "nothing, refused (%s): %s", d.Refusal, d.Why)
	case d.Change == nil:
		line("decision", "nothing: %s", d.Why)
	case e.sync.config.DryRun:
		line("decision", "%s: %s would be written (dry run): %s", d.Change.Action, e.name(d.Change.Definition), d.Why)
	default:
		line("decision", "%s: write %s: %s", d.Change.Action, e.name(d.Change.Definition), d.Why)
	}
	return b.String()
}

// String is the rule in words.
func (r resolved) String() string {
	when := string(r.State)
	if r.Code != "" {
		when += " with code " + r.Code
	}
	switch {
	case r.Leave:
		return when + ": leave alone"
	case r.Release != "":
		return when + ": release, " + string(r.Release)
	}
	return when + ": " + r.Presence
}

func stateInWords(a platform.Activity) string {
	words := orNone(string(a.State))
	if a.Code != "" {
		words += " (" + a.Code + ")"
	}
	if !a.Since.IsZero() {
		words += " since " + a.Since.UTC().Format(time.RFC3339)
	}
	return words
}

func (e *explanation) presenceInWords(a platform.Activity) string {
	if a.Definition == "" && a.System == "" {
		return "not known"
	}
	words := []string{fmt.Sprintf("%s (%s), routing: %s, since %s", e.name(a.Definition), a.System, orNone(string(a.State)), a.Modified.UTC().Format(time.RFC3339))}
	for _, extra := range []struct {
		is   bool
		text string
	}{{a.OutOfOffice, "out of office"}, {a.Foreign, "owned by another system"}, {a.Wish != "", "wishes " + e.name(a.Wish)}} {
		if extra.is {
			words = append(words, extra.text)
		}
	}
	return strings.Join(words, ", ")
}

// name returns the name of a definition, or its id where it has none.
func (e *explanation) name(id string) string {
	for _, d := range e.definitions {
		if d.ID == id && d.Name != "" {
			return d.Name
		}
	}
	return id
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}
