package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strconv"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file reads lists that come in pages.

const (
	// pageSize is the largest page in public use; the platform's default is 25.
	pageSize = 100
	// maxPages ends a list that does not end by itself: 10,000 entities are twenty times the 500 trunks that an
	// organization may have.
	maxPages = 100
)

// page is what every list of entities has in common.
type page struct {
	Entities  []json.RawMessage `json:"entities"`
	PageCount *int              `json:"pageCount"`
}

// last tells whether no page follows. A page count that is missing breaks the documented form; then a page that is
// not full is the last.
func (p page) last(number int) bool {
	if p.PageCount != nil {
		return number >= *p.PageCount
	}
	return len(p.Entities) < pageSize
}

var errNoEntities = errors.New("answer without entities, expected a list")

// entity is one object of a list as it was sent, and the correlation id of the answer that held it.
type entity struct {
	raw         json.RawMessage
	correlation string
}

// list reads all pages. The violations it returns are pages without a page count.
func (c *client) list(ctx context.Context, r rest.Request) (entities []entity, violations int, err error) {
	query := maps.Clone(r.Query)
	if query == nil {
		query = url.Values{}
	}
	query.Set("pageSize", strconv.Itoa(pageSize))
	for number := 1; number <= maxPages; number++ {
		query.Set("pageNumber", strconv.Itoa(number))
		r.Query = maps.Clone(query)
		p, correlation, err := ask[page](ctx, c, r)
		if err != nil {
			return nil, 0, err
		}
		if p.Entities == nil { // an answer like {} must not pass for an empty list
			return nil, 0, fmt.Errorf("%s: %w", r.Operation, errNoEntities)
		}
		if p.PageCount == nil {
			violations++
		}
		for _, raw := range p.Entities {
			entities = append(entities, entity{raw, correlation})
		}
		if p.last(number) {
			return entities, violations, nil
		}
	}
	return nil, 0, fmt.Errorf("%s: list does not end within %d pages", r.Operation, maxPages)
}

// ask sends a request and decodes the answer as JSON. It also returns the answer's correlation id.
func ask[T any](ctx context.Context, c *client, r rest.Request) (answer T, correlation string, err error) {
	err = c.rest.Do(ctx, r, func(response rest.Response) error {
		answer = *new(T) // with a new attempt it starts from scratch
		correlation = response.CorrelationID
		return rest.JSON(&answer)(response)
	})
	return answer, correlation, err
}
