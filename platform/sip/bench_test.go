package sip

import (
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

// BenchmarkOverhead compares the round trips that a burst measures with those of a bare socket that asks the same
// answerer at the same pace.
func BenchmarkOverhead(b *testing.B) {
	p := overUDP(b, always(200))
	tgt := target("sip:" + p.address)
	tgt.Requests = maxRequests
	var probed, bare []time.Duration
	for b.Loop() {
		r := probe(b, tgt)
		if r.Answered != tgt.Requests {
			b.Fatalf("%d answers, want %d", r.Answered, tgt.Requests)
		}
		probed = append(probed, r.RoundTrips...)
		bare = append(bare, pings(b, p, tgt.Requests, time.Duration(tgt.Spacing))...)
	}
	micros := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
	b.ReportMetric(micros(median(probed)), "probed-µs")
	b.ReportMetric(micros(median(bare)), "bare-µs")
	b.ReportMetric(micros(median(probed)-median(bare)), "overhead-µs")
}

func pings(b *testing.B, p *peer, n int, spacing time.Duration) (roundTrips []time.Duration) {
	b.Helper()
	request := p.seen()[0]
	c, err := new(net.Dialer).DialContext(b.Context(), "udp", p.address)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	buffer := make([]byte, 1500)
	tick := time.NewTicker(spacing)
	defer tick.Stop()
	for range n {
		<-tick.C
		sent := time.Now()
		if _, err := c.Write([]byte(request)); err != nil {
			b.Fatal(err)
		}
		if _, err := c.Read(buffer); err != nil {
			b.Fatal(err)
		}
		roundTrips = append(roundTrips, time.Since(sent))
	}
	return roundTrips
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// BenchmarkFleet probes 500 targets at once, with the default limits and the default burst: 15 s, an interval of
// scraping, is what it may take, also when none of them answers.
func BenchmarkFleet(b *testing.B) {
	for name, answer := range map[string]func(int, string) []reply{"answering": always(200), "silent": silent} {
		b.Run(name, func(b *testing.B) {
			p := overUDP(b, answer)
			for b.Loop() {
				prober := NewProber(new(net.Resolver))
				began := time.Now()
				var probes sync.WaitGroup
				for i := range 500 {
					tgt := DefaultTarget
					tgt.Name, tgt.URI, tgt.Every = fmt.Sprint(i), "sip:"+p.address, model.Duration(15*time.Second)
					probes.Go(func() {
						r, err := prober.Probe(b.Context(), tgt)
						if err != nil || r.Requests != tgt.Requests || r.Success != (name == "answering") {
							b.Errorf("target %s: %v, %v", tgt.Name, r, err)
						}
					})
				}
				probes.Wait()
				b.ReportMetric(time.Since(began).Seconds(), "s/500-targets")
			}
		})
	}
}
