// Hours of a stream in no time: all of it runs in a bubble of testing/synctest, where a sleep takes none.

package genesys

import (
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// scrapeFor scrapes every 15 s, and returns for how long an exported number had not been right any more at most.
func scrapeFor(t *testing.T, d time.Duration, s *service, a *feed.Account) (wrong time.Duration) {
	t.Helper()
	began := time.Now()
	for end := began.Add(d); time.Now().Before(end); time.Sleep(15 * time.Second) {
		a.Refresh(t.Context())
		time.Sleep(2 * time.Second) // what has just changed is sent and published
		got := -1
		if q := queuesOf(a.State())["Sales"]; len(q.Channels) > 0 {
			got = int(*q.Channels[0].Waiting)
		}
		s.set(func() {
			if got == s.waiting {
				return
			}
			since, known := s.until[got]
			if !known {
				since = began
			}
			wrong = max(wrong, time.Since(since))
		})
	}
	return wrong
}

// Sockets that live for three seconds, for ten minutes: polls keep the numbers right, tries become rare, one channel is
// used all the time.
func TestDroppedForMinutes(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *service, a *feed.Account, c *client) {
		s.set(func() { s.life = 3 * time.Second })
		if wrong := scrapeFor(t, 10*time.Minute, s, a); wrong > 20*time.Second {
			t.Errorf("numbers were wrong for %v", wrong)
		}
		if n := s.count("POST " + channels); n != 1 || s.sockets < 5 || s.sockets > 25 {
			t.Errorf("%d channels, %d sockets in 10 minutes, want 1, a few", n, s.sockets)
		}
		s.set(func() { s.life = 0 })
		scrapeFor(t, 3*time.Minute, s, a)
		before := s.count("POST " + pathObservations)
		if wrong := scrapeFor(t, time.Hour, s, a); wrong > 20*time.Second {
			t.Errorf("numbers were wrong for %v while the stream served", wrong)
		}
		if n := s.count("POST "+pathObservations) - before; n < 5 || n > 7 {
			t.Errorf("%d polls in an hour, want one every ten minutes", n)
		}
		if c.queues.stretch() != 10*time.Minute {
			t.Error("the stream does not stand in for polls")
		}
	})
}

// A socket that falls silent without being closed is noticed within a minute, and polls take over.
func TestSilenceForHours(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *service, a *feed.Account, _ *client) {
		scrapeFor(t, 2*time.Minute, s, a)
		s.set(func() { s.mute = true })
		before := s.count("POST " + pathObservations)
		if wrong := scrapeFor(t, 2*time.Hour, s, a); wrong > time.Minute {
			t.Errorf("numbers were wrong for %v", wrong)
		}
		if n := s.count("POST "+pathObservations) - before; n < 400 {
			t.Errorf("%d polls in two hours, want about 420, one a scrape: a new socket that is as mute was trusted", n)
		}
		if n := s.count("POST " + channels); n != 1 {
			t.Errorf("%d channels, want one", n)
		}
	})
}

// Within two days subscriptions are renewed, on the same channel and the same socket.
func TestRenewedForDays(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *service, a *feed.Account, _ *client) {
		time.Sleep(48 * time.Hour)
		puts := s.count("PUT " + channels + "/one/subscriptions")
		if s.sockets != 1 || s.count("POST "+channels) != 1 || puts < 4 || puts > 12 {
			t.Errorf("%d sockets, %d channels, %d subscriptions in two days, want 1, 1, a few", s.sockets, s.count("POST "+channels), puts)
		}
		if wrong := scrapeFor(t, time.Minute, s, a); wrong > 0 {
			t.Errorf("numbers are wrong for %v after two days", wrong)
		}
	})
}

// A batch of queues that fails for ever costs only its own queues, and none of its values outlives the maximum age,
// whether or not a stream stands in for polls.
func TestFailingBatch(t *testing.T) {
	for name, c := range map[string]struct {
		stream   bool
		interval time.Duration
		maxAge   time.Duration
	}{
		"polled": {false, 15 * time.Second, 5 * time.Minute}, "polled rarely": {false, 4 * time.Minute, 10 * time.Minute},
		"streamed": {true, 15 * time.Second, 25 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(config *Config, s *service) {
				config.Stream.Enabled, config.Feeds.Queues, s.others = c.stream, settings.Interval(c.interval), 250
			}, func(t *testing.T, s *service, a *feed.Account, _ *client) {
				scrapeFor(t, time.Minute, s, a)
				s.set(func() { s.refused = "a-240" })
				var last time.Time // when the batch was last read, at most
				if polls := a.State(); len(queuesOf(polls)) != 251 {
					t.Errorf("%d queues, want 251", len(queuesOf(polls)))
				}
				last = time.Now()
				shown := time.Time{}
				for end := last.Add(40 * time.Minute); time.Now().Before(end); time.Sleep(15 * time.Second) {
					a.Refresh(t.Context())
					queues := queuesOf(a.State())
					if _, exported := queues["Other 240"]; exported {
						shown = time.Now()
					}
					if _, exported := queues["Sales"]; !exported || len(queues) < 200 {
						t.Errorf("after %v %d queues are exported, want those of the other batch", time.Since(last), len(queues))
						return
					}
				}
				if age := shown.Sub(last); age > c.maxAge || age < c.maxAge/2 {
					t.Errorf("values of the batch were exported for %v, want at most %v, and more than half of it", age, c.maxAge)
				}
			})
		})
	}
}
