// What the stream costs and saves. The bar is written at each benchmark; none of them fails because a machine is slow,
// but for the one that counts.

package genesys

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// observationMessage is an event as it comes over the wire, about what one medium of a queue does now.
func observationMessage(id string, at time.Time, waiting int) []byte {
	stamp := at.UTC().Format("2006-01-02T15:04:05.000Z")
	half := at.UTC().Truncate(30 * time.Minute)
	return fmt.Appendf(nil, `{"topicName":%q,"version":"2","eventBody":{"group":{"queueId":%q,"mediaType":"voice"},"data":[`+
		`{"interval":"%s/%s","metrics":[{"metric":"oAlerting","stats":{"count":1}},{"metric":"oInteracting","stats":{"count":12}},`+
		`{"metric":"oWaiting","stats":{"count":%d}},{"metric":"oLongestWaiting","stats":{"calculatedMetricValue":61000}}]},`+
		`{"interval":"%s/%s","metrics":[{"metric":"nOffered","stats":{"count":42}},{"metric":"oServiceLevel","stats":{"ratio":0.9,"numerator":36,"denominator":40,"target":0.8}}]}]},`+
		`"metadata":{"CorrelationId":"5f2f0000-0000-4000-8000-000000000001"}}`,
		observationsTopic.Name(id), id, stamp, stamp, waiting,
		half.Format(time.RFC3339), half.Add(30*time.Minute).Format(time.RFC3339))
}

// BenchmarkStreamEvents consumes events of 300 queues on one core, and renders what they change once a second. Bar: at least 20,000 events/s.
func BenchmarkStreamEvents(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	s := startStream(b, simulated(b, simulator.Options{Queues: 300}), func(c *Config, _ *notify.Pace) { c.Stream.Conversations = false })
	s.healthy(b)
	watched := s.client.queues.watched
	s.Close()
	to := offers{}
	run := streamRun{s.client.stream, to}
	now := time.Now().Add(time.Hour) // later than what the simulator sent
	messages := make([][]byte, 20*len(watched))
	for i := range messages {
		messages[i] = observationMessage(watched[i%len(watched)].id, now.Add(time.Duration(i)*time.Millisecond), i%50)
	}
	b.ReportAllocs()
	published := time.Now()
	for i := 0; b.Loop(); i++ {
		run.Handle(s.client.stream.link.Read(messages[i%len(messages)], now))
		if time.Since(published) > time.Second {
			to.render()
			published = time.Now()
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkEventToMetric sends one event at a time over a socket and waits until the account exports what it says. Bar:
// a median below 50 ms.
func BenchmarkEventToMetric(b *testing.B) {
	s := startStream(b, simulated(b, simulator.Options{Queues: 300}), func(c *Config, _ *notify.Pace) { c.Stream.Conversations = false })
	s.healthy(b)
	queue := s.client.queues.watched[7]
	exported := func() float64 {
		for _, c := range queuesOf(s.State())[queue.name].Channels {
			if c.Channel == platform.ChannelVoice && c.Waiting != nil {
				return *c.Waiting
			}
		}
		return -1
	}
	var took []time.Duration
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for n := 1000; b.Loop(); n++ {
		started := time.Now()
		// An hour ahead of what the simulator sends of the same queue.
		s.world.Push("emea", observationMessage(queue.id, started.Add(time.Hour), n))
		for exported() != float64(n) {
			<-look.C
		}
		took = append(took, time.Since(started))
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "ms/median")
	b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "ms/p99")
}

// TestStreamCalls counts the calls of an hour for 300 queues, 60 trunk instances and 4 edges: of polls every 15 s, and of
// a stream with its start, a token's change of channel and a reconnect every hour. Bar: at least 95 % fewer.
func TestStreamCalls(t *testing.T) {
	t.Parallel()
	w := simulated(t, simulator.Options{Queues: 300})
	s := startStream(t, w, func(c *Config, _ *notify.Pace) {
		c.Stream.Conversations = false
		c.Feeds = FeedIntervals{Health: settings.Interval(24 * time.Hour), Queues: 1, Edges: 1, Trunks: 1}
	})
	count := func() (n int) {
		for _, calls := range w.Calls("emea") {
			n += calls
		}
		return n
	}
	s.healthy(t)
	start := count() // with login, names, channel, subscription, and the polls to learn what there is and to reconcile
	w.ResetCalls()
	for _, name := range allStreamed { // as after the reconcile interval
		if err := s.Poll(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
	poll, polled := count(), w.Calls("emea")
	w.ResetCalls()
	w.DropSockets("emea")
	eventually(t, "it is back", func() bool { return s.value(t, "ccaas_stream_reconnects_total closed") == 1 })
	s.healthy(t)
	reconnect := count()
	for path, n := range w.Calls("emea") {
		if most := max(polled[path], 1); n > most {
			t.Errorf("%s was called %d times at a reconnect, want at most %d", path, n, most)
		}
	}
	const polling, names = int(time.Hour / (15 * time.Second)), 1
	with := start + reconnect + names + poll*int(time.Hour/s.client.queues.reconcile)
	without := names + poll*polling
	t.Logf("start %d, poll %d, reconnect %d calls; an hour: %d with the stream, %d without", start, poll, reconnect, with, without)
	if poll != 6 || with*20 > without {
		t.Errorf("%d calls an hour with the stream, %d by polls of %d, want at least 95 %% fewer, and polls of 6", with, without, poll)
	}
}

// offers is the feed.Stream of a benchmark.
type offers map[string]func() *platform.Snapshot

func (offers) Connected(bool) {}

func (offers) Poll(context.Context, string) error { return nil }

func (o offers) Offer(feed string, render func() *platform.Snapshot) { o[feed] = render }

func (o offers) render() {
	for _, render := range o {
		render()
	}
}
