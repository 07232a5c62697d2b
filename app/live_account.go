package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// accountCheck runs every feed of one account once, by the engine that would run it.
type accountCheck struct {
	check    *liveCheck
	settings accountSettings
	source   feed.Source
	warnings []string
	runs     []*feedRun
	polled   chan struct{} // closed once every poll has ended: streams start then
	account  *feed.Account // nil until open
	release  func()        // releases the connections; may be called again

	skew      float64 // seconds that the platform's clock is ahead
	elsewhere otherRegions
}

// How long a stream may take.
const (
	connectPatience   = 40 * time.Second // to connect: it may poll first
	heartbeatPatience = 50 * time.Second // for the first message: platforms send one every 30 s
)

// newAccountCheck prepares the check of an account.
func newAccountCheck(l *liveCheck, s accountSettings, source feed.Source, warnings []string) *accountCheck {
	k := &accountCheck{check: l, settings: s, source: source, warnings: warnings, polled: make(chan struct{})}
	k.release = sync.OnceFunc(func() {
		if source.Close != nil {
			source.Close()
		}
	})
	k.source.Close = k.release
	k.source.Feeds = make([]feed.Feed, len(source.Feeds))
	for i, f := range source.Feeds {
		run := newFeedRun(k, f)
		k.runs = append(k.runs, run)
		k.source.Feeds[i] = run.wrapped()
	}
	return k
}

// open makes the account. Its streams wait until the polls have ended.
func (k *accountCheck) open(ctx context.Context) {
	k.account = feed.NewAccount(ctx, k.source, planeLimits(k.settings.thresholds), slog.New(slog.DiscardHandler))
}

// close ends the account, or releases what it was to work with.
func (k *accountCheck) close() {
	if k.account != nil {
		k.account.Close()
	} else {
		k.release()
	}
}

// run asks the platform.
func (k *accountCheck) run(ctx context.Context) {
	k.runPolls(ctx, k.account)
	k.countPersons()
	close(k.polled)
	for _, r := range k.runs {
		if r.feed.Serve != nil {
			r.awaitStream(ctx, k.source.Metrics)
			k.check.progress.done()
		}
	}
	k.skew = readInstruments(k.source.Metrics, "", skewFamily)[skewFamily][""]
	k.askElsewhere(ctx)
}

// countPersons notes how many persons the account has read, if it reads any. Nothing else of them is kept.
func (k *accountCheck) countPersons() {
	persons := k.account.Persons()
	if persons.Roster == nil {
		return
	}
	read := persons.Roster()
	for _, r := range k.runs {
		if read != nil && r.feed.Name == persons.Directory {
			r.find(found{"persons", len(read.Persons)})
		}
	}
}

// runPolls runs the probe of the API first, whose login all others use, then the others.
func (k *accountCheck) runPolls(ctx context.Context, account *feed.Account) {
	poll := func(r *feedRun) {
		k.check.progress.begin(k.source.Name, r.feed.Name)
		_ = account.Poll(ctx, r.feed.Name) // the run keeps its error
		k.check.progress.done()
	}
	var others []*feedRun
	for _, r := range k.runs {
		switch {
		case r.feed.Serve != nil:
		case r.feed.Name == feed.Health:
			poll(r)
		default:
			others = append(others, r)
		}
	}
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, r := range others {
		group.Go(guard.Func(func() error { poll(r); return nil }))
	}
	_ = group.Wait() // polls are guarded by the engine
}

// otherRegions is what the other regions' login hosts said.
type otherRegions struct {
	asked bool
	known []string // the regions whose login host knows the client
	err   error
}

// regional is an account whose platform has a login host in each region.
type regional interface {
	// LoginElsewhere returns the other regions in which the account's credentials are good.
	LoginElsewhere(context.Context) ([]string, error)
}

// askElsewhere asks the other regions' login hosts where the own one refuses the client, if the flags say so.
func (k *accountCheck) askElsewhere(ctx context.Context) {
	account, ok := k.settings.account.(regional)
	if !ok || !k.check.flags.regions || !k.loginRefused() {
		return
	}
	k.elsewhere.asked = true
	k.elsewhere.known, k.elsewhere.err = account.LoginElsewhere(ctx)
}

// loginRefused reports whether the login host answered and refused the client.
func (k *accountCheck) loginRefused() bool {
	for _, r := range k.runs {
		if failed := r.failure(); failed != nil && failed.Login && failed.Status != 0 && failed.Reason() == "auth" {
			return true
		}
	}
	return false
}

// observer sees the exchanges of a run.
func (k *accountCheck) observer(seen func(rest.Exchange)) *rest.Observer {
	const most = 8 << 20 // bytes of an answer
	return &rest.Observer{MaxBody: most, Seen: seen}
}
