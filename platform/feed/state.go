package feed

import (
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// AccountState is what may be exported of an account at one moment. Nothing in it changes any more.
type AccountState struct {
	Platform  string
	Account   string
	Cohorts   []string
	Expected  []platform.CohortRegion
	Info      Info
	Snapshots []*platform.Snapshot // in the order of the feeds; one older than its feed's MaxAge is left out
	Planes    []PlaneStatus        // empty until the health feed has run once
	// Incidents are the open incidents of all status pages, by impact; the snapshots hold those of each page.
	Incidents map[string]int
	Policies  []platform.Policy // of components
	// Maintenances is the number of scheduled maintenances in progress on all status pages; nil when no page reports any.
	Maintenances *int
	Feeds        []State
	Unknowns     map[string]uint64 // values that the client does not know, by field
	Metrics      *metric.Set       // of the API client
}

// PlaneStatus is the status of one plane of an account.
type PlaneStatus struct {
	Plane  platform.Plane
	Status platform.Status
	Since  time.Time // when the status was first seen; zero while it is not noted yet
}

// State is how the runs of a feed went.
type State struct {
	Name        string
	MinInterval time.Duration // at the moment; 0 of a stream
	Up          bool          // the last run succeeded; of a stream: it is connected
	Attempted   time.Time
	Succeeded   time.Time
	Duration    time.Duration // of the last run that ended
	Runs        uint64        // that ended
	Failures    map[platform.Reason]uint64
	Violations  uint64
	Consecutive uint64    // failures since the last success
	NextDue     time.Time // when a scrape next starts a run, at the earliest; zero of a stream, and before the first run
	LastError   string    // of the last run, in the exporter's own words; "" when it succeeded
}
