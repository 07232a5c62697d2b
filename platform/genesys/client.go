package genesys

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// This file makes an account's feeds out of its configuration.

// The names of the calls in metrics and errors, and their paths. Nothing but these is ever asked, and none changes
// anything but our own notification channels.
const (
	opTokensMe      = "tokens_me"
	opEdges         = "edges"
	opEdgesMetrics  = "edges_metrics"
	opTrunks        = "trunks"
	opTrunksMetrics = "trunks_metrics"
	opAgentCounts   = "agents_status_counts"
	opDefinitions   = "presence_definitions"
	opCallsMetrics  = "calls_metrics"
	opQueues        = "queues"
	opObservations  = "queues_observations"
	opAggregates    = "conversations_aggregates"
	opChannels      = "notifications_channels"
	opChannel       = "notifications_channel"
	opSubscriptions = "notifications_subscriptions"

	pathToken         = "/oauth/token"      //nolint:gosec // names a call, on the login host
	pathTokensMe      = "/api/v2/tokens/me" //nolint:gosec // names a call
	pathEdges         = "/api/v2/telephony/providers/edges"
	pathEdgesMetrics  = "/api/v2/telephony/providers/edges/metrics"
	pathTrunks        = "/api/v2/telephony/providers/edges/trunks"
	pathTrunksMetrics = "/api/v2/telephony/providers/edges/trunks/metrics"
	pathAgentCounts   = "/api/v2/analytics/agents/status/counts"
	pathDefinitions   = "/api/v2/presence/definitions"
	pathCallsMetrics  = "/api/v2/telephony/calls/metrics"
	pathQueues        = "/api/v2/routing/queues/divisionviews/all"
	pathObservations  = "/api/v2/analytics/queues/observations/query"
	pathAggregates    = "/api/v2/analytics/conversations/aggregates/query"
	pathChannels      = "/api/v2/notifications/channels"
)

// The feeds that a stream can stand in for.
const (
	feedEdges  = "edges"
	feedTrunks = "trunks"
	feedQueues = "queues"
)

// feedTimeout bounds one run of a feed.
const feedTimeout = 30 * time.Second

// client asks one organization's API.
type client struct {
	rest  *rest.Client
	api   string // scheme and host
	names *names // nil when the definitions feed is off

	edges  *inventory[edgeWire, edgeMetricsWire]
	trunks *inventory[instanceWire, instanceMetricsWire]
	queues *queues
	stream *stream // nil when it is off
}

// Open makes a source of the account. It asks nothing yet.
func (c Config) Open(s health.Surroundings) (feed.Source, error) {
	source, _, err := build(c, s)
	return source, err
}

// build makes a source and shows what is behind it.
func build(c Config, s health.Surroundings) (feed.Source, *client, error) {
	if err := errors.Join(c.Validate()...); err != nil {
		return feed.Source{}, nil, err
	}
	place, _ := regionOf(c.Region)
	base := strings.TrimRight(cmp.Or(c.APIURL, "https://api."+place.domain), "/")
	host, err := url.Parse(base)
	if err != nil {
		return feed.Source{}, nil, err
	}
	operations := append(slices.Clone(s.Operations),
		opTokensMe, opEdges, opEdgesMetrics, opTrunks, opTrunksMetrics, opAgentCounts, opDefinitions, opCallsMetrics,
		opQueues, opObservations, opAggregates)
	if c.Stream.Enabled {
		operations = append(operations, opChannels, opChannel, opSubscriptions)
	}
	log := s.Log("genesys", c.Name)
	api, err := rest.New(rest.Options{
		HTTP: c.HTTP, RateLimit: c.RateLimit, Operations: operations, Dialect: dialect(), Logger: log,
		Authorizer: rest.Bearer(c.credentials(strings.TrimRight(cmp.Or(c.LoginURL, "https://login."+place.domain), "/"))),
	})
	if err != nil {
		return feed.Source{}, nil, err
	}
	asks, err := newClient(api, base, c, log)
	if err != nil {
		return feed.Source{}, nil, err
	}
	feeds := asks.feeds(c, time.Duration(s.Thresholds.APILatencyDegraded))
	feeds = append(feeds, s.PageFeeds(place.label, labels())...)
	feeds = append(feeds, s.DocumentFeeds(api, func(context.Context) (string, error) { return base, nil })...)
	return feed.Source{
		Platform: "genesys",
		Name:     c.Name,
		Cohorts:  c.Cohorts,
		Feeds:    feeds,
		Budget:   feed.Budget{PerMinute: c.RateLimit.RequestsPerMinute, Limit: maxRate},
		Info:     func() feed.Info { return feed.Info{RegionCode: place.code, APIHost: host.Host} },
		Metrics:  asks.metrics(),
		Close:    asks.close,
	}, asks, nil
}

