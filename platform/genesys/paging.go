package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file reads lists that come in pages.

const (
	// pageSize is the largest page in public use of most lists; the platform's default is 25.
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
func (p page) last(number, size int) bool {
	if p.PageCount != nil {
		return number >= *p.PageCount
	}
	return len(p.Entities) < size
}

var errNoEntities = errors.New("answer without entities, expected a list")

// entity is one object of a list as it was sent, and the correlation id of the answer that held it.
type entity struct {
	raw         json.RawMessage
	correlation string
}

// list reads all pages, of the size that the query names if it does. The violations it returns are pages without a page
// count.
func (c *client) list(ctx context.Context, r rest.Request) (entities []entity, violations int, err error) {
	query := maps.Clone(r.Query)
	if query == nil {
		query = url.Values{}
	}
	size, err := strconv.Atoi(query.Get("pageSize"))
	if err != nil {
		size = pageSize
		query.Set("pageSize", strconv.Itoa(size))
	}
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
		if p.last(number, size) {
			return entities, violations, nil
		}
	}
	return nil, 0, fmt.Errorf("%s: list does not end within %d pages", r.Operation, maxPages)
}

// ask sends a request and decodes the answer as JSON. It also returns the answer's correlation id.
func ask[T any](ctx context.Context, c *client, r rest.Request) (answer T, correlation string, err error) {
	answer, about, err := askDated[T](ctx, c, r)
	return answer, about.correlation, err
}

// origin is what an answer says about itself.
type origin struct {
	correlation string
	at          time.Time // by the platform's clock, to the second below; by ours when the answer does not tell
	received    time.Time // by our clock
}

// askDated is ask for answers that are compared with events.
func askDated[T any](ctx context.Context, c *client, r rest.Request) (answer T, about origin, err error) {
	err = c.rest.Do(ctx, r, func(response rest.Response) error {
		answer = *new(T) // with a new attempt it starts from scratch
		about = origin{response.CorrelationID, response.Received.Add(-response.Latency), response.Received}
		if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
			about.at = date
		}
		return rest.JSON(&answer)(response)
	})
	return answer, about, err
}
