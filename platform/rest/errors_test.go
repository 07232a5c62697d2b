package rest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// errorBodies are answers of both platforms, and of what stands before them.
var errorBodies = []struct {
	name    string
	answer  func() *http.Response
	want    Error
	text    string
	reason  platform.Reason
	hasCode string
}{
	{
		name: "Genesys: missing permission",
		answer: replies(403, `{"message":"Missing permission(s):\n [telephony:plugin:all]","code":"missing.any.permissions","status":403,"contextId":"c"}`,
			"ININ-Correlation-Id", "id-1"),
		want:   Error{Operation: "things", Status: 403, Code: "missing.any.permissions", Message: "Missing permission(s): [telephony:plugin:all]", CorrelationID: "id-1"},
		text:   "things: forbidden, status 403, missing.any.permissions: Missing permission(s): [telephony:plugin:all]",
		reason: platform.ReasonForbidden, hasCode: "missing.any.permissions",
	},
	{
		name:   "Genesys: unknown reference",
		answer: replies(400, `{"code":"general.bad.request","message":"bad","details":[{"errorCode":"REFERENCED_KEY_DOES_NOT_EXIST","fieldName":"edgeId"}]}`),
		want:   Error{Operation: "things", Status: 400, Code: "general.bad.request", Message: "bad", Details: []string{"REFERENCED_KEY_DOES_NOT_EXIST"}},
		text:   "things: bad_response, status 400, general.bad.request: bad",
		reason: platform.ReasonBadResponse, hasCode: "REFERENCED_KEY_DOES_NOT_EXIST",
	},
	{
		name:   "CXone",
		answer: replies(404, `{"error":"not_found","errorDescription":"no such agent"}`, "CorrelationId", "id-2"),
		want:   Error{Operation: "things", Status: 404, Code: "not_found", Message: "no such agent", CorrelationID: "id-2"},
		text:   "things: not_found, status 404, not_found: no such agent",
		reason: platform.ReasonNotFound,
	},
	{
		name:   "CXone: header only",
		answer: replies(400, "", "icStatusDescription", "bad skill"),
		want:   Error{Operation: "things", Status: 400, Message: "bad skill"},
		text:   "things: bad_response, status 400: bad skill",
		reason: platform.ReasonBadResponse,
	},
	{
		name:   "a proxy's page",
		answer: replies(500, "<html>secret", "Content-Type", "text/html"),
		want:   Error{Operation: "things", Status: 500, Message: `answer of type "text/html"`},
		text:   `things: server_error, status 500: answer of type "text/html"`,
		reason: platform.ReasonServerError,
	},
	{
		name:   "fields of other types",
		answer: replies(400, `{"error":{"a":1},"message":"still read","details":"none"}`),
		want:   Error{Operation: "things", Status: 400, Message: "still read"},
		text:   "things: bad_response, status 400: still read",
		reason: platform.ReasonBadResponse,
	},
	{
		name:   "too many requests",
		answer: replies(429, `{"message":"Rate limit exceeded","code":"too.many.requests.retry.after"}`, "Retry-After", "42"),
		want:   Error{Operation: "things", Status: 429, Code: "too.many.requests.retry.after", Message: "Rate limit exceeded", RetryAfter: 42 * time.Second},
		text:   "things: rate_limited, status 429, too.many.requests.retry.after: Rate limit exceeded",
		reason: platform.ReasonRateLimited,
	},
}

// replies makes the same answer anew each time: it can be read once.
func replies(status int, body string, headers ...string) func() *http.Response {
	return func() *http.Response { return reply(status, body, headers...) }
}

func TestErrorBodies(t *testing.T) {
	for _, test := range errorBodies {
		t.Run(test.name, func(t *testing.T) {
			p := &vendor{answer: func(int, *http.Request) (*http.Response, error) { return test.answer(), nil }}
			err := get(t.Context(), p.client(t, Options{}))
			got := asError(t, err)
			if diff := cmp.Diff(test.want, *got, cmpopts.IgnoreUnexported(Error{})); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			wantReason(t, err, test.reason)
			if got.Error() != test.text {
				t.Errorf("text = %q, want %q", got, test.text)
			}
			if test.hasCode != "" && !got.HasCode(test.hasCode) || got.HasCode("other") {
				t.Errorf("HasCode(%q) is wrong for %+v", test.hasCode, *got)
			}
		})
	}
}