// newClient makes what the feeds have in common.
func newClient(api *rest.Client, base string, config Config, log *slog.Logger) (*client, error) {
	c := &client{rest: api, api: base}
	c.edges, c.trunks = newEdges(c), newTrunks(c)
	c.queues = newQueues(c, newQueueNames(c, config.Queues, log))
	if config.Feeds.Definitions != 0 {
		c.names = newNames()
	}
	if !config.Stream.Enabled {
		return c, nil
	}
	var err error
	c.stream, err = newStream(c, config, log)
	return c, err
}

// metrics are the client's own, without the labels of the account.
func (c *client) metrics() prometheus.Collector {
	if c.stream == nil {
		return c.rest.Metrics()
	}
	return joined{c.rest.Metrics(), c.stream.metrics}
}

func (c *client) close() {
	if c.stream != nil {
		c.stream.close()
	}
	c.rest.Close()
}

// credentials log in with the OAuth client's id and secret (grant: client credentials), as the vendor's own clients
// do: by Basic authentication, whose base64 holds both as they are, where x/oauth2 would encode them for a URL first.
// A token lives from 5 minutes to 48 hours, as set on the client.
func (c Config) credentials(login string) rest.Credentials {
	return func(ctx context.Context, client *http.Client) (*oauth2.Token, error) {
		secret, err := rest.Secret{Value: c.ClientSecret, File: c.ClientSecretFile}.Read()
		if err != nil {
			return nil, err
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, login+pathToken, strings.NewReader("grant_type=client_credentials"))
		if err != nil {
			return nil, err
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.SetBasicAuth(c.ClientID, secret)
		return rest.FetchToken(client, request)
	}
}

// feeds are the account's own; one that is off is left out. Definitions stand before presence, which waits for them.
func (c *client) feeds(config Config, slow time.Duration) (feeds []feed.Feed) {
	schedule := feed.Schedule{Intervals: settings.Intervals(config.Feeds), MaxAges: config.MaxAges(), Timeout: feedTimeout}
	for _, f := range schedule.Apply(
		feed.Feed{Name: feed.Health, Class: platform.ClassHealth, Calls: 1, Poll: c.health(slow, schedule.MaxAge(feed.Health))},
		feed.Feed{
			Name: feedEdges, Class: platform.ClassTrunks, Calls: 2, Poll: c.edges.poll,
			Fields: fieldsOf(edgeState, edgeOnline, edgeStatusCode, edgeDeployment, edgeDraining),
		},
		feed.Feed{
			Name: feedTrunks, Class: platform.ClassTrunks, Calls: 2, Poll: c.trunks.poll,
			Fields: fieldsOf(trunkState, trunkOptions, trunkRegisters),
		},
		feed.Feed{
			Name: "definitions", Class: platform.ClassPresence, Calls: 1, Poll: c.definitions,
			Fields: fieldsOf(definitionPresence),
		},
		feed.Feed{
			Name: "presence", Class: platform.ClassPresence, Calls: 1, Poll: c.presence,
			Fields: fieldsOf(systemPresence, routingStatus),
		},
		feed.Feed{
			Name: feedQueues, Class: platform.ClassQueues, Calls: 1, Poll: c.queues.poll,
			Fields: fieldsOf(queueMedium, systemPresence),
		},
		feed.Feed{Name: "calls", Class: platform.ClassDetail, Calls: 1, Poll: c.calls},
		feed.Feed{
			Name: "service_level", Class: platform.ClassDetail, Calls: 1, Poll: c.serviceLevel,
			Fields: fieldsOf(queueMedium),
		},
	) {
		feeds = append(feeds, c.streamed(f))
	}
	if c.stream != nil {
		feeds = append(feeds, feed.Feed{Name: "stream", Class: platform.ClassTrunks, Serve: c.stream.run})
	}
	return feeds
}

// fieldsOf returns the names under which unknown values of enums are counted.
func fieldsOf(enums ...enum) (fields []string) {
	for _, e := range enums {
		fields = append(fields, e.field)
	}
	return fields
}

// streamed is a poll that knows of the stream.
func (c *client) streamed(f feed.Feed) feed.Feed {
	for _, s := range []*syncState{&c.edges.syncState, &c.trunks.syncState, &c.queues.syncState} {
		if s.feed == f.Name {
			s.maxAge = max(s.maxAge, f.MaxAge)
		}
	}
	if c.stream != nil {
		if poll := c.stream.watches(f.Name); poll != nil {
			f.Stretch = c.stream.standsIn(poll)
		}
	}
	return f
}
