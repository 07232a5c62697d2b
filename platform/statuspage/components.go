package statuspage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// maxPages ends a list that does not end: 100 pages are 2,500 components at the platforms' default page size of 25.
const maxPages = 100

// documentPage is one page of a list, or a whole document, with what makes asking for it again conditional. Each page has
// validators of its own: that the first page is as it was says nothing about the second.
type documentPage struct {
	validators validators
	snapshot   platform.Snapshot
	count      int // pages of the whole list, by this page
}

// readPages reads all pages of a batch, and reports whether they are others than before. A document is a list of one page.
func (r *documentReader) readPages(ctx context.Context, b batch) (pages []documentPage, changed bool, err error) {
	for number := 1; ; number++ {
		var before documentPage
		if number <= len(b.pages) {
			before = b.pages[number-1]
		}
		now, fresh, err := r.readPage(ctx, b.ids, number, before)
		if err != nil {
			return nil, false, err
		}
		pages, changed = append(pages, now), changed || fresh
		switch {
		case number >= now.count:
			return pages, changed || len(pages) != len(b.pages), nil
		case now.count > maxPages:
			return nil, false, fmt.Errorf("list of %d pages, at most %d are read", now.count, maxPages)
		}
	}
}

func (r *documentReader) readPage(ctx context.Context, ids []string, number int, before documentPage) (now documentPage, fresh bool, err error) {
	request := rest.Request{
		Operation: opDocument, URL: r.url, Anonymous: r.config.Path == "", Priority: platform.ClassHealth,
	}
	if r.config.Format == FormatComponents {
		request.Query = r.config.query(ids, number)
	}
	v, fresh, err := getIfChanged(ctx, r.client, request, before.validators, func(body json.RawMessage, correlationID string) (err error) {
		if r.config.Format == FormatComponents {
			now, err = r.config.parseList(body, number, correlationID)
		} else {
			now.snapshot, err = r.config.parseDocument(body, correlationID)
		}
		return err
	})
	if !fresh {
		return before, false, err
	}
	now.validators = v
	return now, true, err
}

// query asks for one page of the components with these ids, or of all.
func (c DocumentConfig) query(ids []string, page int) url.Values {
	q := url.Values{"pageNumber": {strconv.Itoa(page)}}
	for key, value := range map[string]string{
		"expand": c.Expand, "ids": strings.Join(ids, ","), "status": strings.Join(c.Status, ","),
	} {
		if value != "" {
			q.Set(key, value)
		}
	}
	return q
}

// merge puts all pages together. A component may move to the next page between two requests: the second of an id is left
// out.
func merge(batches []batch) *platform.Snapshot {
	var whole platform.Snapshot
	seen := map[string]bool{}
	for _, b := range batches {
		for _, page := range b.pages {
			whole.Add(page.snapshot.Anomalies)
			for _, c := range page.snapshot.Components {
				if c.ID != "" && seen[c.ID] {
					continue
				}
				seen[c.ID] = true
				whole.Components = append(whole.Components, c)
			}
		}
	}
	return &whole
}

// entity is a component in a list.
type entity struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Status       string `json:"status"`
	LastModified string `json:"lastModified"` // RFC 3339
}

// parseList reads one page of a list. A fault of one entity is counted and harms no other: the entity is left out when it has
// no id or name, and kept otherwise. A fault of the whole is an error.
func (c DocumentConfig) parseList(body []byte, number int, correlationID string) (documentPage, error) {
	var wire struct {
		Entities   []json.RawMessage `json:"entities"`
		PageNumber *int              `json:"pageNumber"` // counted from 1
		PageCount  int               `json:"pageCount"`  // 0 for an empty list, and for one without pages
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return documentPage{}, fmt.Errorf("list: %w", err)
	}
	if wire.Entities == nil {
		return documentPage{}, errors.New("list: no entities")
	}
	if wire.PageNumber != nil && *wire.PageNumber != number && wire.PageCount > 1 {
		return documentPage{}, fmt.Errorf("list: asked for page %d, got page %d", number, *wire.PageNumber)
	}
	p := documentPage{count: wire.PageCount}
	for _, raw := range wire.Entities {
		c.add(&p.snapshot, raw, correlationID)
	}
	return p, nil
}

// add translates one entity.
func (c DocumentConfig) add(snapshot *platform.Snapshot, raw json.RawMessage, correlationID string) {
	var e entity
	ok := decodes(raw, &e)
	id, name := strings.TrimSpace(e.ID), strings.TrimSpace(e.Name)
	switch _, err := time.Parse(time.RFC3339, e.LastModified); {
	case !ok:
		snapshot.Violate("entities[]")
	case id == "" || name == "" || e.Status == "":
		snapshot.Violate("entities[].id, name or status")
	case err != nil:
		snapshot.Violate("entities[].lastModified")
	}
	if id == "" || name == "" {
		return
	}
	plane := c.Plane
	if settings.MatchAny(c.DataComponents, name) {
		plane = platform.DataPlane
	}
	snapshot.Components = append(snapshot.Components, platform.Component{
		ID: id, Name: name, Plane: plane, Source: platform.SourceDocument,
		Condition: platform.Condition{Status: documentStatus(&snapshot.Anomalies, e.Status, "entities[].status"), Evidence: evidence(correlationID, raw)},
	})
}
