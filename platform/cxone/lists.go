package cxone

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file reads a list of the real-time API to its end. With updatedSince such a list holds only what has changed.

// maxPages is how many answers a list may take. One is the rule: without top the API sends everything.
const maxPages = 100

// listHead is what an answer says about the list in it.
type listHead struct {
	changed  bool   // false: nothing is new
	listed   bool   // it holds a list
	lastPoll string // the platform's clock, for the next delta; "" when it cannot be used
	total    int64  // elements on all pages; -1 when not said
	rows     int    // elements on this one
}

// decodeList reads one answer as a stream. Its elements, under key, are decoded into the same value one by one.
func decodeList(r rest.Response, key string, element any, reset func(), visit func(readable bool)) (e listHead, err error) {
	var total, lastPoll scalar
	e.total = -1
	e.changed, err = answerFields{
		"totalrecords": total.into,
		"lastpolltime": lastPoll.into,
		key: func(dec *json.Decoder) (err error) {
			e.listed, err = eachElement(dec, element, reset, func(readable bool) {
				e.rows++
				visit(readable)
			})
			return err
		},
	}.read(r)
	if n, ok := total.integer(); ok {
		e.total = n
	}
	if at, ok := lastPoll.moment(); ok && at.Unix() > 0 {
		e.lastPoll, _ = lastPoll.text()
	}
	return e, err
}

// listRequest says which list is read.
type listRequest struct {
	class           platform.Class
	operation, path string
	query           url.Values
}

// readList asks for a list page by page: the API may send fewer elements than it says there are. Decode reads a page
// from scratch, take takes in the page decoded last. What is returned is the listHead of the first page: later ones may
// miss what changed since. A list that breaks off is an error when it was to be complete: fewer agents than there are
// would look like people leaving.
func (c *client) readList(ctx context.Context, l listRequest, decode func(rest.Response) (listHead, error), take func()) (first listHead, err error) {
	delta := l.query.Has("updatedSince")
	var rows, total int64
	for page := range maxPages {
		var e listHead
		err := c.get(ctx, l.class, l.operation, l.path, l.query, func(r rest.Response) (err error) {
			e, err = decode(r)
			return err
		})
		if err != nil {
			return first, err
		}
		if page == 0 {
			first = e
		}
		if e.changed && !e.listed && !delta {
			return first, fmt.Errorf("%s holds no list", l.path)
		}
		take()
		rows += int64(e.rows)
		if e.total >= 0 {
			total = e.total
		}
		switch {
		case !first.changed, rows >= total, e.rows == 0 && delta:
			return first, nil
		case e.rows == 0:
			return first, fmt.Errorf("%s ends after %d of %d", l.path, rows, total)
		}
		if !l.query.Has("top") {
			l.query.Set("top", strconv.Itoa(e.rows))
		}
		l.query.Set("skip", strconv.FormatInt(rows, 10))
	}
	return first, fmt.Errorf("%s takes more than %d pages", l.path, maxPages)
}
