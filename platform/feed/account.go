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

// Account runs the feeds of a source when scrapes ask for it, and keeps what they learned.
type Account struct {
	source Source
	limits PlaneLimits
	log    *slog.Logger
	spawn  func(func(context.Context)) // on the account's own context: runs outlive requests
	stop   func()

	mu       sync.Mutex
	closed   bool    // no run begins any more
	feeds    []*feed // in the order in which the budget serves them
	planes   map[platform.Plane]platform.Status
	unknowns map[string]uint64
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
		planes:   map[platform.Plane]platform.Status{},
	}
	kinds := map[string]int{}
	for _, f := range source.Feeds {
		a.feeds = append(a.feeds, newFeed(a, f))
		for _, field := range f.Fields {
			a.unknowns[field] = 0
		}
		kinds[kindOf(f.Name)]++
	}
	for _, f := range a.feeds {
		f.qualify = kinds[kindOf(f.Name)] > 1
	}
	slices.SortStableFunc(a.feeds, func(x, y *feed) int { return int(x.Class) - int(y.Class) })
	for _, f := range a.feeds {
		if f.Serve != nil {
			a.spawn(f.stream)
		}
	}
	return a
}

// Name is the account's name in the configuration.
func (a *Account) Name() string { return a.source.Name }

// Platform is genesys or cxone.
func (a *Account) Platform() string { return a.source.Platform }

// Refresh starts every feed whose minimum interval has passed, joins the runs under way, and waits for all of them, but
// not longer than ctx lives. What misses this scrape serves the next.
func (a *Account) Refresh(ctx context.Context) {
	for _, ended := range a.start(time.Now()) {
		select {
		case <-ended:
		case <-ctx.Done():
			return
		}
	}
	a.settle(platform.Evidence{})
}

// start returns a channel for each run under way, which is closed when the run ends.
func (a *Account) start(now time.Time) (ended []<-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range a.feeds {
		if f.ended == nil && !a.closed && f.due(now) {
			f.begin(now)
			a.spawn(f.run)
		}
		if f.ended != nil && f.Serve == nil {
			ended = append(ended, f.ended)
		}
	}
	return ended
}

// Close ends all runs, waits for them and releases the connections. A scrape may still refresh and view the account: it
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

// State is what may be exported now.
func (a *Account) State() AccountState {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	v := AccountState{
		Platform:  a.source.Platform,
		Account:   a.source.Name,
		Cohorts:   a.source.Cohorts,
		Info:      a.source.Info(),
		Metrics:   a.source.Metrics,
		Unknowns:  maps.Clone(a.unknowns),
		Incidents: map[string]int{},
	}
	for _, f := range a.feeds {
		v.Feeds = append(v.Feeds, f.status())
	}
	v.Snapshots = a.snapshots(now)
	for _, snapshot := range v.Snapshots {
		for _, incidents := range snapshot.Incidents {
			v.Incidents[incidents.Impact] += incidents.Count
		}
		if snapshot.Maintenances != nil {
			v.Maintenances = add(v.Maintenances, *snapshot.Maintenances)
		}
	}
	v.Planes = a.judge(v.Snapshots)
	return v
}

func add(sum *int, n int) *int {
	if sum != nil {
		n += *sum
	}
	return &n
}

// snapshots are those fresh enough to be exported. The caller holds the lock.
func (a *Account) snapshots(now time.Time) (snapshots []*platform.Snapshot) {
	for _, f := range a.feeds {
		if snapshot := f.exported(now); snapshot != nil {
			snapshots = append(snapshots, snapshot)
		}
	}
	return snapshots
}

// judge tells the status of both planes, or nothing before the health feed has run once. The caller holds the lock.
func (a *Account) judge(snapshots []*platform.Snapshot) []PlaneStatus {
	ran := slices.ContainsFunc(a.feeds, func(f *feed) bool { return f.Name == Health && f.state.Runs > 0 })
	if !ran {
		return nil
	}
	return planeStatuses(snapshots, a.limits)
}

// settle logs the planes whose status has changed, with what showed it.
func (a *Account) settle(evidence platform.Evidence) {
	now := time.Now()
	var changes []transition
	a.mu.Lock()
	for _, p := range a.judge(a.snapshots(now)) {
		before, known := a.planes[p.Plane]
		if !known && p.Status == platform.Unknown {
			continue // nothing is known of it yet
		}
		a.planes[p.Plane] = p.Status
		if t := (transition{
			object: object{kind: "platform", plane: p.Plane, name: string(p.Plane)},
			from:   before.String(), to: p.Status, since: now, evidence: evidence,
		}); known && before != p.Status {
			changes = append(changes, t)
		} else if !known && p.Status > platform.Operational {
			t.from = "none"
			changes = append(changes, t)
		}
	}
	a.mu.Unlock()
	for _, t := range changes {
		a.logTransition(t)
	}
}
