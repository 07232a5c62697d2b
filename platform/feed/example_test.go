package feed_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// An account with one poll is scraped three times within the poll's minimum interval.
func Example() {
	polls := 0
	source := feed.Source{
		Platform: "example", Name: "emea",
		Info: func() feed.Info { return feed.Info{RegionCode: "eu-central-1"} },
		Feeds: []feed.Feed{{
			Name: "agents", Class: platform.ClassPresence, MinInterval: 30 * time.Second, Timeout: 10 * time.Second,
			Poll: func(context.Context) (*platform.Snapshot, error) {
				polls++
				return &platform.Snapshot{Agents: []platform.AgentCount{{State: platform.AgentReady, Count: 12}}}, nil
			},
		}},
	}
	ctx := context.Background()
	account := feed.NewAccount(ctx, source, feed.PlaneLimits{Degraded: 1}, slog.New(slog.DiscardHandler))
	defer account.Close()
	for range 3 {
		account.Refresh(ctx)
	}
	state := account.State()
	fmt.Println("polls:", polls)
	fmt.Println("feed up:", state.Feeds[0].Up)
	fmt.Println("ready:", state.Snapshots[0].Agents[0].Count)
	// Output:
	// polls: 1
	// feed up: true
	// ready: 12
}
