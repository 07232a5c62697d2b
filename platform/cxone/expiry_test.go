package cxone

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// TestEmptyAnswersAge runs each feed in the engine against an API that answers once and is empty from then on: what it
// answered is shown for the maximum age and no longer, counted from the last answer that confirmed it.
func TestEmptyAnswersAge(t *testing.T) {
	for _, test := range []struct {
		feed, sample string
		delta        bool
		shown        time.Duration // since the first answer
	}{
		{feedAgents, "agents-states", false, 5 * time.Minute},
		{feedAgents, "agents-states", true, 10 * time.Minute}, // deltas confirm it until all agents are read again
		{feedQueues, "skills-activity", false, 10 * time.Minute},
		{feedCalls, "contacts-active", false, 5 * time.Minute},
		{feedCapacity, "business-unit", false, 150 * time.Minute},
	} {
		for _, status := range []int{http.StatusOK, http.StatusNoContent, http.StatusNotModified} {
			body := string(sample(t, test.sample))
			synctest.Test(t, func(t *testing.T) {
				answers := 0
				api, err := rest.New(rest.Options{
					Transport: transport(func(*http.Request) (int, string) {
						if answers++; answers == 1 {
							return http.StatusOK, body
						}
						return status, ""
					}),
					Authorizer: rest.Bearer(func(context.Context, *http.Client) (*oauth2.Token, error) {
						return &oauth2.Token{AccessToken: "TOKEN", Expiry: time.Now().Add(24 * time.Hour)}, nil
					}),
				})
				if err != nil {
					t.Fatal(err)
				}
				c := &client{config: DefaultConfig(), rest: api, log: slog.New(slog.DiscardHandler)}
				c.config.Area, c.config.APIURL, c.config.Agents.Delta = "na1", "https://api.example.org", test.delta
				c.tenancy = newTenancy(c.config, c.discover)
				var only []feed.Feed
				for _, f := range c.feeds(time.Second) {
					if f.Name == test.feed {
						only = append(only, f)
					}
				}
				a := feed.NewAccount(t.Context(), feed.Source{
					Platform: "cxone", Name: "us", Feeds: only, Info: c.info, Close: c.close,
				}, feed.PlaneLimits{}, c.log)
				defer a.Close()
				started, shown := time.Now(), time.Duration(0)
				for range 400 {
					a.Refresh(t.Context())
					state := a.State()
					if len(state.Snapshots) > 0 && len(state.Snapshots[0].Agents)+len(state.Snapshots[0].Queues)+len(state.Snapshots[0].Calls) > 0 {
						shown = time.Since(started)
					}
					time.Sleep(30 * time.Second)
				}
				failures := a.State().Feeds[0].Failures
				if shown < test.shown-time.Minute || shown > test.shown+time.Minute || failures[platform.ReasonBadResponse] == 0 {
					t.Errorf("%s (delta %v), answer %d: shown for %v, want about %v; failures %v",
						test.feed, test.delta, status, shown, test.shown, failures)
				}
			})
		}
	}
}
