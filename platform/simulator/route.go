// Routes as data: path, the query parameters that the vendor documents, and who serves it.

package simulator

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// route is one documented call.
type route struct {
	method string
	path   string // a segment {version} matches a documented API version of CXone, {id} anything
	open   bool   // needs no token
	needs  string // a permission that a client may lack
	params params
	serve  func(c *call) answer
}

// params are the documented query parameters; any other is a violation.
type params map[string]check

// check judges the values of one parameter, none when it is absent, and returns what is wrong.
type check func(values []string) string

// route returns the route of a call; known reports whether the path exists with another method.
func (s *site) route(c *call) (found *route, known bool) {
	for i := range s.routes {
		r := &s.routes[i]
		if !matchPath(r.path, c.path) {
			continue
		}
		if r.method == c.request.Method {
			return r, true
		}
		known = true
	}
	return nil, known
}

func matchPath(pattern, path string) bool {
	if before, after, wild := strings.Cut(pattern, "{id}"); wild {
		id, ok := strings.CutPrefix(path, before)
		id, matched := strings.CutSuffix(id, after)
		return ok && matched && id != "" && !strings.Contains(id, "/")
	}
	before, after, wild := strings.Cut(pattern, "{version}")
	if !wild {
		return pattern == path
	}
	if !strings.HasPrefix(path, before) || !strings.HasSuffix(path, after) || len(path) < len(before)+len(after) {
		return false
	}
	return documentedVersion(path[len(before) : len(path)-len(after)])
}

// documentedVersion reports whether a segment is an API version of CXone that public code of the last years uses.
func documentedVersion(segment string) bool {
	digits, ok := strings.CutPrefix(segment, "v")
	digits, zero := strings.CutSuffix(digits, ".0")
	n, err := strconv.Atoi(digits)
	return ok && zero && err == nil && n >= 20 && n <= 34
}

// complaint returns what is wrong with a query, or "".
func (r *route) complaint(query url.Values) string {
	for name := range query {
		if r.params[name] == nil {
			return fmt.Sprintf("unknown query parameter %q", name)
		}
	}
	for name, check := range r.params {
		if wrong := check(query[name]); wrong != "" {
			return fmt.Sprintf("query parameter %q: %s", name, wrong)
		}
	}
	return ""
}

// once accepts no value, or one that is good.
func once(want string, good func(string) bool) check {
	return func(values []string) string {
		switch {
		case len(values) > 1:
			return "given more than once"
		case len(values) == 1 && !good(values[0]):
			return fmt.Sprintf("%q is not %s", values[0], want)
		}
		return ""
	}
}

func anything() check {
	return once("a text", func(v string) bool { return v != "" })
}

func number(low, high int) check {
	return once(fmt.Sprintf("a number from %d to %d", low, high), func(v string) bool {
		n, err := strconv.Atoi(v)
		return err == nil && n >= low && n <= high
	})
}

func oneOf(words ...string) check {
	return once("one of "+strings.Join(words, ", "), func(v string) bool { return slices.Contains(words, v) })
}

func boolean() check { return oneOf("true", "false") }

// each accepts a parameter that may be repeated, every value one of words.
func each(words ...string) check {
	good := oneOf(words...)
	return func(values []string) string {
		for i := range values {
			if wrong := good(values[i : i+1]); wrong != "" {
				return wrong
			}
		}
		return ""
	}
}

// idList demands a comma list of 1 to limit ids.
func idList(limit int) check {
	return func(values []string) string {
		if len(values) != 1 {
			return "want it exactly once"
		}
		if n := strings.Count(values[0], ",") + 1; n > limit {
			return fmt.Sprintf("%d ids, at most %d allowed", n, limit)
		}
		return ""
	}
}

// subset accepts a comma list of known words.
func subset(known func(string) bool) check {
	return once("a comma list of known names", func(v string) bool {
		return !slices.ContainsFunc(strings.Split(v, ","), func(word string) bool { return !known(word) })
	})
}

// instant accepts the times that updatedSince takes: ISO 8601, or 0 for the epoch.
func instant() check {
	return once("an ISO 8601 time or 0", func(v string) bool {
		_, err := parseInstant(v)
		return err == nil
	})
}

func parseInstant(v string) (time.Time, error) {
	if v == "0" || v == "" {
		return time.Unix(0, 0), nil
	}
	return time.Parse(time.RFC3339Nano, v)
}

// integer reads a parameter that its check has found good.
func (c *call) integer(name string, fallback int) int {
	if n, err := strconv.Atoi(c.query.Get(name)); err == nil {
		return n
	}
	return fallback
}

// withoutIDs replaces the segments of a path that are numbers, UUIDs or channel ids by {id}.
func withoutIDs(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if s != "" && (strings.Trim(s, "0123456789") == "" || isUUID(s) || strings.HasPrefix(s, "streaming-")) {
			segments[i] = "{id}"
		}
	}
	return strings.Join(segments, "/")
}

func isUUID(s string) bool {
	return len(s) == 36 && strings.Count(s, "-") == 4 && strings.Trim(s, "0123456789abcdefABCDEF-") == ""
}

// segment returns the n-th segment of a path, counted from 1; "" past its end.
func segment(path string, n int) string {
	if segments := strings.Split(path, "/"); n < len(segments) {
		return segments[n]
	}
	return ""
}
