package rest

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// errorBodies are error answers of a platform, and of what stands before it.
var errorBodies = []struct {
	name    string
	answer  func() *http.Response
	about   func(*Request) // nil: changes nothing
	want    Error
	text    string
	reason  platform.Reason
	hasCode string
}{
	{
		name:   "code, text and correlation id",
		answer: replies(403, `{"error":"missing.permissions","text":"Missing:\n [all]"}`, "X-Correlation-Id", "id-1"),
		want:   Error{Operation: "things", Request: "GET /things", Status: 403, Code: "missing.permissions", Message: "Missing: [all]", CorrelationID: "id-1"},
		text:   "things: forbidden, status 403, missing.permissions: Missing: [all]",
		reason: platform.ReasonForbidden, hasCode: "missing.permissions",
	},
	{
		name:   "details and the second name of the correlation id",
		answer: replies(400, `{"error":"bad","details":["", "NO_KEY", "1","2","3","4","5","6","7","8","9","10"]}`, "X-Request-Id", "id-2"),
		want: Error{
			Operation: "things", Request: "GET /things", Status: 400, Code: "bad", CorrelationID: "id-2",
			Details: []string{"NO_KEY", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
		},
		text:   "things: bad_response, status 400, bad",
		reason: platform.ReasonBadResponse, hasCode: "NO_KEY",
	},
	{
		name:   "a rate limit of another status",
		answer: replies(400, "\xef\xbb\xbf"+`{"error":"bad","text":"too fast"}`),
		want:   Error{Operation: "things", Request: "GET /things", Status: 400, Code: "bad", Message: "too fast", RetryAfter: 15 * time.Second},
		text:   "things: rate_limited, status 400, bad: too fast",
		reason: platform.ReasonRateLimited,
	},
	{
		name:   "a person in the text",
		answer: replies(404, `{"error":"gone","text":"canary@example.com is gone","details":["NO_USER"]}`),
		about:  func(r *Request) { r.Personal = true },
		want:   Error{Operation: "things", Request: "GET /things", Status: 404, Code: "gone", Details: []string{"NO_USER"}},
		text:   "things: not_found, status 404, gone",
		reason: platform.ReasonNotFound, hasCode: "NO_USER",
	},
	{
		name:   "a proxy's page",
		answer: replies(500, "<html>secret", "Content-Type", "text/html"),
		want:   Error{Operation: "things", Request: "GET /things", Status: 500, Message: `answer of type "text/html"`},
		text:   `things: server_error, status 500: answer of type "text/html"`,
		reason: platform.ReasonServerError,
	},
	{
		name:   "too many requests",
		answer: replies(429, `{"text":"Rate limit exceeded","error":"too.many.requests.retry.after"}`, "Retry-After", "42"),
		want:   Error{Operation: "things", Request: "GET /things", Status: 429, Code: "too.many.requests.retry.after", Message: "Rate limit exceeded", RetryAfter: 42 * time.Second},
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
			request := Request{Operation: "things", URL: apiURL}
			if test.about != nil {
				test.about(&request)
			}
			err := p.client(t, Options{}).Do(t.Context(), request, nil)
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

func TestRequestName(t *testing.T) {
	for path, want := range map[string]string{
		"/api/v2/tokens/me":                                       "HEAD /api/v2/tokens/me",
		"/incontactapi/services/v33.0/skills/activity":            "HEAD /incontactapi/services/v33.0/skills/activity",
		"/api/v2/notifications/channels/streaming-5-t2i3m4n5o6/x": "HEAD /api/v2/notifications/channels/{id}/x",
		"/api/v2/edges/0f9d1c3e-0000-4000-8000-0123456789ab":      "HEAD /api/v2/edges/{id}",
		"/.well-known/an-authorization-server-of-some-kind":       "HEAD /.well-known/an-authorization-server-of-some-kind",
		"": "HEAD ",
	} {
		if got := requestName("HEAD", &url.URL{Path: path, RawQuery: "secret"}); got != clean(want) {
			t.Errorf("requestName(%s) = %q, want %q", path, got, want)
		}
	}
}

// TestZeroDialect reads no vendor's headers and bodies.
func TestZeroDialect(t *testing.T) {
	c, err := New(Options{Transport: &vendor{answer: func(int, *http.Request) (*http.Response, error) {
		return reply(429, `{"error":"e","message":"m"}`, "Retry-After", "7", "X-Correlation-Id", "id"), nil
	}}})
	if err != nil {
		t.Fatal(err)
	}
	got := asError(t, c.Do(t.Context(), Request{Operation: "things", URL: apiURL, Anonymous: true}, nil))
	want := Error{Operation: "things", Request: "GET /things", Status: 429, RetryAfter: 7 * time.Second}
	if diff := cmp.Diff(want, *got, cmpopts.IgnoreUnexported(Error{})); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func FuzzFault(f *testing.F) {
	for _, seed := range []string{"m", "a\nb", "", strings.Repeat("\u0007é", 300), "\xff"} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, text string, details int) {
		d := Dialect{Fault: func(http.Header, []byte) Fault {
			return Fault{Code: text, Message: text, Details: slices.Repeat([]string{text}, min(max(details, 0), 100))}
		}}
		got := d.fault(nil, nil)
		if len(got.Details) > maxDetails {
			t.Errorf("%d details", len(got.Details))
		}
		for _, text := range append(got.Details, got.Code, got.Message) {
			if utf8.RuneCountInString(text) > 200 || !utf8.ValidString(text) || text != clean(text) {
				t.Errorf("%q is not clean", text)
			}
		}
	})
}

func FuzzWindow(f *testing.F) {
	f.Add(300.0, 299.0, int64(61))
	f.Add(0.0, 5.0, int64(-1))
	f.Add(math.NaN(), math.Inf(1), int64(1<<40))
	f.Fuzz(func(t *testing.T, allowed, remaining float64, reset int64) {
		d := Dialect{Window: func(http.Header) (Window, bool) { return Window{allowed, remaining, time.Duration(reset)}, true }}
		w, known := d.window(nil)
		if !known {
			return
		}
		c := (&vendor{answer: ok}).client(t, Options{RateLimit: settings.RateLimit{RequestsPerMinute: 60, Burst: 2}})
		c.budget.adapt(w)
		if got := c.budget.limiter.Limit(); !(got > 0 && got <= 1) {
			t.Errorf("after %+v the limiter allows %v a second", w, got)
		}
	})
}

func FuzzCorrelationID(f *testing.F) {
	for _, seed := range []string{"", "b5a4f3c2-1111", "\xff", "a\nb", strings.Repeat("x", 101)} {
		f.Add(seed)
	}
	m := newMetrics(nil, &Client{})
	f.Fuzz(func(t *testing.T, id string) {
		got := dialect.correlationID(http.Header{"X-Request-Id": {id}})
		if got != "" && got != id || len(got) > maxCorrelationID || got != clean(got) {
			t.Errorf("correlationID(%q) = %q, want it as it is, or nothing", id, got)
		}
		m.observe("things", time.Second, got) // panics on an invalid exemplar
	})
}

// TestBriefHoldsNoWordOfThePlatform checks what may be shown to anybody.
func TestBriefHoldsNoWordOfThePlatform(t *testing.T) {
	for _, tc := range []struct {
		err  Error
		want string
	}{
		{Error{Operation: "edges", Status: 403, Code: "canary", Message: "canary", Details: []string{"canary"}, CorrelationID: "canary"}, "edges, status 403"},
		{Error{Operation: "edges", Login: true, Message: "canary"}, "edges, login"},
		{Error{Login: true, Status: 400}, "login, status 400"},
		{Error{Status: 502}, "status 502"},
		{Error{}, ""},
	} {
		if got := tc.err.Brief(); got != tc.want {
			t.Errorf("Brief of %+v = %q, want %q", tc.err, got, tc.want)
		}
	}
}
