package genesys

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

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
	opUsers         = "users"
	opUserExternal  = "users_externalid"
	opEvents        = "usage_events"
	opRateLimits    = "ratelimits_aggregates"
	opLimits        = "organizations_limits"
	opOAuthClient   = "oauth_client"

	opEventDefinitions = "usage_events_definitions"

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
	pathUsers         = "/api/v2/users"
	pathEvents        = "/api/v2/usage/events/aggregates/query"
	pathRateLimits    = "/api/v2/analytics/ratelimits/aggregates/query"
	pathLimits        = "/api/v2/organizations/limits/namespaces/platform.api"
	pathOAuthClients  = "/api/v2/oauth/clients/" // and an id

	pathEventDefinitions = "/api/v2/usage/events/definitions"
)

// feedTimeout bounds one run of a feed.
const feedTimeout = 30 * time.Second

// client asks one organization's API.
type client struct {
	rest  *rest.Client
	api   string // scheme and host
	names *names // nil when the definitions feed is off
	set   metric.Set

	ownEdges *ownEdges // nil when edges are not watched

	edges      *inventory[edgeWire, edgeMetricsWire]
	trunks     *inventory[instanceWire, instanceMetricsWire]
	queues     *queues
	calls      *calls
	events     *operationalEvents // nil when they are not counted
	quota      *quota
	credential *credential
	users      *users  // nil where no presence is compared
	stream     *stream // nil when it is off
}

// Open makes a source of the account. It asks nothing yet.
func (c Config) Open(s health.Surroundings) (feed.Source, error) {
	source, _, err := build(c, s, notify.UsualPace)
	return source, err
}

// build makes a source and shows what is behind it.
func build(c Config, s health.Surroundings, pace notify.Pace) (feed.Source, *client, error) {
	if err := errors.Join(c.Validate()...); err != nil {
		return feed.Source{}, nil, err
	}
	at, err := c.location()
	if err != nil {
		return feed.Source{}, nil, err
	}
	log := s.Log("genesys", c.Name)
	c.LogWarnings(log)
	api, err := c.restClient(at, c.operations(s), s.Pools, log)
	if err != nil {
		return feed.Source{}, nil, err
	}
	var transport http.RoundTripper // of sockets
	if c.Stream.Enabled {
		if transport, err = c.HTTP.Transport(); err != nil {
			return feed.Source{}, nil, err
		}
	}
	asks := newClient(c, surroundings{api, at.api, transport, pace, log})
	var persons feed.Persons
	if asks.users = newUsers(asks, s, log); asks.users != nil && c.Feeds.Users != 0 {
		persons = asks.users.persons()
	}
	feeds := asks.feeds(c, time.Duration(s.Thresholds.APILatencyDegraded))
	feeds = append(feeds, s.PageFeeds(at.label, labels())...)
	feeds = append(feeds, s.DocumentFeeds(api, func(context.Context) (string, error) { return at.api, nil })...)
	return feed.Source{
		Platform: "genesys",
		Name:     c.Name,
		Cohorts:  c.Cohorts.Names(),
		Feeds:    feeds,
		Budget:   c.budget(),
		Info:     at.info,
		Metrics:  &asks.set,
		Persons:  persons,
		Close:    asks.close,
	}, asks, nil
}

// operations are the calls that the account can make, its documents' included.
func (c Config) operations(s health.Surroundings) []string {
	operations := append(
		slices.Clone(s.Operations), opTokensMe, opEdges, opEdgesMetrics, opTrunks, opTrunksMetrics, opAgentCounts,
		opDefinitions, opCallsMetrics, opQueues, opObservations, opAggregates, opEvents, opEventDefinitions, opRateLimits, opLimits,
		opOAuthClient,
	)
	if c.Stream.Enabled {
		operations = append(operations, notify.Operations()...)
	}
	if s.Directory != 0 {
		operations = append(operations, opUsers)
		if s.ExternalIDs != "" {
			operations = append(operations, opUserExternal)
		}
	}
	return operations
}

