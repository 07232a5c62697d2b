package cxone

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/statuspage"
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

// Options are what an account takes from outside its own part of the configuration.
type Options struct {
	Thresholds settings.Thresholds
	Pages      []*statuspage.Page     // that serve this account; not closed with it
	Documents  []*statuspage.Document // likewise
	Logger     *slog.Logger
}

// client asks one tenant's API.
type client struct {
	config  Config
	log     *slog.Logger
	rest    *rest.Client
	tenancy *tenancy
}

// New makes a source of an account's configuration. It asks nothing yet.
func New(config Config, o Options) (feed.Source, error) {
	if err := errors.Join(config.Validate()...); err != nil {
		return feed.Source{}, err
	}
	log := cmp.Or(o.Logger, slog.New(slog.DiscardHandler)).With("platform", "cxone", "account", config.Name)
	c := &client{config: config, log: log}
	c.tenancy = newTenancy(config, c.discover)
	api, err := rest.New(rest.Options{
		HTTP: config.HTTP, RateLimit: config.RateLimit, Authorizer: rest.Bearer(c.login), Dialect: dialect(), Logger: log,
		Operations: append(statuspage.Operations(),
			opDiscovery, opOpenID, opServerTime, opAgentStates, opActiveContacts, opBusinessUnit, opSkillActivity),
	})
	if err != nil {
		return feed.Source{}, err
	}
	c.rest = api
	feeds := c.feeds(time.Duration(o.Thresholds.APILatencyDegraded))
	for _, page := range o.Pages {
		feeds = append(feeds, page.Feed("", nil)) // how such a page would name areas is not known
	}
	for _, document := range o.Documents {
		feeds = append(feeds, c.withHost(document.Feed(api, c.knownHost)))
	}
	return feed.Source{
		Platform: "cxone",
		Name:     config.Name,
		Cohorts:  config.Cohorts,
		Feeds:    feeds,
		Budget:   feed.Budget{PerMinute: config.RateLimit.RequestsPerMinute},
		Info:     c.info,
		Metrics:  api.Metrics(),
		Close:    api.Close,
	}, nil
}

// feeds are the account's own; one that is off is left out.
func (c *client) feeds(slow time.Duration) (feeds []feed.Feed) {
	every := c.config.Feeds.byName()
	for _, row := range []struct {
		class  platform.Class
		name   string
		fields []string
		run    func(context.Context, feed.Sink) error
	}{
		{platform.ClassHealth, feed.Health, nil, newHealth(c, slow, c.maxAge(feed.Health)).run},
		{platform.ClassPresence, "agents", []string{fieldAgentState}, (&agents{client: c}).run},
		{platform.ClassQueues, "queues", []string{fieldMediaType}, (&queues{client: c}).run},
		{platform.ClassDetail, "calls", nil, (&calls{client: c}).run},
		{platform.ClassDetail, "capacity", nil, (&capacity{client: c}).run},
	} {
		if interval := time.Duration(every[row.name]); interval != 0 {
			feeds = append(feeds, feed.Feed{
				Name: row.name, Class: row.class, Every: interval, Timeout: feedTimeout, MaxAge: c.maxAge(row.name),
				Calls: 1, Fields: row.fields, Run: row.run,
			})
		}
	}
	return feeds
}

func (c *client) maxAge(name string) time.Duration {
	return cmp.Or(time.Duration(c.config.MaxAge[name]), feed.DefaultMaxAge(time.Duration(c.config.Feeds.byName()[name])))
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
	p := c.tenancy.place.Load()
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

// withHost lets a feed that goes to the account's API wait for discovery.
func (c *client) withHost(f feed.Feed) feed.Feed {
	if run := f.Run; f.Calls > 0 {
		f.Run = func(ctx context.Context, sink feed.Sink) error {
			if _, err := c.host(ctx); err != nil {
				return err
			}
			return run(ctx, sink)
		}
	}
	return f
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
		Query: query, Priority: rest.Priority(class), Probe: operation == opServerTime,
	}, decode)
}
