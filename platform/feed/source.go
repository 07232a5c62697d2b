package feed

import (
	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// Source is what a vendor's package makes of one account in the configuration. Nothing in it has asked the platform yet.
type Source struct {
	Platform string // label platform, such as genesys
	Name     string // of the account
	Cohorts  []string
	Expected []platform.CohortRegion // where cohorts are expected that have queues or a region in the configuration
	// Assign returns the cohorts whose contacts a queue of the account holds, which lives in the region; nil = none.
	Assign  func(region, queue string) []platform.QueueCohort
	Feeds   []Feed
	Budget  Budget
	Info    func() Info // sends no request
	Metrics *metric.Set // of its API client; nil = none
	Persons Persons     // how its persons are read; the zero value where they are not
	// Policies are those of the account's components. Weigh fills in the weight of a component of a feed, which calls it own;
	// nil = no component has any.
	Policies []platform.Policy
	Weigh    func(feed, own string, c *platform.Component)
	Close    func() // releases connections, after every feed has ended; nil = nothing to release
}

// Budget is the number of calls a minute that an account may make, and the vendor's own limit; 0 when the vendor publishes none.
type Budget struct {
	PerMinute float64
	Limit     float64
}

// Info is where an account lives. RegionCode is "" until discovery has named it; nothing but the account's feed metrics is
// exported until then.
type Info struct {
	RegionCode string
	APIHost    string
}
