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

	"golang.org/x/oauth2"

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

	edges  *inventory[edgeWire, edgeMetricsWire]
	trunks *inventory[instanceWire, instanceMetricsWire]
	queues *queues
	calls  *calls
	stream *stream // nil when it is off
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
	place, _ := regionOf(c.Region)
	base := strings.TrimRight(cmp.Or(c.APIURL, "https://api."+place.domain), "/")
	host, err := url.Parse(base)
	if err != nil {
		return feed.Source{}, nil, err
	}
	log := s.Log("genesys", c.Name)
	c.LogWarnings(log)
	api, err := rest.New(rest.Options{
		HTTP: c.HTTP, RateLimit: c.RateLimit, Operations: c.operations(s.Operations), Dialect: dialect(), Logger: log,
		Authorizer: rest.Bearer(c.credentials(strings.TrimRight(cmp.Or(c.LoginURL, "https://login."+place.domain), "/"))),
	})
	if err != nil {
		return feed.Source{}, nil, err
	}
	var transport http.RoundTripper // of sockets
	if c.Stream.Enabled {
		if transport, err = c.HTTP.Transport(); err != nil {
			return feed.Source{}, nil, err
		}
	}
	asks := newClient(c, surroundings{api, base, transport, pace, log})
	feeds := asks.feeds(c, time.Duration(s.Thresholds.APILatencyDegraded))
	feeds = append(feeds, s.PageFeeds(place.label, labels())...)
	feeds = append(feeds, s.DocumentFeeds(api, func(context.Context) (string, error) { return base, nil })...)
	return feed.Source{
		Platform: "genesys",
		Name:     c.Name,
		Cohorts:  c.Cohorts.Names(),
		Feeds:    feeds,
		Budget:   feed.Budget{PerMinute: c.RateLimit.RequestsPerMinute, Limit: maxRate},
		Info:     func() feed.Info { return feed.Info{RegionCode: place.code, APIHost: host.Host} },
		Metrics:  &asks.set,
		Close:    asks.close,
	}, asks, nil
}

// operations are the calls that the account can make, its documents' included.
func (c Config) operations(documents []string) []string {
	operations := append(
		slices.Clone(documents), opTokensMe, opEdges, opEdgesMetrics, opTrunks, opTrunksMetrics, opAgentCounts,
		opDefinitions, opCallsMetrics, opQueues, opObservations, opAggregates,
	)
	if c.Stream.Enabled {
		operations = append(operations, notify.Operations()...)
	}
	return operations
}

// Families returns the families that an account counts besides those of its REST client.
func Families() []*metric.Family { return append(notify.Families(), queueWaitFamily) }

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
func (c *client) feeds(config Config, slow time.Duration) []feed.Feed {
	schedule := config.schedule()
	feeds := schedule.Apply(
		c.healthFeed(slow, schedule.MaxAge(feed.Health)), c.edgesFeed(), c.trunksFeed(), c.definitionsFeed(), c.presenceFeed(),
		c.queuesFeed(), c.callsFeed(), c.serviceLevelFeed(),
	)
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
