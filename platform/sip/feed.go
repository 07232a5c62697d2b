package sip

import (
	"context"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// turn is how long a feed's probe may wait for its turn under the limits of the process.
const turn = 15 * time.Second

// Feeds returns a feed for each target, which probes it whenever its account is scraped. A target that does not answer is
// no failure of its feed: that is what the probe found out.
func (p *Prober) Feeds(targets []Target) (feeds []feed.Feed) {
	for _, t := range targets {
		feeds = append(feeds, feed.Feed{
			Name: "sip/" + t.Name, Class: platform.ClassTrunks, MinInterval: time.Duration(t.Every), Timeout: t.Longest() + turn,
			Poll: func(ctx context.Context) (*platform.Snapshot, error) {
				result, err := p.Probe(ctx, t)
				if err != nil {
					return nil, err
				}
				return &platform.Snapshot{SIPProbes: []platform.SIPProbe{result.normalised(t)}}, nil
			},
		})
	}
	return feeds
}

// normalised returns the result in the words of package platform.
func (r Result) normalised(t Target) platform.SIPProbe {
	status := platform.Critical
	if r.Success {
		status = platform.Operational
	}
	return platform.SIPProbe{
		Target: t.Name, Trunk: t.Trunk, Success: r.Success, Duration: r.Duration, Phases: r.Phases, Code: r.Code,
		RoundTrip: r.RoundTrip(), Jitter: r.Jitter, Loss: r.Loss, Expiry: r.Expiry,
		Condition: platform.Condition{Status: status, Evidence: platform.Evidence{Payload: []byte(r.String())}},
	}
}
