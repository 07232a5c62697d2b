package app

import (
	"cmp"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
	"github.com/ccaas-exporter/ccaas_exporter/platform/presence"
)

// pairStatus is how the presences of a pair of accounts agree, and whether they are written. It counts persons and names none. What
// is not known is absent.
type pairStatus struct {
	Pair          string     `json:"pair"`
	Source        string     `json:"source"` // names of accounts
	Target        string     `json:"target"`
	Matched       *float64   `json:"matched,omitempty"`
	DoubleBooked  *float64   `json:"double_booked,omitempty"`
	Disagreements *float64   `json:"disagreements,omitempty"`
	SourceRead    time.Time  `json:"source_last_read,omitzero"`
	TargetRead    time.Time  `json:"target_last_read,omitzero"`
	Writer        pairWriter `json:"writer"`
	Pending       *float64   `json:"pending_changes,omitempty"`
	SourceLost    bool       `json:"source_lost"`
}

// pairWriter is whether this exporter writes the presences of a pair.
type pairWriter string

// The values of pairWriter.
const (
	writerLeads    pairWriter = "leader"
	writerNot      pairWriter = "not_leader"    // another one does, or none
	writerDry      pairWriter = "dry_run"       // everything is decided and nothing is written
	writerCompares pairWriter = "compared_only" // there is no sync
)

// Words are what the page calls it.
func (w pairWriter) Words() string {
	return map[pairWriter]string{
		writerLeads: "this exporter", writerNot: "not this exporter", writerDry: "dry run", writerCompares: "compared only",
	}[w]
}

// Level is the class of the page that colours it.
func (w pairWriter) Level() string {
	return map[pairWriter]string{writerLeads: "ok", writerNot: "degraded"}[w]
}

// The families that the status reads from a pair.
const (
	pairAgentsFamily        = "ccaas_presence_agents"
	pairDisagreementsFamily = "ccaas_presence_disagreements"
	pairDoubleBookedFamily  = "ccaas_presence_double_booked"
	pairSourceReadFamily    = "ccaas_presence_source_last_read_timestamp_seconds"
	pairTargetReadFamily    = "ccaas_presence_target_last_read_timestamp_seconds"
	pairLeaderFamily        = "ccaas_presence_leader"
	pairPendingFamily       = "ccaas_presence_pending_changes"
	pairSourceLostFamily    = "ccaas_presence_source_lost"
)

// pairFamilies are all of them.
func pairFamilies() []string {
	return []string{
		pairAgentsFamily, pairDisagreementsFamily, pairDoubleBookedFamily, pairSourceReadFamily, pairTargetReadFamily,
		pairLeaderFamily, pairPendingFamily, pairSourceLostFamily,
	}
}

// readPair reads the instruments of a pair.
func readPair(c presence.Config, set *metric.Set) pairStatus {
	values := readInstruments(set, "match", statusFamilies()...)
	number := func(family, match string) *float64 {
		if v, known := values[family][match]; known {
			return &v
		}
		return nil
	}
	p := pairStatus{
		Pair: c.Name, Source: c.Source, Target: c.Target,
		Matched: number(pairAgentsFamily, string(presence.Matched)), DoubleBooked: number(pairDoubleBookedFamily, ""),
		Disagreements: number(pairDisagreementsFamily, ""), Pending: number(pairPendingFamily, ""),
		SourceRead: unixTime(values[pairSourceReadFamily][""]), TargetRead: unixTime(values[pairTargetReadFamily][""]),
		Writer: writerNot, SourceLost: values[pairSourceLostFamily][""] == 1,
	}
	if p.Disagreements == nil && p.DoubleBooked != nil { // a pair of states without an agent has no series
		p.Disagreements = new(0.0)
	}
	switch {
	case c.Sync == nil:
		p.Writer = writerCompares
	case c.Sync.DryRun:
		p.Writer = writerDry
	case values[pairLeaderFamily][""] == 1:
		p.Writer = writerLeads
	}
	return p
}

// IsDoubleBooked reports whether the next call may ring at an agent who is on one.
func (p *pairStatus) IsDoubleBooked() bool { return p.DoubleBooked != nil && *p.DoubleBooked > 0 }

// addPairs adds the pairs that are among the accounts of these names or name one of them; all when none is given.
func (s *status) addPairs(pairs []*pair, names []string) {
	for _, p := range pairs {
		c := p.settings.config
		if len(names) > 0 && !slices.ContainsFunc([]string{c.Name, c.Source, c.Target}, func(n string) bool { return slices.Contains(names, n) }) {
			continue
		}
		s.Pairs = append(s.Pairs, readPair(c, p.presence.Metrics()))
		state, name := p.account.State(), accountName{p.account.Platform(), p.account.Name()}
		for _, f := range state.Feeds {
			s.Feeds = append(s.Feeds, feedRow(name, f))
		}
		if c.Sync != nil {
			s.Clients = append(s.Clients, readClient(name, p.account.Budget(), state.Metrics))
		}
	}
}

// isPair reports whether an account is a pair, which has no planes of its own.
func (s *setup) isPair(account *feed.Account) bool {
	return slices.ContainsFunc(s.pairs, func(p *pair) bool { return p.account == account })
}

// withAccountsOfPairs adds, to names of accounts and pairs, the accounts of those pairs.
func (s *setup) withAccountsOfPairs(names []string) []string {
	all := slices.Clone(names)
	for _, p := range s.pairs {
		if c := p.settings.config; slices.Contains(names, c.Name) {
			all = append(all, c.Source, c.Target)
		}
	}
	return all
}

// comparePairs orders those first of which callers may notice something.
func comparePairs(x, y pairStatus) int {
	return cmp.Or(compareBools(y.SourceLost, x.SourceLost), compareBools(y.IsDoubleBooked(), x.IsDoubleBooked()))
}
