package app

import (
	"strings"
	"sync"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// listedCohort is a cohort that has queues, with the account that it is listed under.
type listedCohort struct {
	account string
	settings.Cohort
	queues settings.Patterns
}

// queueCohorts are the cohorts that have queues, of all accounts: contacts of a cohort may arrive at any of them.
func (c *Config) queueCohorts() (all []listedCohort) {
	for _, a := range c.accounts {
		for _, cohort := range a.ExpectedCohorts() {
			if len(cohort.Queues) > 0 {
				all = append(all, listedCohort{a.Label(), cohort, settings.NewPatterns(cohort.Queues)})
			}
		}
	}
	return all
}

// expectCohorts adds to a source where its cohorts are expected.
func (s accountSettings) expectCohorts(source *feed.Source) {
	for _, c := range s.account.ExpectedCohorts() {
		if len(c.Queues) > 0 || c.Region != "" {
			source.Expected = append(source.Expected, platform.CohortRegion{Name: c.Name, Region: c.Region})
		}
	}
	if len(s.cohorts) > 0 {
		source.Assign = (&assignments{account: s.account.Label(), cohorts: s.cohorts}).of
	}
}

// assignments remembers which cohorts the queues of an account belong to: patterns are matched once for each name.
type assignments struct {
	account string
	cohorts []listedCohort

	mu     sync.Mutex
	region string
	known  map[string][]platform.QueueCohort
}

// maxAssignments is how many names of queues are remembered before all are forgotten.
const maxAssignments = 100_000

func (a *assignments) of(region, queue string) []platform.QueueCohort {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.region != region || len(a.known) >= maxAssignments || a.known == nil {
		a.region, a.known = region, map[string][]platform.QueueCohort{}
	}
	found, known := a.known[queue]
	if !known {
		found = a.match(region, queue)
		a.known[queue] = found
	}
	return found
}

// match finds the cohorts of a queue. Where the account's own cohorts claim it, those of other accounts do not: queues of one
// name are usual. A cohort that is listed under several accounts is expected at each.
func (a *assignments) match(region, queue string) (own []platform.QueueCohort) {
	var others []platform.QueueCohort
	at := map[string]int{} // places of cohorts in others
	for _, c := range a.cohorts {
		if !c.queues.MatchAny(queue) {
			continue
		}
		here := strings.EqualFold(c.Region, region)
		found := platform.QueueCohort{Name: c.Name, Account: c.account, Region: c.Region, Expected: here}
		if c.account == a.account {
			found.Expected = here || c.Region == ""
			own = append(own, found)
			continue
		}
		i, again := at[c.Name]
		switch {
		case !again:
			at[c.Name] = len(others)
			others = append(others, found)
		case found.Expected:
			others[i] = found
		}
	}
	if len(own) > 0 {
		return own
	}
	return others
}