// Families returns the families that an account counts besides those of its REST client.
func Families() []*metric.Family {
	return append(notify.Families(), queueWaitFamily, operationalEventsFamily)
}

// surroundings are what a client is made with, besides the configuration.
type surroundings struct {
	api       *rest.Client
	base      string            // scheme and host
	transport http.RoundTripper // of sockets
	pace      notify.Pace
	log       *slog.Logger
}

// newClient makes what polls and the stream share, each part of those made before it.
func newClient(config Config, s surroundings) *client {
	c := &client{rest: s.api, api: s.base}
	c.set.Include(s.api.Metrics())
	if config.Feeds.Definitions != 0 {
		c.names = newNames()
	}
	if config.Feeds.Edges != 0 {
		c.ownEdges = newOwnEdges()
	}
	c.calls = newCalls(c, c.ownEdges, s.log)
	if config.Feeds.Events != 0 {
		c.events = newOperationalEvents(c, s.log)
	}
	c.quota, c.credential = newQuota(c, s.log), newCredential(c, config.ClientID, s.log)
	var link *notify.Stream
	if config.Stream.Enabled {
		link = notify.New(notify.Options{
			Client: s.api, API: s.base, Transport: s.transport, Timeout: time.Duration(config.HTTP.Timeout),
			MaxChannels: config.Stream.MaxChannels, Topics: streamTopics, Changed: notify.NewSignal(), Pace: s.pace, Log: s.log,
		})
		c.set.Include(link.Metrics())
	}
	var waits *waitMeter
	if link != nil && config.Stream.Conversations {
		waits = newWaitMeter(&c.set)
	}
	c.edges = newEdges(c, config.syncOptions(feedEdges, link, config.Stream.Edges))
	c.trunks = newTrunks(c, config.syncOptions(feedTrunks, link, config.Stream.Trunks))
	queues := config.syncOptions(feedQueues, link, config.Stream.Queues)
	if waits != nil {
		queues.changed = link.Changed
	}
	c.queues = newQueues(c, newQueueNames(c, config.Queues, s.log), waits, queues)
	if link != nil {
		c.stream = newStream(link, waits, c.queues, c.edges, c.trunks, c.queues)
	}
	return c
}

// schedule says when polls run.
func (c Config) schedule() feed.Schedule {
	return feed.Schedule{Intervals: settings.Intervals(c.Feeds), MaxAges: c.MaxAges(), Timeout: feedTimeout}
}

// syncOptions are those of a subject, which the link carries if it is asked to and the feed is on.
func (c Config) syncOptions(feed string, link *notify.Stream, carried bool) syncOptions {
	schedule := c.schedule()
	o := syncOptions{feed: feed, interval: schedule.Intervals[feed], maxAge: schedule.MaxAge(feed)}
	if link != nil && carried && o.interval != 0 {
		o.link, o.changed, o.reconcile = link, link.Changed, time.Duration(c.Stream.Reconcile)
	}
	return o
}

func (c *client) close() {
	if c.stream != nil {
		c.stream.link.Close()
	}
	c.rest.Close()
}

// feeds are the account's own; one that is off is left out. Definitions stand before presence, which waits for them.
func (c *client) feeds(config Config, slow time.Duration) []feed.Feed {
	schedule := config.schedule()
	feeds := schedule.Apply(
		c.healthFeed(slow, schedule.MaxAge(feed.Health)), c.edgesFeed(), c.trunksFeed(), c.definitionsFeed(), c.presenceFeed(),
		c.queuesFeed(), c.callsFeed(), c.serviceLevelFeed(), c.quota.feed(), c.credential.feed(),
	)
	if c.events != nil {
		feeds = append(feeds, schedule.Apply(c.events.feed())...)
	}
	if c.users != nil {
		feeds = append(feeds, schedule.Apply(c.users.feed())...)
	}
	if c.stream != nil {
		feeds = append(feeds, c.stream.feed())
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
