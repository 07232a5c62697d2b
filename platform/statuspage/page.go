package statuspage

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// Page is one status page. It is asked at most once per interval (less a tenth, see shared), however many accounts follow
// it; each account sees its own selection of the components.
type Page struct {
	config PageConfig
	client *rest.Client
	log    *slog.Logger
	shared *rest.Shared[*summary]

	// Of the latest good answer; touched by the one fetch under way only.
	validators validators
	summary    *summary
}

// NewPage returns a page of a configuration that Validate has accepted.
func NewPage(c PageConfig, log *slog.Logger) (*Page, error) {
	log = log.With("status_page", c.Name)
	client, err := newClient(c.HTTP, opPage, log)
	if err != nil {
		return nil, err
	}
	warnPatterns(log, "components", c.Components)
	p := &Page{config: c, client: client, log: log}
	p.shared = shared(c.Every, c.HTTP, p.fetch)
	return p, nil
}

// newClient returns a client for a host that is no account's API: it holds no token and takes no account's budget.
func newClient(h rest.HTTPConfig, operation string, log *slog.Logger) (*rest.Client, error) {
	return rest.New(rest.Options{
		HTTP: h, Operations: []string{operation}, Logger: log,
		Dialect: rest.Dialect{CorrelationHeaders: []string{"X-Correlation-Id", "X-Request-Id"}}, // as most makers name it
	})
}

// pagePrefix begins the names of pages' feeds.
const pagePrefix = "status_page/"

// Feed returns the feed of the page for one account. Own is the label of the account's region on the page, such as
// "EMEA (Frankfurt)", or "" when there is none; all are the labels of every region that the platform is known to have.
func (p *Page) Feed(own string, all []string) feed.Feed {
	choice := newSelection(p.config.Components, own, all)
	warned := false
	return feed.Feed{
		Name:        pagePrefix + p.config.Name,
		Class:       platform.ClassDetail,
		MinInterval: time.Duration(p.config.Every),
		Timeout:     runTimeout(p.config.HTTP),
		Fields:      []string{fieldPageStatus, fieldPageImpact},
		Poll: follow(p.shared.Get, func(s *summary) *platform.Snapshot {
			snapshot := s.snapshot(p.config.Name, choice)
			if none := len(snapshot.Components) == 0; none != warned {
				warned = none
				p.warn(none, own)
			}
			return &snapshot
		}),
	}
}

func (p *Page) warn(none bool, own string) {
	if none {
		p.log.Warn("no component of the status page is selected", "region", own, "components", p.config.Components)
		return
	}
	p.log.Info("components of the status page are selected again", "region", own)
}

// Close ends the request under way and releases the connections. Feeds that still ask fail.
func (p *Page) Close() {
	p.shared.Close()
	p.client.Close()
}

// fetch returns the same summary as before when the page says that nothing changed.
func (p *Page) fetch(ctx context.Context) (*summary, error) {
	var fresh *summary
	request := rest.Request{
		Operation: opPage, URL: p.config.URL, Anonymous: true, Priority: platform.ClassDetail,
	}
	now, changed, err := getIfChanged(ctx, p.client, request, p.validators, func(body json.RawMessage, correlationID string) (err error) {
		fresh, err = parseSummary(body, correlationID)
		return err
	})
	if err != nil {
		return nil, err
	}
	if changed {
		p.validators, p.summary = now, fresh
	}
	return p.summary, nil
}
