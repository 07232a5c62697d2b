package genesys

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// Hours of a stream in no time: a small service with one queue, reached over pipes inside a bubble.

// service is an organization with one queue, in which one more contact waits every 10 seconds.
type service struct {
	mu      sync.Mutex
	calls   map[string]int
	waiting int
	life    time.Duration // of a socket before it is dropped; 0: for ever
	mute    bool          // no heartbeats, no events
	sockets int
	others  int    // queues beside the one, in which nobody waits
	refused string // a queue whose batch is refused
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.calls[r.Method+" "+r.URL.Path]++
	waiting, refused := s.waiting, s.refused
	s.mu.Unlock()
	switch {
	case r.URL.Path == pathQueues:
		fmt.Fprintf(w, `{"entities":[{"id":%q,"name":"Sales"}`, queueID)
		for i := range s.others {
			fmt.Fprintf(w, `,{"id":"a-%03d","name":"Other %03[1]d"}`, i)
		}
		fmt.Fprint(w, `],"pageCount":1}`)
	case r.URL.Path == pathObservations:
		if body, err := io.ReadAll(r.Body); err != nil || refused != "" && strings.Contains(string(body), refused) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		fmt.Fprintf(w, `{"results":[{"group":{"queueId":%q,"mediaType":"voice"},"data":[{"metric":"oWaiting","stats":{"count":%d}}]}]}`, queueID, waiting)
	case r.URL.Path == channels:
		fmt.Fprintf(w, `{"id":"one","connectUri":"ws://org.test/socket","expires":%q}`, time.Now().Add(24*time.Hour).Format(time.RFC3339))
	case r.Method == http.MethodPut:
		fmt.Fprint(w, `{"entities":[]}`)
	case r.URL.Path == "/socket":
		s.push(w, r)
	}
}

// push tells on a socket what changes.
func (s *service) push(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.sockets++
	s.mu.Unlock()
	ctx, gone := context.WithCancel(r.Context())
	var reading sync.WaitGroup
	reading.Go(func() {
		defer gone()
		for {
			if _, _, err := conn.Read(ctx); err != nil { // else a ping, which nobody answers
				return
			}
		}
	})
	defer reading.Wait()
	defer func() { _ = conn.CloseNow() }()
	opened, told := time.Now(), -1
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for beat := 1; ; beat++ {
		select {
		case now := <-tick.C:
			s.mu.Lock()
			waiting, mute, life := s.waiting, s.mute, s.life
			s.mu.Unlock()
			switch {
			case life > 0 && now.Sub(opened) >= life:
				return
			case mute:
			case waiting != told:
				told = waiting
				err = conn.Write(ctx, websocket.MessageText, observationMessage(queueID, now, waiting))
			case beat%30 == 0:
				err = conn.Write(ctx, websocket.MessageText, []byte(`{"topicName":"channel.metadata","eventBody":{"message":"WebSocket Heartbeat"}}`))
			}
			if err != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

func (s *service) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *service) count(call string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[call]
}

// pipes are connections within this process.
type pipes struct {
	dialed chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.dialed:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.dialed <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, errors.New("refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// bubble runs an account with a stream against a service, inside a bubble: a goroutine that is left behind fails it.
func bubble(t *testing.T, change func(*Config, *service), run func(*testing.T, *service, *feed.Account, *client)) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{calls: map[string]int{}}
		p := &pipes{make(chan net.Conn), make(chan struct{})}
		server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
		ctx, cancel := context.WithCancel(t.Context())
		var background sync.WaitGroup
		background.Go(func() { _ = server.Serve(p) })
		background.Go(func() {
			for tick := time.NewTicker(10 * time.Second); ; {
				select {
				case <-tick.C:
					s.set(func() { s.waiting++ })
				case <-ctx.Done():
					return
				}
			}
		})
		config := DefaultConfig()
		config.Feeds = FeedIntervals{Health: settings.Interval(time.Hour), Queues: settings.Interval(15 * time.Second)}
		config.Stream.Enabled, config.APIURL = true, "http://org.test"
		if change != nil {
			change(&config, s)
		}
		transport := &http.Transport{DialContext: p.dial}
		api, err := rest.New(rest.Options{HTTP: config.HTTP, Transport: transport, Authorizer: rest.Bearer(func(context.Context, *http.Client) (*oauth2.Token, error) {
			return &oauth2.Token{AccessToken: "x", ExpiresIn: 86399}, nil
		})})
		if err != nil {
			t.Fatal(err)
		}
		c := newClient(config, surroundings{api, config.APIURL, transport, notify.UsualPace, slog.New(slog.DiscardHandler)})
		a := feed.NewAccount(t.Context(), feed.Source{
			Platform: "genesys", Name: "emea", Feeds: c.feeds(config, time.Second), Metrics: &c.set, Close: c.close,
			Info: func() feed.Info { return feed.Info{RegionCode: "eu-central-1"} },
		}, feed.PlaneLimits{Degraded: 1}, slog.New(slog.DiscardHandler))
		run(t, s, a, c)
		a.Close()
		cancel()
		_ = server.Close()
		transport.CloseIdleConnections()
		background.Wait()
		if n := s.count("DELETE " + channels + "/one/subscriptions"); config.Stream.Enabled && n != 1 {
			t.Errorf("%d channels given up at the end, want one", n)
		}
	})
}

// scrapeFor scrapes every 15 s, and returns how long the exported number was wrong at most.
func scrapeFor(t *testing.T, d time.Duration, s *service, a *feed.Account) (wrong time.Duration) {
	t.Helper()
	var since time.Time
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(15 * time.Second) {
		a.Refresh(t.Context())
		time.Sleep(2 * time.Second) // what has just changed is told and published
		var want float64
		s.set(func() { want = float64(s.waiting) })
		got := -1.0
		if q := queuesOf(a.State())["Sales"]; len(q.Channels) > 0 {
			got = *q.Channels[0].Waiting
		}
		switch {
		case got == want:
			since = time.Time{}
		case since.IsZero():
			since = time.Now()
		default:
			wrong = max(wrong, time.Since(since))
		}
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
		if n := s.count("POST "+pathObservations) - before; n < 11 || n > 13 {
			t.Errorf("%d polls in an hour, want one every five minutes", n)
		}
		if c.queues.stretch() != 5*time.Minute {
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
		stream bool
		maxAge time.Duration
	}{"polled": {false, 5 * time.Minute}, "streamed": {true, 12*time.Minute + 30*time.Second}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(config *Config, s *service) {
				config.Stream.Enabled, s.others = c.stream, 250
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
