package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file reads lists whose entities have metrics that are asked for by identifier, in batches.

const (
	// batchSize is the stated maximum for edges, and what programs in production settled on for trunks.
	batchSize = 100
	// parallel bounds how many batches are under way at once.
	parallel = 4
)

// measured is a list with the metrics of its entities.
type measured[T identified] struct {
	items    []item[T]
	metrics  []json.RawMessage
	answered map[string]bool // identifiers whose metrics were asked for with success
	part     platform.Part   // what reading the list counted
}

// measure reads a list, and then the metrics of those of its entities that are wanted. One identifier that is not
// there any more makes a whole batch fail with a 400; then the list is read again and what is still open is asked for
// once more. With an error, what was learned until then is returned too; items is nil when it was nothing.
func measure[T identified](ctx context.Context, c *client, list, metrics rest.Request, parameter string, want func(T) bool) (measured[T], error) {
	m := measured[T]{answered: map[string]bool{}}
	for attempt := 1; ; attempt++ {
		entities, violations, err := c.list(ctx, list)
		if err != nil {
			return m, err
		}
		m.part = platform.Part{Violations: violations}
		m.items = readItems[T](entities, &m.part)
		var open []string
		for _, item := range m.items {
			if id := item.wire.identity(); want(item.wire) && !m.answered[id] {
				open = append(open, id)
			}
		}
		if stale, err := m.ask(ctx, c, metrics, parameter, open); !stale || attempt == 2 {
			return m, err
		}
	}
}

// ask reads the metrics of identifiers, and tells whether the platform refused a batch because of one of them.
func (m *measured[T]) ask(ctx context.Context, c *client, r rest.Request, parameter string, ids []string) (stale bool, err error) {
	var (
		group errgroup.Group // without a context: a batch that fails costs no other
		lock  sync.Mutex
	)
	group.SetLimit(parallel)
	for batch := range slices.Chunk(ids, batchSize) {
		group.Go(func() error {
			r := r
			r.Query = url.Values{parameter: {strings.Join(batch, ",")}}
			rows, _, err := ask[[]json.RawMessage](ctx, c, r)
			lock.Lock()
			defer lock.Unlock()
			switch {
			case isBadRequest(err):
				stale = true
			case err == nil && rows == nil:
				return fmt.Errorf("%s: null, expected a list", r.Operation)
			case err == nil:
				m.metrics = append(m.metrics, rows...)
				for _, id := range batch {
					m.answered[id] = true
				}
			}
			return err
		})
	}
	err = group.Wait()
	return stale, err
}

// isBadRequest tells whether the API refused a request with a 400, as it does when an identifier is not there any
// more (REFERENCED_KEY_DOES_NOT_EXIST).
func isBadRequest(err error) bool {
	refused, ok := errors.AsType[*rest.Error](err)
	return ok && refused.Status == http.StatusBadRequest && !refused.Login
}
