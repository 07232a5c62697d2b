package cxone

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// This file makes an account's feeds out of its configuration.

// The names of the calls in metrics and errors, and the paths of discovery and of those that go to the API. Nothing but
// these, the issuer's other document and the login is ever asked, and none changes anything.
const (
	opDiscovery      = "cxone_configuration"
	opOpenID         = "openid_configuration"
	opServerTime     = "server_time"
	opAgentStates    = "agents_states"
	opActiveContacts = "contacts_active"
	opBusinessUnit   = "business_unit"
	opSkillActivity  = "skills_activity"

	pathDiscovery      = "/.well-known/cxone-configuration"
	pathServerTime     = "/server-time"
	pathAgentStates    = "/agents/states"
	pathActiveContacts = "/contacts/active"
	pathBusinessUnit   = "/business-unit"
	pathSkillActivity  = "/skills/activity"
)

// feedTimeout bounds one run of a feed.
const feedTimeout = 30 * time.Second

// client asks one tenant's API.
type client struct {
	config  Config
	log     *slog.Logger
	rest    *rest.Client
	tenancy *tenancy
}

// Open makes a source of the account. It asks nothing yet.
func (config Config) Open(s health.Surroundings) (feed.Source, error) {
	if err := errors.Join(config.Validate()...); err != nil {
		return feed.Source{}, err
	}
	log := s.Log("cxone", config.Name)
	for _, warning := range config.Queues.Warnings() {
		log.Warn("queue pattern may not be meant so", "pattern", warning)
	}
	c := &client{config: config, log: log}
	c.tenancy = newTenancy(config, c.discover)
	api, err := rest.New(rest.Options{
		HTTP: config.HTTP, RateLimit: config.RateLimit, Authorizer: rest.Bearer(c.login), Dialect: dialect(), Logger: log,
		Operations: append(slices.Clone(s.Operations),
			opDiscovery, opOpenID, opServerTime, opAgentStates, opActiveContacts, opBusinessUnit, opSkillActivity),
	})
	if err != nil {
		return feed.Source{}, err
	}
	c.rest = api
	feeds := c.feeds(time.Duration(s.Thresholds.APILatencyDegraded))
	feeds = append(feeds, s.PageFeeds("", nil)...) // how such a page would name areas is not known
	feeds = append(feeds, s.DocumentFeeds(api, c.host)...)
	return feed.Source{
		Platform: "cxone",
		Name:     config.Name,
		Cohorts:  config.Cohorts,
		Feeds:    feeds,
		Budget:   feed.Budget{PerMinute: config.RateLimit.RequestsPerMinute},
		Info:     c.info,
		Metrics:  api.Metrics(),
		Close:    c.close,
	}, nil
}

// feeds are the account's own; one that is off is left out.
func (c *client) feeds(slow time.Duration) []feed.Feed {
	schedule := feed.Schedule{Intervals: settings.Intervals(c.config.Feeds), MaxAges: c.config.MaxAges(), Timeout: feedTimeout}
	return schedule.Apply(
		feed.Feed{Name: feed.Health, Class: platform.ClassHealth, Calls: 1, Poll: c.health(slow, schedule.MaxAge(feed.Health))},
		feed.Feed{
			Name: "agents", Class: platform.ClassPresence, Calls: 1, Poll: (&agents{client: c}).poll,
			Fields: []string{fieldAgentState},
		},
		feed.Feed{
			Name: "queues", Class: platform.ClassQueues, Calls: 1, Poll: (&queues{client: c}).poll,
			Fields: []string{fieldMediaType},
		},
		feed.Feed{Name: "calls", Class: platform.ClassDetail, Calls: 1, Poll: (&calls{client: c}).poll},
		feed.Feed{Name: "capacity", Class: platform.ClassDetail, Calls: 1, Poll: (&capacity{client: c}).poll},
	)
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

// knownHost is the scheme and host of the API, without asking anyone.
func (c *client) knownHost() (string, error) {
	p := c.tenancy.known.Load()
	if p == nil {
		return "", errors.New("api host is not known yet")
	}
	return p.api, nil
}

// host is the scheme and host of the API, which discovery is asked for as long as it is not known.
func (c *client) host(ctx context.Context) (string, error) {
	p, err := c.tenancy.find(ctx)
	return p.api, err
}

// get asks the API and hands what it answers to decode, which must start from scratch every time it is called.
func (c *client) get(ctx context.Context, class platform.Class, operation, path string, query url.Values,
	decode func(rest.Response) error,
) error {
	host, err := c.host(ctx)
	if err != nil {
		return err
	}
	return c.rest.Do(ctx, rest.Request{
		Operation: operation, URL: host + "/incontactapi/services/" + c.config.APIVersion + path,
		Query: query, Priority: class, Probe: operation == opServerTime,
	}, decode)
}
