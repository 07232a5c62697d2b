package statuspage

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// Document is one health document. Behind a URL it is asked for once per interval for all accounts that follow it; behind a
// path it is another document on each account's host.
type Document struct {
	config DocumentConfig
	client *rest.Client                     // nil for a path
	shared *rest.Shared[*platform.Snapshot] // nil for a path
}

// NewDocument returns a document of a configuration that Validate has accepted.
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
	r := &documentReader{config: c, client: client, address: func(context.Context) (string, error) { return c.URL, nil }}
	d.shared = shared(c.Every, c.HTTP, r.read)
	return d, nil
}

// documentPrefix begins the names of documents' feeds.
const documentPrefix = "document/"

// Feed returns the feed of the document for one account. A path is asked for through the account's client, with its token,
// at base, which returns the scheme and host of its API; a URL needs neither.
func (d *Document) Feed(account *rest.Client, base func(context.Context) (string, error)) feed.Feed {
	follows := feed.Feed{
		Name:        documentPrefix + d.config.Name,
		Class:       platform.ClassHealth,
		MinInterval: time.Duration(d.config.Every),
		Timeout:     runTimeout(d.config.HTTP),
		Fields:      []string{fieldDocumentStatus},
	}
	var read func(context.Context) (*platform.Snapshot, error)
	if d.shared != nil {
		read = d.shared.Get
	} else {
		r := &documentReader{config: d.config, client: account, address: func(ctx context.Context) (string, error) {
			host, err := base(ctx)
			return host + d.config.Path, err
		}}
		read, follows.Calls = r.read, 1
	}
	follows.Poll = follow(read, ownCopy)
	return follows
}

// Close ends the request under way and releases the connections of a document behind a URL. Feeds that still ask for it
// fail. A document behind a path ends with the account.
func (d *Document) Close() {
	if d.client != nil {
		d.shared.Close()
		d.client.Close()
	}
}

// ownCopy returns a copy for one account: accounts complete the conditions of their snapshots.
func ownCopy(p *platform.Snapshot) *platform.Snapshot {
	snapshot := *p
	snapshot.Components = slices.Clone(p.Components)
	snapshot.Unknowns = maps.Clone(p.Unknowns)
	return &snapshot
}

// documentReader reads a document from one address. It is used by one goroutine at a time.
type documentReader struct {
	config  DocumentConfig
	client  *rest.Client
	address func(context.Context) (string, error)

	// Of the latest good answer.
	url      string
	batches  []batch
	snapshot *platform.Snapshot
}

// batch is the part of a document that one request asks for: the components with these ids, page by page. A document without
// ids is one batch.
type batch struct {
	ids   []string
	pages []documentPage // as last read
}

// read returns the same snapshot as before when nothing has changed.
func (r *documentReader) read(ctx context.Context) (*platform.Snapshot, error) {
	url, err := r.address(ctx)
	if err != nil {
		return nil, err
	}
	if url != r.url {
		r.url, r.snapshot, r.batches = url, nil, []batch{{ids: r.config.IDs}}
	}
	read := make([]batch, 0, len(r.batches))
	changed := r.snapshot == nil
	for i := 0; i < len(r.batches); i++ {
		b := r.batches[i]
		pages, fresh, err := r.readPages(ctx, b)
		if tooLarge(err) && len(b.ids) > 1 {
			half := len(b.ids) / 2 // kept for later runs
			r.batches = slices.Replace(r.batches, i, i+1, batch{ids: b.ids[:half]}, batch{ids: b.ids[half:]})
			i--
			changed = true
			continue
		}
		if err != nil {
			return nil, err
		}
		read, changed = append(read, batch{b.ids, pages}), changed || fresh
	}
	r.batches = read
	if changed {
		r.snapshot = merge(read)
	}
	return r.snapshot, nil
}

// tooLarge reports whether a request failed because it asked for too much at once: its address was too long, or the answer
// was not made in time.
func tooLarge(err error) bool {
	failed, ok := errors.AsType[*rest.Error](err)
	return ok && (failed.Status == http.StatusRequestURITooLong || failed.Status == http.StatusGatewayTimeout)
}
