package feed

import (
	"strings"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// completeComponents gives the components of a snapshot the names by which the account knows them, and their weights. Where several
// feeds are of one kind, such as two status pages, a name begins with the feed's.
func (r *runner) completeComponents(snapshot *platform.Snapshot) {
	prefix, own := "", map[string]bool{}
	if r.prefixed {
		_, name, _ := strings.Cut(r.Name, "/")
		prefix = name + "/"
	}
	for i := range snapshot.Components {
		own[snapshot.Components[i].Name] = true
	}
	for i := range snapshot.Components {
		c := &snapshot.Components[i]
		name := c.Name
		c.Name = prefix + name
		if r.account.source.Weigh == nil {
			continue
		}
		r.account.source.Weigh(r.Name, name, c)
		var full []string // the list of the policy is not ours to change
		for _, other := range c.DependsOn {
			if own[other] {
				other = prefix + other
			}
			full = append(full, other)
		}
		c.DependsOn = full
	}
}

// assign gives the queues of a snapshot the cohorts whose contacts they hold.
func (r *runner) assign(snapshot *platform.Snapshot) {
	assign := r.account.source.Assign
	if assign == nil || len(snapshot.Queues) == 0 {
		return
	}
	region := r.account.source.Info().RegionCode
	for i := range snapshot.Queues {
		snapshot.Queues[i].Cohorts = assign(region, snapshot.Queues[i].Name)
	}
}
