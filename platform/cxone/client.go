package cxone

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// operations are the names of the account's own calls in metrics and errors. The client sends nothing but these, the
// documents' and the login, and none of them changes anything on the platform.
var operations = [...]string{
	opDiscovery, opOpenID, opServerTime, opAgentStates, opActiveContacts, opBusinessUnit, opSkillActivity,
}

// feedTimeout bounds one run of a feed.
const feedTimeout = 30 * time.Second

// client asks one tenant's API.
type client struct {
	config  Config
	log     *slog.Logger
	rest    *rest.Client
	tenancy *tenancy
	logins  loginAddresses
	odd     sync.Map // fields with a time that could not be read, which have been logged
	people  *people  // nil where no presence is compared
}

// Open returns a source of the account. It sends nothing yet.
func (config Config) Open(s health.Surroundings) (feed.Source, error) {
	if err := errors.Join(config.Validate()...); err != nil {
		return feed.Source{}, err
	}
	log := s.Log("cxone", config.Name)
	config.LogWarnings(log)
	c := &client{config: config, log: log}
	if s.Directory != 0 && config.Feeds.Agents != 0 {
		c.people = &people{openContacts: config.Agents.OpenContacts}
	}
	c.tenancy = newTenancy(config, c.discover)
	api, err := rest.New(rest.Options{
		HTTP: config.HTTP, Pools: s.Pools, RateLimit: config.RateLimit, Authorizer: rest.Bearer(c.login), Dialect: dialect(), Logger: log,
		Secrets:    rest.Secrets{"access_key_secret_file": config.keySecret(), "client_secret_file": config.appSecret()},
		Operations: slices.Concat(s.Operations, c.operations()),
	})
	if err != nil {
		return feed.Source{}, err
	}
	c.rest = api
	feeds := c.feeds(time.Duration(s.Thresholds.APILatencyDegraded))
	persons := feed.Persons{}
	if c.people != nil {
		persons = c.people.reading()
		feeds = append(feeds, c.directoryFeed(s.Directory))
	}
	feeds = append(feeds, s.PageFeeds("", nil)...) // how such a page would name areas is not known
	feeds = append(feeds, s.DocumentFeeds(api, c.host)...)
	return feed.Source{
		Platform: "cxone",
		Name:     config.Name,
		Cohorts:  config.Cohorts.Names(),
		Feeds:    feeds,
		Budget:   feed.Budget{PerMinute: config.RateLimit.RequestsPerMinute},
		Info:     c.info,
		Metrics:  api.Metrics(),
		Persons:  persons,
		Close:    c.close,
	}, nil
}

// operations returns the names of the calls that the account can make.
func (c *client) operations() []string {
	if c.people != nil {
		return append(operations[:], opAgents)
	}
	return operations[:]
}

// feeds returns the account's own feeds, less those that are off.
func (c *client) feeds(slow time.Duration) []feed.Feed {
	schedule := feed.Schedule{Intervals: settings.Intervals(c.config.Feeds), MaxAges: c.config.MaxAges(), Timeout: feedTimeout}
	return schedule.Apply(
		c.healthFeed(slow, schedule.MaxAge(feed.Health)),
		c.agentsFeed(),
		c.queuesFeed(),
		c.callsFeed(),
		c.capacityFeed(),
	)
}

// logTimes logs times that could not be read, by field and each field once.
func (c *client) logTimes(times map[string]string) {
	for field, text := range times {
		if _, again := c.odd.LoadOrStore(field, true); !again {
			c.log.Warn("a time cannot be read", "field", field, "value", text)
		}
	}
}

// close ends what is under way and releases the connections.
func (c *client) close() {
	c.tenancy.lookup.Close()
	c.rest.Close()
}

func (c *client) info() feed.Info {
	info := feed.Info{RegionCode: c.tenancy.region()}
	if host, err := c.knownHost(); err == nil {
		_, info.APIHost, _ = strings.Cut(host, "://")
	}
	return info
}

// knownHost returns the scheme and host of the API without asking the issuer.
func (c *client) knownHost() (string, error) {
	if at := c.tenancy.known.Load(); at != nil {
		return at.api, nil
	}
	return "", errors.New("api host is not known yet")
}

// host returns the scheme and host of the API. It asks the issuer as long as they are not known.
func (c *client) host(ctx context.Context) (string, error) {
	at, err := c.tenancy.find(ctx)
	return at.api, err
}

// request is a call of the API.
type request struct {
	class           platform.Class
	operation, path string
	query           url.Values
	trial           bool // shows whether the API works: it is sent whatever failed before
	personal        bool // the answer is about persons
}

// get asks the API and hands the answer to decode, which must start from scratch every time it is called.
func (c *client) get(ctx context.Context, r request, decode func(rest.Response) error) error {
	host, err := c.host(ctx)
	if err != nil {
		return err
	}
	return c.rest.Do(ctx, rest.Request{
		Operation: r.operation, URL: host + "/incontactapi/services/" + c.config.APIVersion + r.path,
		Query: r.query, Priority: r.class, Trial: r.trial, Personal: r.personal,
	}, decode)
}
