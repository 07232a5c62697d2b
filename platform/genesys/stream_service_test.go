// A small service with one queue, reached over pipes inside a bubble: hours of a stream take no time.

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

// service is an organization with one queue, in which one more contact waits every 10 seconds.
type service struct {
	mu      sync.Mutex
	calls   map[string]int
	waiting int
	until   map[int]time.Time // when a number ceased to be right
	life    time.Duration     // of a socket before it is dropped; 0: for ever
	mute    bool              // no heartbeats, no events
	sockets int
	others  int    // queues beside the one, in which no contact waits
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

// push sends what changes on a socket.
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
			if _, _, err := conn.Read(ctx); err != nil { // else a ping, which the peer does not answer
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
		s := &service{calls: map[string]int{}, until: map[int]time.Time{}}
		p := &pipes{make(chan net.Conn), make(chan struct{})}
		server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
		ctx, cancel := context.WithCancel(t.Context())
		var background sync.WaitGroup
		background.Go(func() { _ = server.Serve(p) })
		background.Go(func() {
			for tick := time.NewTicker(10 * time.Second); ; {
				select {
				case <-tick.C:
					s.set(func() { s.until[s.waiting] = time.Now(); s.waiting++ })
				case <-ctx.Done():
					return
				}
			}
		})
		config := DefaultConfig()
		config.Feeds = FeedIntervals{Queues: settings.Interval(15 * time.Second)}
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
