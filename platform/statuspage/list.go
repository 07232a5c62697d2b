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

// readPages reads all pages, and tells whether the list is another than the one before. A document is a list of one
// page.
func (r *reader) readPages(ctx context.Context) (pages []page, changed bool, err error) {
	for number := 1; ; number++ {
		var before page
		if number <= len(r.pages) {
			before = r.pages[number-1]
		}
		now, fresh, err := r.readPage(ctx, number, before)
		if err != nil {
			return nil, false, err
		}
		pages, changed = append(pages, now), changed || fresh
		switch {
		case number >= now.count:
			return pages, changed || len(pages) != len(r.pages), nil
		case now.count > maxPages:
			return nil, false, fmt.Errorf("list of %d pages, at most %d are read", now.count, maxPages)
		}
	}
}

func (r *reader) readPage(ctx context.Context, number int, before page) (now page, fresh bool, err error) {
	request := rest.Request{
		Operation: opDocument, URL: r.url, Anonymous: r.config.Path == "", Priority: platform.ClassHealth,
	}
	if r.config.Format == FormatComponents {
		request.Query = r.config.query(number)
	}
	v, fresh, err := get(ctx, r.client, request, before.validators, func(body json.RawMessage, correlationID string) (err error) {
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

// query asks for one page of the list.
func (c DocumentConfig) query(page int) url.Values {
	q := url.Values{"pageNumber": {strconv.Itoa(page)}}
	for key, value := range map[string]string{
		"expand": c.Expand, "ids": strings.Join(c.IDs, ","), "status": strings.Join(c.Status, ","),
	} {
		if value != "" {
			q.Set(key, value)
		}
	}
	return q
}

// merge puts the pages of a list together. A component may move to the next page between two requests: the second of
// an id is left out.
func merge(pages []page) *platform.Snapshot {
	var whole platform.Snapshot
	seen := map[string]bool{}
	for _, p := range pages {
		whole.Violations += p.snapshot.Violations
		for _, c := range p.snapshot.Components {
			if c.ID != "" && seen[c.ID] {
				continue
			}
			seen[c.ID] = true
			whole.Components = append(whole.Components, c)
		}
		for field, n := range p.snapshot.Unknowns {
			for range n {
				whole.Unknown(field)
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

// parseList reads one page of a list. What is wrong with one entity is counted and costs no other: it is left out when
// it has no id or name, and kept otherwise. What is wrong with the whole is an error.
func (c DocumentConfig) parseList(body []byte, number int, correlationID string) (page, error) {
	var wire struct {
		Entities   []json.RawMessage `json:"entities"`
		PageNumber *int              `json:"pageNumber"` // counted from 1
		PageCount  int               `json:"pageCount"`  // 0 for an empty list, and for one without pages
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return page{}, fmt.Errorf("list: %w", err)
	}
	if wire.Entities == nil {
		return page{}, errors.New("list: no entities")
	}
	if wire.PageNumber != nil && *wire.PageNumber != number && wire.PageCount > 1 {
		return page{}, fmt.Errorf("list: asked for page %d, got page %d", number, *wire.PageNumber)
	}
	p := page{count: wire.PageCount}
	for _, raw := range wire.Entities {
		c.add(&p.snapshot, raw, correlationID)
	}
	return p, nil
}

func (c DocumentConfig) add(snapshot *platform.Snapshot, raw json.RawMessage, correlationID string) {
	var e entity
	ok := sound(raw, &e)
	id, name := strings.TrimSpace(e.ID), strings.TrimSpace(e.Name)
	if _, err := time.Parse(time.RFC3339, e.LastModified); err != nil || !ok || id == "" || name == "" || e.Status == "" {
		snapshot.Violations++
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
		Condition: platform.Condition{Status: documentStatus(snapshot, e.Status), Evidence: evidence(correlationID, raw)},
	})
}
