package health

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

const (
	operation = "server_time"
	slow      = 800 * time.Millisecond
)

// failed is the probe's own request, answered with a status.
func failed(status int) error {
	return &rest.Error{Operation: operation, Status: status, CorrelationID: "id-2"}
}

// unanswered are failures of the probe's own request that have no status, by reason.
func unanswered(t *testing.T) map[platform.Reason]error {
	t.Helper()
	client, err := rest.New(rest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	failures := map[platform.Reason]error{}
	ask := func(ctx context.Context, anonymous bool) {
		err := client.Do(ctx, rest.Request{
			Operation: operation, Method: http.MethodPost, URL: "http://127.0.0.1:0", Anonymous: anonymous,
		}, nil)
		failures[platform.ReasonOf(err)] = err
	}
	ask(late, true)
	ask(t.Context(), false) // no login is configured
	for range 6 {           // the breaker opens after 5
		ask(t.Context(), true)
	}
	return failures
}

func TestAPIStatus(t *testing.T) {
	failures := unanswered(t)
	for _, test := range []struct {
		name    string
		latency time.Duration
		err     error
		want    platform.Status
		known   bool
	}{
		{"fast", slow, nil, platform.Operational, true},
		{"slow", slow + 1, nil, platform.Degraded, true},
		{"500", 0, failed(500), platform.Critical, true},
		{"503", 0, failed(503), platform.Critical, true},
		{"no connection", 0, failures[platform.ReasonNetwork], platform.Critical, true},
		{"time-out", 0, failures[platform.ReasonTimeout], platform.Critical, true},
		{"breaker open", 0, failures[platform.ReasonBreakerOpen], platform.Critical, true},
		{"400", 0, failed(400), platform.Unknown, true},
		{"401", 0, failed(401), platform.Unknown, true},
		{"403", 0, failed(403), platform.Unknown, true},
		{"404", 0, failed(404), platform.Unknown, true},
		{"429", 0, failed(429), platform.Unknown, false},
		{"no login", 0, failures[platform.ReasonAuth], platform.Unknown, true},
		{"login failed", 0, &rest.Error{Operation: operation, Status: 503, Login: true}, platform.Unknown, true},
		{"login failed before the request", 0, &rest.Error{Status: 503, Login: true}, platform.Unknown, true},
		{"login limited", 0, &rest.Error{Operation: operation, Status: 429, Login: true}, platform.Unknown, false},
		{"another request failed", 0, &rest.Error{Operation: "cxone_configuration", Status: 503}, platform.Unknown, true},
		{"waited for another request", 0, context.DeadlineExceeded, platform.Unknown, true},
		{"bad answer", 0, errors.New("answer begins with [, expected an object"), platform.Unknown, true},
	} {
		j := Judge{Operation: operation, Slow: slow}
		if got, known := j.apiStatus(test.latency, test.err); got != test.want || known != test.known {
			t.Errorf("%s: apiStatus = %v, %v, want %v, %v", test.name, got, known, test.want, test.known)
		}
	}
}

func TestAuthStatus(t *testing.T) {
	failed := func(status int) error { return &rest.Error{Status: status, Login: true} }
	// A secret file that cannot be read is our own fault: it does not show while the token in hand is good.
	_, unreadable := rest.Secret{File: t.TempDir() + "/none"}.Read()
	for _, test := range []struct {
		name  string
		login rest.AuthState
		want  platform.Status
	}{
		{"held", rest.AuthState{Held: true}, platform.Operational},
		{"never tried", rest.AuthState{}, platform.Unknown},
		{"refused", rest.AuthState{Err: failed(401)}, platform.Critical},
		{"renewal refused", rest.AuthState{Held: true, Err: failed(401)}, platform.Critical},
		{"limited, token good", rest.AuthState{Held: true, Err: failed(429)}, platform.Degraded},
		{"limited, no token", rest.AuthState{Err: failed(429)}, platform.Unknown},
		{"down, token good", rest.AuthState{Held: true, Err: failed(503)}, platform.Operational},
		{"down, no token", rest.AuthState{Err: failed(503)}, platform.Critical},
		{"unreachable, no token", rest.AuthState{Err: context.DeadlineExceeded}, platform.Critical},
		{"secret unreadable, token good", rest.AuthState{Held: true, Err: unreadable}, platform.Operational},
		{"secret unreadable, no token", rest.AuthState{Err: unreadable}, platform.Critical},
		{"nonsense, no token", rest.AuthState{Err: errors.New("login answer holds no access_token")}, platform.Unknown},
	} {
		if got := authStatus(test.login); got != test.want {
			t.Errorf("%s: authStatus = %v, want %v", test.name, got, test.want)
		}
	}
}

// TestAuthEvidence names the login, or the call that the API refused although the login had succeeded.
func TestAuthEvidence(t *testing.T) {
	j := Judge{Login: "POST /token"}
	for want, err := range map[string]error{
		"POST /token ok":  nil,
		"POST /token 401": &rest.Error{Status: 401, Login: true, Request: "GET /where-to-log-in"},
		"GET /things 401": &rest.Error{Status: 401, Request: "GET /things"},
	} {
		auth := j.Snapshot(rest.Response{}, nil, rest.AuthState{Held: true, Err: err}).Components[1]
		if got := string(auth.Evidence.Payload); got != want {
			t.Errorf("evidence of %v = %q, want %q", err, got, want)
		}
	}
}

func TestOutage(t *testing.T) {
	for _, test := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{&rest.Error{Status: 503}, true},
		{context.DeadlineExceeded, true},
		{&rest.Error{Status: 404}, false},
		{&rest.Error{Status: 429}, false},
		{&rest.Error{Status: 503, Login: true}, false},
		{errors.New("answer names no area"), false},
	} {
		if got := Outage(test.err); got != test.want {
			t.Errorf("Outage(%v) = %v, want %v", test.err, got, test.want)
		}
	}
}

