package statuspage

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// Document is one health document. Behind a URL it is asked once per interval for all accounts that follow it; behind a
// path it is another document on each account's host.
type Document struct {
	config DocumentConfig
	client *rest.Client                     // nil for a path
	shared *rest.Shared[*platform.Snapshot] // nil for a path
}

// NewDocument makes a document of a configuration that Validate has accepted.
func NewDocument(c DocumentConfig, log *slog.Logger) (*Document, error) {
	log = log.With("document", c.Name)
	warnPatterns(log, "data_components", c.DataComponents)
	d := &Document{config: c}
	if c.URL == "" {
		return d, nil
	}
	client, err := newClient(c.HTTP, opDocument, log)
	if err != nil {
		return nil, err
	}
	d.client = client
	r := reader{config: c, client: client, target: func(context.Context) (string, error) { return c.URL, nil }}
	d.shared = shared(c.Every, c.HTTP, r.read)
	return d, nil
}

// Feed follows the document for one account. A path is asked through the account's client, with its token, at base,
// which is the scheme and host of its API; a URL needs neither.
func (d *Document) Feed(account *rest.Client, base func(context.Context) (string, error)) feed.Feed {
	follows := feed.Feed{
		Name:        "document/" + d.config.Name,
		Class:       platform.ClassHealth,
		MinInterval: time.Duration(d.config.Every),
		Timeout:     runTimeout(d.config.HTTP),
		Fields:      []string{fieldDocumentStatus},
	}
	var read func(context.Context) (*platform.Snapshot, error)
	if d.shared != nil {
		read = d.shared.Get
	} else {
		r := reader{config: d.config, client: account, target: func(ctx context.Context) (string, error) {
			host, err := base(ctx)
			return host + d.config.Path, err
		}}
		read, follows.Calls = r.read, 1
	}
	follows.Poll = follow(read, ownCopy)
	return follows
}

// Close ends the request under way and releases the connections of a document behind a URL. Feeds that still ask for
// it fail. What stands behind a path ends with the account.
func (d *Document) Close() {
	if d.client != nil {
		d.shared.Close()
		d.client.Close()
	}
}

// ownCopy is for one account: accounts complete the conditions of what they are given.
func ownCopy(p *platform.Snapshot) *platform.Snapshot {
	snapshot := *p
	snapshot.Components = slices.Clone(p.Components)
	snapshot.Unknowns = maps.Clone(p.Unknowns)
	return &snapshot
}

// reader reads a document from one place, page by page. It is used by one goroutine at a time.
type reader struct {
	config DocumentConfig
	client *rest.Client
	target func(context.Context) (string, error)

	// Of the latest good answer.
	url      string
	pages    []page
	snapshot *platform.Snapshot
}

// page is one page of a list, or a whole document, with what makes asking for it again conditional. Each page has
// validators of its own: that the first page is as it was says nothing about the second.
type page struct {
	validators validators
	snapshot   platform.Snapshot
	count      int // pages of the whole list, as this page tells
}

// read returns the same snapshot as before when no page has changed.
func (r *reader) read(ctx context.Context) (*platform.Snapshot, error) {
	target, err := r.target(ctx)
	if err != nil {
		return nil, err
	}
	if target != r.url {
		r.url, r.pages = target, nil
	}
	pages, changed, err := r.readPages(ctx)
	if err != nil {
		return nil, err
	}
	if changed {
		r.pages, r.snapshot = pages, merge(pages)
	}
	return r.snapshot, nil
}
