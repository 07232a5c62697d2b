// CXone's lists: selected fields of selected rows, in an envelope with paging and a poll time. Rows are appended as bytes,
// because one answer may hold ten thousand of them.

package simulator

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// field is one property of a row of kind T.
type field[T any] struct {
	name  string
	write func(b []byte, row *T) []byte
}

type fields[T any] []field[T]

func (f fields[T]) has(name string) bool {
	return slices.ContainsFunc(f, func(one field[T]) bool { return one.name == name })
}

// pick keeps the fields that the parameter names; all for none.
func (f fields[T]) pick(wanted string) fields[T] {
	if wanted == "" {
		return f
	}
	words := strings.Split(wanted, ",")
	var picked fields[T]
	for _, one := range f {
		if slices.Contains(words, one.name) {
			picked = append(picked, one)
		}
	}
	return picked
}

func (f fields[T]) write(b []byte, row *T) []byte {
	b = append(b, '{')
	for i := range f {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, f[i].name...)
		b = append(b, '"', ':')
		b = f[i].write(b, row)
	}
	return append(b, '}')
}

// appendTime writes a time as CXone does: UTC with seven fraction digits.
func appendTime(b []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(b, `"2006-01-02T15:04:05.0000000Z"`)
}

// integerField, textField, boolField and timeField write a property that is never null, nullable one that may be.
func integerField[T any](name string, of func(*T) int) field[T] {
	return field[T]{name, func(b []byte, row *T) []byte { return strconv.AppendInt(b, int64(of(row)), 10) }}
}

func textField[T any](name string, of func(*T) string) field[T] {
	return field[T]{name, func(b []byte, row *T) []byte { return strconv.AppendQuote(b, of(row)) }}
}

func boolField[T any](name string, of func(*T) bool) field[T] {
	return field[T]{name, func(b []byte, row *T) []byte { return strconv.AppendBool(b, of(row)) }}
}

func timeField[T any](name string, of func(*T) time.Time) field[T] {
	return field[T]{name, func(b []byte, row *T) []byte { return appendTime(b, of(row)) }}
}

func nullable[T any](f field[T], known func(*T) bool) field[T] {
	return field[T]{f.name, func(b []byte, row *T) []byte {
		if !known(row) {
			return append(b, "null"...)
		}
		return f.write(b, row)
	}}
}

// since is the moment after which a delta wants changes; delta is false for a full read.
func (c *call) since() (at time.Time, delta bool) {
	name := "updatedSince"
	if c.query.Has("updateSince") { // the list of agents spells it so
		name = "updateSince"
	}
	if !c.query.Has(name) {
		return time.Time{}, false
	}
	at, err := parseInstant(c.query.Get(name))
	return at, err == nil
}

// envelope answers with one page of rows, or with 304 when a delta has none. more is JSON that only this call's envelope
// has, with a comma at its end.
func envelope[T any](c *call, key, more string, all fields[T], rows []T) answer {
	if _, delta := c.since(); delta && len(rows) == 0 {
		return answer{status: http.StatusNotModified}
	}
	shape := c.world.tenant.shape.Load()
	if shape.Empty {
		rows = nil
	}
	skip, top := shape.cut(c, len(rows), len(rows))
	picked := all.pick(c.query.Get("fields"))

	b := make([]byte, 0, 256+top*len(picked)*32)
	b = append(b, '{')
	if !shape.NoTotal {
		b = append(strconv.AppendInt(append(b, `"totalRecords":`...), int64(len(rows)), 10), ',')
	}
	if !shape.NoLinks {
		b = append(append(append(b, `"_links":`...), reply(c.links(skip+top, len(rows))).body...), ',')
	}
	b = append(b, more...)
	b = append(b, `"lastPollTime":`...)
	b = appendTime(b, c.clock)
	if len(rows) == 0 && shape.Null {
		return answer{status: http.StatusOK, body: append(b, `,"`+key+`":null}`...)}
	}
	b = append(b, `,"`+key+`":[`...)
	for i := range rows[skip : skip+top] {
		if i > 0 {
			b = append(b, ',')
		}
		b = picked.write(b, &rows[skip+i])
	}
	return answer{status: http.StatusOK, body: append(b, ']', '}')}
}

// cut returns the page that a call asks for: usual is the number of rows when the call names none.
func (s *ListShape) cut(c *call, rows, usual int) (skip, top int) {
	skip = min(c.integer("skip", 0), rows)
	top = min(c.integer("top", usual), rows-skip)
	if s.PageLimit > 0 {
		top = min(top, s.PageLimit)
	}
	return skip, top
}

// links are the addresses of this page and of the one that begins with row next, if there is one.
func (c *call) links(next, rows int) obj {
	links := obj{"self": c.link(c.query)}
	if next < rows {
		query := c.request.URL.Query()
		query.Set("skip", strconv.Itoa(next))
		links["next"] = c.link(query)
	}
	return links
}

func (c *call) link(query url.Values) string {
	link := c.world.URL(c.site.name) + c.request.URL.Path
	if len(query) > 0 {
		link += "?" + query.Encode()
	}
	return link
}