// The API keeps its status, and what showed it, for as long as MaxAge while we are held back; the login shows at once.
func TestSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := Judge{Operation: operation, Request: "GET /time", Login: "POST /token", Slow: slow, MaxAge: 5 * time.Minute}
		good := rest.Response{Status: 200, Latency: 12*time.Millisecond + 1, CorrelationID: "id-1"}
		held := rest.AuthState{Held: true}
		limited := rest.AuthState{Held: true, Err: &rest.Error{Status: 429, Login: true, CorrelationID: "id-3"}}
		evidence := func(id, payload string) platform.Evidence {
			return platform.Evidence{CorrelationID: id, Payload: []byte(payload)}
		}
		ok, down := evidence("id-1", "GET /time 200 after 12ms"), evidence("id-2", "GET /time 503")
		paused, waited := evidence("id-2", "GET /time 429"), evidence("", "GET /time timeout")
		api := func(status platform.Status, e platform.Evidence) platform.Component {
			return Component("api", platform.SourceProbe, status, e)
		}
		auth := func(status platform.Status, e platform.Evidence) platform.Component {
			return Component("auth", platform.SourceToken, status, e)
		}
		untried := auth(platform.Unknown, platform.Evidence{})
		loggedIn := auth(platform.Operational, evidence("", "POST /token ok"))
		slowedDown := auth(platform.Degraded, evidence("id-3", "POST /token 429"))
		for i, step := range []struct {
			after     time.Duration
			answer    rest.Response
			err       error
			login     rest.AuthState
			api, auth platform.Component
		}{
			{0, rest.Response{}, failed(429), rest.AuthState{}, api(platform.Unknown, paused), untried},
			{time.Minute, good, nil, held, api(platform.Operational, ok), loggedIn},
			{time.Minute, rest.Response{}, failed(503), held, api(platform.Critical, down), loggedIn},
			{5 * time.Minute, rest.Response{}, failed(429), limited, api(platform.Critical, down), slowedDown},
			{time.Second, rest.Response{}, failed(429), held, api(platform.Unknown, paused), loggedIn},
			{time.Second, rest.Response{}, context.DeadlineExceeded, held, api(platform.Unknown, waited), loggedIn},
			{time.Second, good, nil, held, api(platform.Operational, ok), loggedIn},
		} {
			time.Sleep(step.after)
			want := platform.Snapshot{Components: []platform.Component{step.api, step.auth}}
			if step.err == nil {
				want.Latency = &step.answer.Latency
			}
			if diff := cmp.Diff(want, j.Snapshot(step.answer, step.err, step.login)); diff != "" {
				t.Errorf("step %d (-want +got):\n%s", i, diff)
			}
		}
	})
}
