package collector

import (
	"fmt"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// BenchmarkQueues scrapes an account of 1,500 queues: with nothing new, with another snapshot published since the scrape
// before, and with all queues published since.
func BenchmarkQueues(b *testing.B) {
	for feed, name := range []string{"trunks", "queues", "nothing"} {
		b.Run("new="+name, func(b *testing.B) {
			v := bare(trunks(10), manyQueues(1500))
			a := &changing{state: v}
			c := New([]Account{a}, Options{})
			b.ReportAllocs()
			series := 0
			for b.Loop() {
				if feed < len(v.Snapshots) {
					a.publish(feed, *v.Snapshots[feed])
				}
				series = 0
				families, err := c.Gather()
				if err != nil {
					b.Fatal(err)
				}
				for _, mf := range families {
					series += len(mf.Metric)
				}
			}
			b.ReportMetric(float64(series), "series")
		})
	}
}

func manyQueues(n int) *platform.Snapshot {
	p := &platform.Snapshot{}
	for i := range n {
		q := platform.Queue{ID: fmt.Sprint(i), Name: fmt.Sprint("queue ", i)}
		for _, c := range []platform.Channel{platform.ChannelVoice, platform.ChannelEmail, platform.ChannelMessage} {
			q.Channels = append(q.Channels, platform.QueueChannel{
				Channel: c, Waiting: new(1.0), Active: new(2.0), Alerting: new(0.0), OldestWaiting: noon,
			})
		}
		for _, s := range []platform.AgentState{platform.AgentReady, platform.AgentEngaged, platform.AgentNotResponding, platform.AgentUnavailable, platform.AgentOffline} {
			q.Agents = append(q.Agents, platform.AgentCount{State: s, Count: i})
		}
		p.Queues = append(p.Queues, q)
	}
	return p
}