func TestRetryAfterDate(t *testing.T) {
	ours := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	date := func(d time.Duration) string { return ours.Add(d).Format(http.TimeFormat) }
	for _, test := range []struct {
		name, text, theirs string
		want               time.Duration
	}{
		{"by our clock", date(time.Minute), "", time.Minute},
		{"by theirs, an hour ahead", date(time.Hour + 20*time.Second), date(time.Hour), 20 * time.Second},
		{"past", date(-time.Minute), "", time.Second},
		{"far away", date(24 * time.Hour), "", 5 * time.Minute},
	} {
		h := http.Header{"Retry-After": {test.text}, "Date": {test.theirs}}
		if got, ok := retryAfter(h, ours); !ok || got != test.want {
			t.Errorf("%s: wait = %v, %v, want %v", test.name, got, ok, test.want)
		}
	}
}

func FuzzErrorBody(f *testing.F) {
	for _, seed := range []string{
		`{"message":"m","code":"c","details":[{"errorCode":"E"}]}`, `{"error":"e","error_description":"d"}`,
		`{"error":1,"details":[1]}`, `[]`, `<html>`, "", `{"message":"` + strings.Repeat("\u0007é", 300) + `"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		code, message, details := decodeErrorBody(body)
		if len(details) > 10 {
			t.Errorf("%d details", len(details))
		}
		for _, text := range append(details, code, message) {
			if utf8.RuneCountInString(text) > 200 || !utf8.ValidString(text) || text != clean(text) {
				t.Errorf("%q is not clean", text)
			}
		}
		var known struct{ Message string }
		if json.Unmarshal(body, &known) == nil && known.Message == "plain" && message != "plain" {
			t.Errorf("message = %q, want plain", message)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"42", "0", "-1", "9999999999999999999999", "Wed, 21 Oct 2015 07:28:00 GMT", "1.5", "", " 7 ", "soon"} {
		f.Add(seed, "Wed, 21 Oct 2015 07:27:00 GMT")
	}
	f.Fuzz(func(t *testing.T, text, date string) {
		h := http.Header{"Retry-After": {text}, "Date": {date}}
		wait, ok := retryAfter(h, time.Unix(0, 0))
		if ok && (wait < time.Second || wait > 5*time.Minute) || !ok && wait != 0 {
			t.Errorf("retryAfter(%q) = %v, %v, want 1s to 5m", text, wait, ok)
		}
	})
}

func FuzzRateLimitHeaders(f *testing.F) {
	for _, seed := range [][3]string{{"1", "180", "61"}, {"300", "300", "5"}, {"", "", ""}, {"-1", "1e9", "x"}, {"5", "0", "1"}, {"999", "1", "4294967296"}} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, count, allowed, reset string) {
		h := http.Header{}
		h.Set("inin-ratelimit-count", count)
		h.Set("ININ-RateLimit-Allowed", allowed)
		h.Set("inin-ratelimit-reset", reset)
		limit, known := parseRateLimit(h)
		if !known {
			if limit != (rateLimit{}) {
				t.Errorf("limit = %+v without being known", limit)
			}
			return
		}
		if limit.allowed <= 0 || limit.remaining < 0 || limit.remaining > limit.allowed || limit.reset < 0 || limit.reset > 5*time.Minute {
			t.Errorf("parseRateLimit(%q, %q, %q) = %+v", count, allowed, reset, limit)
		}
		c := (&vendor{answer: ok}).client(t, Options{RateLimit: RateLimit{RequestsPerMinute: 60, Burst: 2}})
		c.budget.adapt(limit)
		if got := c.budget.limiter.Limit(); !(got > 0 && got <= 1) {
			t.Errorf("after %+v the limiter allows %v a second", limit, got)
		}
	})
}

func FuzzCorrelationID(f *testing.F) {
	for _, seed := range []string{"", "b5a4f3c2-1111", "\xff", "a\nb", strings.Repeat("x", 101)} {
		f.Add(seed)
	}
	m := newMetrics(nil, &Client{})
	f.Fuzz(func(_ *testing.T, id string) {
		m.observe("things", time.Second, correlationID(http.Header{"Correlationid": {id}})) // panics on an invalid exemplar
	})
}
