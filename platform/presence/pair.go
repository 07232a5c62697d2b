package presence

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// Options of New.
type Options struct {
	Config         Config
	Redis          RedisConfig // the zero value: nothing is kept outside the process
	Source, Target Reader
	Writer         Writer // needed where Config.Sync is
	Logger         *slog.Logger
}

// The names of the feeds of a pair.
const (
	feedComparison = "comparison" // polled by scrapes
	feedSync       = "sync"       // runs always
)

const (
	compareEvery   = 10 * time.Second
	compareTimeout = 2 * time.Minute
	// fresh is how old the readings of both sides may be for their numbers to be exported.
	fresh = 5 * time.Minute
)

// Pair compares two accounts and, where it is configured, keeps them in step. It is safe for concurrent use.
type Pair struct {
	config         Config
	source, target Reader
	log            *slog.Logger
	metrics        *metrics
	sync           *syncer // nil: presences are only compared

	mu       sync.Mutex
	comparer *comparer
	matching matching
	matched  [2]time.Time // when the persons that were matched had been listed, on both sides
}

// New makes a pair. It asks nothing yet.
func New(o Options) (*Pair, error) {
	log := cmp.Or(o.Logger, slog.New(slog.DiscardHandler)).With("pair", o.Config.Name)
	p := &Pair{
		config: o.Config, source: o.Source, target: o.Target, log: log,
		metrics: newMetrics(o.Config.Name, o.Config.Sync != nil), comparer: newComparer(),
	}
	if o.Config.Sync == nil {
		return p, nil
	}
	var kept keeper = &ownMemory{}
	if o.Redis.Address != "" {
		var err error
		if kept, err = newInRedis(o.Redis, o.Config.Name); err != nil {
			return nil, err
		}
	}
	p.sync = newSyncer(p, *o.Config.Sync, o.Writer, kept)
	return p, nil
}

// Feeds returns the feed of the pair: a poll where presences are compared, a stream where they are kept in step.
func (p *Pair) Feeds() []feed.Feed {
	if p.sync != nil {
		return []feed.Feed{{Name: feedSync, Class: platform.ClassPresence, Serve: p.sync.serve}}
	}
	return []feed.Feed{{
		Name: feedComparison, Class: platform.ClassPresence, MinInterval: compareEvery, Timeout: compareTimeout, Poll: p.poll,
	}}
}

// Metrics returns what the pair counts and measures, each with the label pair.
func (p *Pair) Metrics() *metric.Set { return &p.metrics.set }

// Close releases connections. The feeds have ended before.
func (p *Pair) Close() {
	if p.sync != nil {
		p.sync.keeper.close()
	}
}

// poll reads both sides as far as they are due, and compares them.
func (p *Pair) poll(ctx context.Context) (*platform.Snapshot, error) {
	var group errgroup.Group // without a context: one side that fails costs the other nothing
	for _, r := range []Reader{p.source, p.target} {
		for _, name := range pollsOf(r.Persons()) {
			group.Go(guard.Func(func() error { return r.PollDue(ctx, name) }))
		}
	}
	err := group.Wait()
	p.compare(builtIn(), func(string) record { return record{} }, time.Now())
	return &platform.Snapshot{}, err
}

// pollsOf returns the polls of an account's persons, each once; none of an account whose persons are not read.
func pollsOf(p feed.Persons) []string {
	if p.Roster == nil {
		return nil
	}
	if p.Activities == p.Directory {
		return []string{p.Activities}
	}
	return []string{p.Directory, p.Activities}
}

// rosters returns what was read last of both sides; nil where nothing was.
func (p *Pair) rosters() (source, target *platform.Roster) {
	return rosterOf(p.source), rosterOf(p.target)
}

// rosterOf returns what was read last of an account; nil also for one whose persons are not read.
func rosterOf(r Reader) *platform.Roster {
	if read := r.Persons().Roster; read != nil {
		return read()
	}
	return nil
}

// match returns who is who, found anew when the persons of one side have been listed again.
func (p *Pair) match(source, target *platform.Roster) matching {
	p.mu.Lock()
	defer p.mu.Unlock()
	if listed := [2]time.Time{source.Listed, target.Listed}; listed != p.matched {
		p.matching, p.matched = matchPersons(p.config, source.Persons, target.Persons), listed
		p.log.Debug("persons matched", "counts", fmt.Sprint(p.matching.Counts))
	}
	return p.matching
}

// compare measures how both sides differ by the rules. Numbers older than fresh are taken back; an answer that is not trusted
// changes nothing.
func (p *Pair) compare(rules *ruleSet, remembered func(person string) record, now time.Time) {
	source, target := p.rosters()
	if source == nil || target == nil || now.Sub(source.Read) > fresh || now.Sub(target.Read) > fresh {
		p.metrics.forget()
		return
	}
	at(p.metrics.sourceRead, source.Read)
	at(p.metrics.targetRead, target.Read)
	if source.Suspect || target.Suspect {
		return
	}
	m := p.match(source, target)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.metrics.compared(p.comparer.compare(m, source, target, func(person string, here, there platform.Activity) bool {
		return rules.differs(remembered(person), here, there)
	}, now))
}
