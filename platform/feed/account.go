package feed

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// Account runs the feeds of a source and keeps the snapshots that they publish. It is safe for concurrent use.
type Account struct {
	source Source
	limits PlaneLimits
	log    *slog.Logger
	spawn  func(func(context.Context)) // on the account's own context: runs outlive requests
	stop   func()

	mu       sync.Mutex
	closed   bool                           // no run begins any more
	runners  []*runner                      // in the order in which the budget serves them
	planes   map[platform.Plane]PlaneStatus // as last noted
	recent   []Transition                   // the latest last
	unknowns map[string]uint64
	scraped  time.Time // when Refresh was called last
}

// NewAccount makes an account whose feeds end with ctx or with Close, whichever is first.
func NewAccount(ctx context.Context, source Source, limits PlaneLimits, log *slog.Logger) *Account {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	a := &Account{
		source:   source,
		limits:   limits,
		log:      log.With("platform", source.Platform, "account", source.Name),
		spawn:    func(run func(context.Context)) { running.Go(func() { run(ctx) }) },
		stop:     func() { cancel(); running.Wait() },
		unknowns: map[string]uint64{},
		planes:   map[platform.Plane]PlaneStatus{},
	}
	kinds := map[string]int{}
	for _, f := range source.Feeds {
		a.runners = append(a.runners, newRunner(a, f))
		for _, field := range f.Fields {
			a.unknowns[field] = 0
		}
		kinds[kindOf(f.Name)]++
	}
	for _, r := range a.runners {
		r.prefixed = kinds[kindOf(r.Name)] > 1
	}
	slices.SortStableFunc(a.runners, func(x, y *runner) int { return int(x.Class) - int(y.Class) })
	for _, r := range a.runners {
		if r.Serve != nil {
			a.spawn(r.stream)
		}
	}
	return a
}

// Name is the account's name in the configuration.
func (a *Account) Name() string { return a.source.Name }

// Platform is the label of the account's platform, such as genesys.
func (a *Account) Platform() string { return a.source.Platform }

// Budget returns how many calls a minute the account may make.
func (a *Account) Budget() Budget { return a.source.Budget }

// Info returns where the account lives, as far as it is known.
func (a *Account) Info() Info { return a.source.Info() }

// Refresh starts every poll whose minimum interval has passed, joins the runs under way, and waits for all of them, but
// not longer than ctx lives. What misses this scrape serves the next.
func (a *Account) Refresh(ctx context.Context) {
	for _, run := range a.startDue(time.Now()) {
		select {
		case <-run.ended:
		case <-ctx.Done():
			return
		}
	}
}

// Scraped returns when a scrape last asked for what is due; the zero time before the first.
func (a *Account) Scraped() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.scraped
}

// startDue returns every run of a poll that is under way, after starting those that are due.
func (a *Account) startDue(now time.Time) (runs []*run) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.scraped = now
	for _, r := range a.runners {
		if r.Serve != nil {
			continue
		}
		if r.current == nil && r.due(now) {
			r.start(now)
		}
		if r.current != nil {
			runs = append(runs, r.current)
		}
	}
	return runs
}

// Close ends all runs, waits for them and releases the connections. A scrape may still refresh and read the account: it
// gets what is there.
func (a *Account) Close() {
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock()
	a.stop()
	if a.source.Close != nil {
		a.source.Close()
	}
}

// State returns what may be exported now. It first publishes what streams have offered since the last time.
func (a *Account) State() AccountState {
	for _, r := range a.runners {
		r.renderOffer()
	}
	now := time.Now()
	a.expire(now)
	a.mu.Lock()
	defer a.mu.Unlock()
	s := AccountState{
		Platform:  a.source.Platform,
		Account:   a.source.Name,
		Cohorts:   a.source.Cohorts,
		Expected:  a.source.Expected,
		Policies:  a.source.Policies,
		Info:      a.source.Info(),
		Metrics:   a.source.Metrics,
		Unknowns:  maps.Clone(a.unknowns),
		Incidents: map[string]int{},
		Snapshots: a.snapshots(),
	}
	for _, r := range a.runners {
		s.Feeds = append(s.Feeds, r.status())
	}
	for _, snapshot := range s.Snapshots {
		for _, incidents := range snapshot.Incidents {
			s.Incidents[incidents.Impact] += incidents.Count
		}
		s.Maintenances = platform.Sum(s.Maintenances, snapshot.Maintenances)
	}
	s.Planes = a.planeStatuses()
	for i, p := range s.Planes {
		if noted := a.planes[p.Plane]; noted.Status == p.Status {
			s.Planes[i].Since = noted.Since
		}
	}
	return s
}

// snapshots are those that may be exported. The caller holds the lock.
func (a *Account) snapshots() (snapshots []*platform.Snapshot) {
	for _, r := range a.runners {
		if r.snapshot != nil {
			snapshots = append(snapshots, r.snapshot)
		}
	}
	return snapshots
}

// planeStatuses returns the status of both planes, or nothing before the health feed has run once. The caller holds the
// lock.
func (a *Account) planeStatuses() []PlaneStatus {
	ran := slices.ContainsFunc(a.runners, func(r *runner) bool { return r.Name == Health && r.state.Runs > 0 })
	if !ran {
		return nil
	}
	return planeStatuses(a.snapshots(), a.limits)
}
