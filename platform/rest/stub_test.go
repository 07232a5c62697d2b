package rest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/oauth2"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

const apiURL = "https://api.example.test/things"

// dialect is what the vendor of the tests speaks.
var dialect = Dialect{
	CorrelationHeaders: []string{"X-Correlation-Id", "X-Request-Id"},
	Window: func(h http.Header) (Window, bool) {
		allowed, err := strconv.ParseFloat(h.Get("X-Allowed"), 64)
		remaining, _ := strconv.ParseFloat(h.Get("X-Remaining"), 64)
		reset, _ := time.ParseDuration(h.Get("X-Reset"))
		return Window{allowed, remaining, reset}, err == nil
	},
	Fault: func(_ http.Header, body []byte) Fault {
		var f struct {
			Error, Text string
			Details     []string
		}
		_ = json.Unmarshal(body, &f)
		return Fault{f.Error, f.Text, f.Details, f.Text == "too fast"}
	},
}

// vendor is a platform without sockets, so that time can be simulated. It answers API requests with answer and logins
// with login.
type vendor struct {
	answer func(n int, r *http.Request) (*http.Response, error) // n counts from 1
	login  func(n int) (*oauth2.Token, error)                   // default: token-1, token-2 … for a day

	mu     sync.Mutex
	sent   []time.Time // when API requests came
	tokens []string    // what they were authorised with
	logins []time.Time
}

func (p *vendor) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	p.sent = append(p.sent, time.Now())
	p.tokens = append(p.tokens, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	n := len(p.sent)
	p.mu.Unlock()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return p.answer(n, r)
}

func (p *vendor) credentials(context.Context, *http.Client) (*oauth2.Token, error) {
	p.mu.Lock()
	p.logins = append(p.logins, time.Now())
	n := len(p.logins)
	p.mu.Unlock()
	if p.login != nil {
		return p.login(n)
	}
	return day(n)
}

// count returns the numbers of requests and logins so far.
func (p *vendor) count() (sent, logins int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.sent), len(p.logins)
}

func day(n int) (*oauth2.Token, error) {
	return &oauth2.Token{AccessToken: "token-" + strconv.Itoa(n), ExpiresIn: 86400}, nil
}

// client returns a client of this vendor.
func (p *vendor) client(t testing.TB, o Options) *Client {
	t.Helper()
	o.Transport, o.Authorizer, o.Dialect = p, Bearer(p.credentials), dialect
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// reply makes an answer; headers are given as name, value, name, value.
func reply(status int, body string, headers ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}
}

// statuses answers with one status after the other, the last one for ever; 0 is a host that cannot be reached, -1 a
// connection that is cut.
func statuses(list ...int) func(int, *http.Request) (*http.Response, error) {
	return func(n int, r *http.Request) (*http.Response, error) {
		switch status := list[min(n, len(list))-1]; status {
		case 0:
			return nil, errors.New("connection refused")
		case -1:
			httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{})
			return nil, errors.New("connection reset")
		default:
			return reply(status, "{}"), nil
		}
	}
}

// pass lets time pass.
func pass(t *testing.T, d time.Duration) {
	t.Helper()
	if err := sleep(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

func get(ctx context.Context, c *Client) error {
	return c.Do(ctx, Request{Operation: "things", URL: apiURL}, nil)
}

// asError returns the *Error that err has to be.
func asError(t *testing.T, err error) *Error {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("error = %v, want an *Error", err)
	}
	return e
}

// reasonOf is the reason of an error, "" for nil, and the error's text when it is no *Error.
func reasonOf(err error) platform.Reason {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.why()
	}
	return platform.Reason(err.Error())
}

func wantReason(t *testing.T, err error, want platform.Reason) {
	t.Helper()
	if got := reasonOf(err); got != want {
		t.Errorf("reason = %q (%v), want %q", got, err, want)
	}
}

func wantCount(t *testing.T, p *vendor, sent, logins int) {
	t.Helper()
	if s, l := p.count(); s != sent || l != logins {
		t.Errorf("%d requests and %d logins, want %d and %d", s, l, sent, logins)
	}
}

// value returns the value of a series, false when it is absent. Labels are given as name, value, name, value; of a
// histogram it is the count.
func value(t testing.TB, c *Client, name string, labels ...string) (float64, bool) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c.Metrics())
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			have := map[string]string{}
			for _, pair := range m.GetLabel() {
				have[pair.GetName()] = pair.GetValue()
			}
			if family.GetName() == name && subset(labels, have) {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount()), true
			}
		}
	}
	return 0, false
}

func subset(labels []string, have map[string]string) bool {
	for i := 0; i < len(labels); i += 2 {
		if have[labels[i]] != labels[i+1] {
			return false
		}
	}
	return true
}

func wantValue(t *testing.T, c *Client, want float64, name string, labels ...string) {
	t.Helper()
	got, ok := value(t, c, name, labels...)
	if !ok || got != want {
		t.Errorf("%s%v = %v (present: %v), want %v", name, labels, got, ok, want)
	}
}
