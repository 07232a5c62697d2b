package cxone

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// maxPages is how many answers a list may take. One is the rule: without top the API sends everything.
const maxPages = 100

// listHead is what an answer of the real-time API says about the list in it. With updatedSince a list holds only what has
// changed.
type listHead struct {
	changed  bool   // false: nothing is new
	listed   bool   // it holds a list
	lastPoll string // the platform's clock, for the next delta; "" when it cannot be used
	total    int64  // elements on all pages; -1 when it is missing
	rows     int    // elements on this page
	next     string // address of the next page; "" when there is none
}

// decodeList reads one answer as a stream. Its elements stand under key; read is called at the beginning of each.
func decodeList(r rest.Response, key string, read func(*rest.Decoder) error, found *anomalies) (h listHead, err error) {
	var total, lastPoll scalar
	var links struct {
		Next scalar `json:"next"`
	}
	h.changed, err = answerFields{
		"totalrecords": total.into,
		"lastpolltime": lastPoll.into,
		"_links": func(dec *rest.Decoder) error {
			_, err := rest.Element(dec, &links)
			return err
		},
		key: func(dec *rest.Decoder) (err error) {
			h.listed, err = rest.List(dec, func(dec *rest.Decoder) error {
				h.rows++
				return read(dec)
			})
			return err
		},
	}.read(r)
	h.total = -1
	if n, ok := total.integer(); ok && n >= 0 {
		h.total = n
	} else if h.listed {
		found.Violate("totalRecords")
	}
	if at, ok := found.moment("lastPollTime", lastPoll); ok && at.Unix() > 0 {
		h.lastPoll, _ = lastPoll.text()
	} else if !ok && !lastPoll.missing() {
		found.Violate("lastPollTime")
	}
	h.next, _ = links.Next.text()
	return h, err
}

// readList reads a list page by page: the API may send fewer elements than it says there are. Decode reads a page from
// scratch, and take adds the page decoded last. readList returns the head of the first page: later ones may miss what
// changed since. A list that breaks off is an error when it was to be complete: fewer agents than there are would look like
// people leaving.
func (c *client) readList(ctx context.Context, l request, decode func(rest.Response) (listHead, error), take func()) (first listHead, err error) {
	delta := l.query.Has("updatedSince") || l.query.Has("updateSince")
	rows, total := int64(0), int64(-1)
	for page := range maxPages {
		var h listHead
		err := c.get(ctx, l, func(r rest.Response) (err error) {
			h, err = decode(r)
			return err
		})
		if err != nil {
			return first, err
		}
		if page == 0 {
			first = h
		}
		if h.changed && !h.listed && !delta && h.total != 0 {
			return first, fmt.Errorf("%s holds no list", l.path)
		}
		take()
		rows += int64(h.rows)
		if h.total >= 0 {
			total = h.total
		}
		switch {
		case !first.changed, total >= 0 && rows >= total, total < 0 && h.next == "", h.rows == 0 && delta:
			return first, nil
		case h.rows == 0 && total >= 0:
			return first, fmt.Errorf("%s ends after %d of %d", l.path, rows, total)
		}
		if l.query, err = l.nextQuery(h, rows); err != nil {
			return first, err
		}
	}
	return first, fmt.Errorf("%s takes more than %d pages", l.path, maxPages)
}

// nextQuery returns the query of the page after the one with this head. Of the address that the API names only the query is
// taken: the token never goes to another host than the account's.
func (l request) nextQuery(h listHead, rows int64) (url.Values, error) {
	next := maps.Clone(l.query)
	if h.next == "" {
		if !next.Has("top") {
			next.Set("top", strconv.Itoa(h.rows))
		}
		next.Set("skip", strconv.FormatInt(rows, 10))
		return next, nil
	}
	address, err := url.Parse(h.next)
	if err != nil {
		return nil, fmt.Errorf("%s: the next page has no readable address", l.path)
	}
	for name, values := range address.Query() {
		maps.DeleteFunc(next, func(have string, _ []string) bool { return strings.EqualFold(have, name) })
		next[name] = values
	}
	if next.Encode() == l.query.Encode() {
		return nil, errors.New(l.path + ": the next page is the page itself")
	}
	return next, nil
}
