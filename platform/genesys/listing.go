package genesys

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

const (
	// batchSize is the stated maximum for edges, and what programs in production settled on for trunks.
	batchSize = 100
	// parallel bounds how many batches are under way at once.
	parallel = 4
)

// measurement is a row of metrics.
type measurement interface {
	objectID() string   // identifier of the entity
	measuredAt() string // when the platform measured it
}

// row is a row of metrics that was read.
type row[R measurement] struct {
	wire     R
	readable bool   // as a whole
	misfit   string // the first field that does not fit, with a dot before it
}

// listing is a list with the metrics of its entities.
type listing[T identified, R measurement] struct {
	items     []item[T]
	metrics   []row[R]
	answered  map[string]bool    // identifiers whose metrics were asked for with success
	anomalies platform.Anomalies // what reading counted
}

// listingOf is what a listing is read from.
type listingOf[T identified, R measurement] struct {
	entities  rest.Request
	metrics   rest.Request
	parameter string              // of metrics: the identifiers
	want      func(T) bool        // reports whether metrics of an entity are wanted
	known     func(all []item[T]) // is called with the list, before the metrics are asked for; nil = not needed
}

// read reads the list, and then the metrics of those of its entities that are wanted. One identifier that is not there
// any more makes a whole batch fail with a 400; then the list is read again and what is still open is asked for once
// more. With an error, what was read until then is returned too; items is nil when it was nothing.
func (l listingOf[T, R]) read(ctx context.Context, c *client) (listing[T, R], error) {
	m := listing[T, R]{answered: map[string]bool{}}
	for attempt := 1; ; attempt++ {
		var anomalies platform.Anomalies
		items, err := list[T](ctx, c, l.entities, &anomalies)
		if err != nil {
			return m, err
		}
		m.items, m.anomalies = items, anomalies
		if l.known != nil {
			l.known(items)
		}
		var open []string
		for _, item := range m.items {
			if id := item.wire.identity(); l.want(item.wire) && !m.answered[id] {
				open = append(open, id)
			}
		}
		if stale, err := m.askMetrics(ctx, c, l.metrics, l.parameter, open); !stale || attempt == 2 {
			return m, err
		}
	}
}

// askMetrics reads the metrics of identifiers, and reports whether the platform refused a batch because of one of them.
func (m *listing[T, R]) askMetrics(ctx context.Context, c *client, r rest.Request, parameter string, ids []string) (stale bool, err error) {
	var (
		group errgroup.Group // without a context: a batch that fails costs no other
		lock  sync.Mutex
	)
	group.SetLimit(parallel)
	for batch := range slices.Chunk(ids, batchSize) {
		group.Go(guard.Func(func() error {
			r := r
			r.Query = url.Values{parameter: {strings.Join(batch, ",")}}
			rows, err := askRows[R](ctx, c, r)
			lock.Lock()
			defer lock.Unlock()
			switch {
			case isBadRequest(err):
				stale = true
			case err == nil:
				m.metrics = append(m.metrics, rows...)
				for _, id := range batch {
					m.answered[id] = true
				}
			}
			return err
		}))
	}
	err = group.Wait()
	return stale, err
}

// askRows reads rows of metrics.
func askRows[R measurement](ctx context.Context, c *client, r rest.Request) (rows []row[R], err error) {
	err = c.rest.Do(ctx, r, func(response rest.Response) (err error) {
		rows, err = readRows[R](response.Body)
		return rest.NotEmpty(err)
	})
	return rows, err
}

func readRows[R measurement](body io.Reader) (rows []row[R], err error) {
	dec := rest.NewDecoder(body)
	found, err := rest.List(dec, func(dec *rest.Decoder) (err error) {
		var r row[R]
		r.misfit, r.readable, err = rest.ElementField(dec, &r.wire)
		rows = append(rows, r)
		return err
	})
	if err == nil && !found {
		err = errors.New("null, expected a list")
	}
	return rows, err
}

// isBadRequest reports whether the API refused a request with a 400, as it does when an identifier is not there any
// more (REFERENCED_KEY_DOES_NOT_EXIST).
func isBadRequest(err error) bool {
	refused, ok := errors.AsType[*rest.Error](err)
	return ok && refused.Status == http.StatusBadRequest && !refused.Login
}
