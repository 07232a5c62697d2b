package genesys

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

const (
	// pageSize is the largest page in public use of most lists; the platform's default is 25.
	pageSize = 100
	// maxPages ends a list that does not end by itself, at 10,000 entities: 500 trunks, as many as an organization may have,
	// on twenty edges each.
	maxPages = 100
)

// page is one answer of a list that comes in pages: what every list of entities has in common.
type page[T identified] struct {
	found  bool // it holds a list, which may be empty
	items  []item[T]
	length int  // entities as sent, broken ones too
	pages  *int // nil when the answer does not say
	platform.Anomalies
}

// last reports whether no page follows. A page count that is missing breaks the documented form; then a page that is
// not full is the last.
func (p page[T]) last(number, size int) bool {
	if p.pages != nil {
		return number >= *p.pages
	}
	return p.length < size
}

// Where the parts of an answer or of an event stand.
const (
	pathEntities = "entities[]"
	pathEvent    = "eventBody"
)

var errNoEntities = errors.New("answer without entities, expected a list")

// entity is one object of a list as it was sent, cut to what a log line may hold, and the correlation id of the answer that held
// it; nothing where that cannot become evidence.
type entity struct {
	raw         json.RawMessage
	correlation string
}

// identified is an entity with an identifier.
type identified interface{ identity() string }

// judged is an entity whose status is published, alone or with others as a part, such as a trunk base. The evidence is what the
// platform sent of the first entity that is not sound, or else of the first.
type judged interface {
	sound() bool // reports whether the entity is operational
	part() string
}

// parts are those of which a sound entity was met.
type parts map[string]bool

// isEvidence reports whether what was sent of the next entity may be the evidence of its part.
func (met parts) isEvidence(j judged) bool {
	name, sound := j.part(), j.sound()
	again := met[name]
	met[name] = again || sound
	return !again || !sound
}

// item is an entity that was read, and what it was read from.
type item[T identified] struct {
	entity
	wire T
}

// readPage decodes one answer. An entity that is none, or that has no identifier, is dropped and counted.
func readPage[T identified](body io.Reader, correlation string) (p page[T], err error) {
	_, err = rest.Fields{
		"pagecount": func(dec *rest.Decoder) error { return rest.Decode(dec, &p.pages) },
		"entities": func(dec *rest.Decoder) (err error) {
			p.items, p.length = nil, 0
			met := parts{}
			p.found, err = rest.List(dec, func(dec *rest.Decoder) error {
				var wire T
				raw, misfit, readable, err := rest.RawElement(dec, &wire)
				p.length++
				if !readable || wire.identity() == "" {
					p.Violate(pathEntities, cmp.Or(misfit, ".id"))
				}
				if wire.identity() != "" {
					var sent entity
					if j, ok := any(&wire).(judged); ok && met.isEvidence(j) {
						sent = entity{bytes.Clone(raw[:min(len(raw), feed.MaxPayload)]), correlation}
					}
					p.items = append(p.items, item[T]{sent, wire})
				}
				return err
			})
			return err
		},
	}.Read(rest.NewDecoder(body))
	return p, err
}

// askPage reads one answer.
func askPage[T identified](ctx context.Context, c *client, r rest.Request) (p page[T], err error) {
	err = c.rest.Do(ctx, r, func(response rest.Response) (err error) {
		p, err = readPage[T](response.Body, response.CorrelationID)
		return rest.NotEmpty(err)
	})
	if err == nil && !p.found { // an answer like {} must not pass for an empty list
		err = fmt.Errorf("%s: %w", r.Operation, errNoEntities)
	}
	return p, err
}

// distinct drops entities that are met a second time, because the list moved between two pages.
func distinct[T identified](items []item[T]) []item[T] {
	seen := make(map[string]bool, len(items))
	return slices.DeleteFunc(items, func(i item[T]) bool {
		id := i.wire.identity()
		again := seen[id]
		seen[id] = true
		return again
	})
}

// list reads all pages, of the size that the query names if it does. Anomalies takes what is wrong with pages and
// entities.
func list[T identified](ctx context.Context, c *client, r rest.Request, anomalies *platform.Anomalies) (items []item[T], err error) {
	query := maps.Clone(r.Query)
	if query == nil {
		query = url.Values{}
	}
	size, err := strconv.Atoi(query.Get("pageSize"))
	if err != nil {
		size = pageSize
		query.Set("pageSize", strconv.Itoa(size))
	}
	items = []item[T]{} // an empty list is one
	var found platform.Anomalies
	for number := 1; number <= maxPages; number++ {
		query.Set("pageNumber", strconv.Itoa(number))
		r.Query = maps.Clone(query)
		p, err := askPage[T](ctx, c, r)
		if err != nil {
			return nil, err
		}
		if p.pages == nil {
			p.Violate("pageCount")
		}
		found.Add(p.Anomalies)
		items = append(items, p.items...)
		if p.last(number, size) {
			anomalies.Add(found)
			return distinct(items), nil
		}
	}
	return nil, fmt.Errorf("%s: list does not end within %d pages", r.Operation, maxPages)
}

// ask sends a request and decodes the answer as JSON. It also returns the answer's correlation id.
func ask[T any](ctx context.Context, c *client, r rest.Request) (answer T, correlation string, err error) {
	answer, about, err := askDated[T](ctx, c, r)
	return answer, about.correlation, err
}

// origin is what an answer or an event says about itself; of an event without the correlation id.
type origin struct {
	correlation string
	at          time.Time // by the platform's clock, to the second below; by ours when the answer does not tell
	received    time.Time // by our clock
}

// askDated is ask for answers that are compared with events.
func askDated[T any](ctx context.Context, c *client, r rest.Request) (answer T, about origin, err error) {
	err = c.rest.Do(ctx, r, func(response rest.Response) error {
		answer = *new(T) // with a new attempt it starts from scratch
		about = originOf(response)
		return rest.JSON(&answer)(response)
	})
	return answer, about, err
}

func originOf(response rest.Response) origin {
	about := origin{response.CorrelationID, response.Received.Add(-response.Latency), response.Received}
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		about.at = date
	}
	return about
}
