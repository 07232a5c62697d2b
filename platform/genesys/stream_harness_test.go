// What tests share that run an account with a stream against the simulator.

package genesys

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/health"

	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/common/config"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// simulated is a simulator that must not see a request that breaks the vendor's documents.
func simulated(t testing.TB, o simulator.Options) *simulator.World {
	t.Helper()
	o.Scenario, o.Agents = "calm", 50
	w, err := simulator.NewWorld(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(context.WithoutCancel(t.Context()), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, violation := range w.Violations() {
			t.Errorf("request breaks the vendor's documents: %s", violation)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// streamed is an account with a stream.
type streamed struct {
	*feed.Account
	world  *simulator.World
	client *client
	log    *logBuffer

	evicting int // channels that the test made
}

// startStream runs an account with a stream, whose polls run at every refresh when the stream does not stand in for them.
// Nothing that it says may show a channel or a contact.
func startStream(t testing.TB, w *simulator.World, change func(*Config, *notify.Pace)) *streamed {
	t.Helper()
	config := DefaultConfig()
	id, secret := w.Credentials("emea")
	config.Name, config.Region, config.APIURL, config.LoginURL = "emea", "eu-central-1", w.URL("emea"), w.URL("emea")
	config.ClientID, config.ClientSecret = id, promconfig.Secret(secret)
	config.Stream.Enabled, config.Stream.Conversations = true, true
	config.RateLimit.RequestsPerMinute, config.RateLimit.Burst = 300, 300
	hurried := notify.UsualPace
	hurried.Reconcile = 200 * time.Millisecond
	if change != nil {
		change(&config, &hurried)
	}
	s := &streamed{world: w, log: &logBuffer{}}
	logger := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	source, c, err := build(config, health.Surroundings{Thresholds: settings.DefaultThresholds, Logger: logger}, hurried)
	if err != nil {
		t.Fatal(err)
	}
	s.client = c
	for i := range source.Feeds {
		if source.Feeds[i].Serve == nil {
			source.Feeds[i].MinInterval = 1
		}
	}
	s.Account = feed.NewAccount(context.WithoutCancel(t.Context()), source, feed.PlaneLimits{Degraded: 1}, logger)
	t.Cleanup(func() {
		s.Close()
		said := s.log.String()
		for name := range s.metrics(t) {
			said += name
		}
		for _, canary := range []string{"streaming-0-", "canary", "Canary", "+1202555"} {
			if strings.Contains(said, canary) {
				t.Errorf("log or metrics show %q", canary)
			}
		}
	})
	return s
}

// metrics are the client's own by name and labels; of histograms it is the count.
func (s *streamed) metrics(t testing.TB) map[string]float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(&s.client.set)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, pair := range m.GetLabel() {
				name += " " + pair.GetValue()
			}
			values[name] = m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return values
}

// value of one metric.
func (s *streamed) value(t testing.TB, name string) float64 { return s.metrics(t)[name] }

// covered reports whether the stream stands in for the polls of all these feeds.
func (s *streamed) covered(feeds ...string) bool {
	for _, subject := range []subject{s.client.edges, s.client.trunks, s.client.queues} {
		if of := subject.state(); slices.Contains(feeds, of.feed) && of.stretch() == 0 {
			return false
		}
	}
	return true
}

// channels is the path of the notification service.
const channels = "/api/v2/notifications/channels"

var allStreamed = []string{"edges", "trunks", "queues"}

// healthy waits until the stream stands in for all polls.
func (s *streamed) healthy(t testing.TB) {
	t.Helper()
	eventually(t, "the stream stands in for all polls", func() bool { return s.covered(allStreamed...) })
}

// refresh runs the polls that are due.
func (s *streamed) refresh(t testing.TB) feed.AccountState {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s.Refresh(ctx)
	return s.State()
}

// queuesOf are the queues of a view by name.
func queuesOf(view feed.AccountState) map[string]platform.Queue {
	queues := map[string]platform.Queue{}
	for _, snapshot := range view.Snapshots {
		for _, q := range snapshot.Queues {
			if q.Agents != nil { // not those of the service level
				queues[q.Name] = q
			}
		}
	}
	return queues
}

// eventually waits for a condition. It pauses for four times as long as a look takes, so that what it waits for has the processor.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		began := time.Now()
		if holds() {
			return
		}
		select {
		case <-time.After(min(max(10*time.Millisecond, 4*time.Since(began)), 200*time.Millisecond)): // some looks wait themselves
		case <-deadline:
			t.Fatalf("not within 2 minutes: %s", what)
		}
	}
}

// logBuffer keeps what is logged.
type logBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (l *logBuffer) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.Write(line)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}
