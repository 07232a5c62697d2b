package feed

import "github.com/prometheus/client_golang/prometheus"

// Source is what a vendor's package makes of one account in the configuration.
type Source struct {
	Platform string // genesys or cxone
	Name     string // of the account
	Cohorts  []string
	Feeds    []Feed
	Budget   Budget
	Info     func() Info
	Metrics  prometheus.Collector // of its API client, without the standard labels
	Close    func()               // releases connections, after every feed has ended
}

// Budget is how many calls a minute an account may make, and the vendor's own limit; 0 when the vendor publishes none.
type Budget struct {
	PerMinute float64
	Limit     float64
}

// Info is what is known about where an account lives. RegionCode is "" until discovery has named it; nothing but the
// account's feed metrics is exported until then.
type Info struct {
	RegionCode string
	APIHost    string
}
