package webhook

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

const token = "a-token-of-some-length"

func TestBearer(t *testing.T) {
	r := newReceiver(t, t.Output(), fmt.Sprintf("{name: voice, kind: voice_quality, account: us, bearer: {file: %q}}", file(t, token+"\n")))
	for header, want := range map[string]reason{
		"Bearer " + token: "", "bearer  " + token: "", "": noCredentials, token: badForm, "Basic " + token: badForm,
		"Bearer " + token + "x": badToken, "Bearer " + token[1:]: badToken,
	} {
		request := unsigned(strings.NewReader(call(1)))
		if header != "" {
			request.Header.Set("Authorization", header)
		}
		failures := r.accounts["us"].failures
		before := total(t, failures, "voice", string(want))
		if got := serve(r, request).Code; got != want.status() {
			t.Errorf("with %q: %d, want %d", header, got, want.status())
		}
		if want != "" && total(t, failures, "voice", string(want)) != before+1 {
			t.Errorf("with %q: not counted as %s", header, want)
		}
	}
}

// TestApply replaces hooks while the receiver is in use.
func TestApply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnder(t, "")
		first, m := u.hooks["voice"], u.accounts["us"]
		u.sender.timestamp = time.Now()
		if got := u.post(t, call(1)); got != 200 {
			t.Fatalf("status = %d, want 200", got)
		}
		same := u.config
		if err := u.Apply(same); err != nil || u.hooks["voice"] != first {
			t.Errorf("the same configuration: %v, or another hook", err)
		}
		changed := u.config
		changed.Hooks = []HookConfig{u.config.Hooks[0]}
		changed.Hooks[0].QueueSize = 7
		if err := u.Apply(changed); err != nil || u.hooks["voice"] == first || u.accounts["us"] != m {
			t.Errorf("a changed hook: %v, or the same hook, or other metrics", err)
		}
		if got := u.post(t, call(1)); got != 200 || u.duplicates(t) != 1 {
			t.Errorf("replay over a reload = %d, %v duplicates, want 200 and 1", got, u.duplicates(t))
		}
		u.sender.timestamp = time.Time{}
		if got := u.post(t, call(1)); got != 200 || u.events(t) != 1 {
			t.Errorf("duplicate over a reload = %d, %v events, want 200 and 1", got, u.events(t))
		}
		bad := changed
		bad.Hooks = []HookConfig{{Name: "new", Kind: ScriptAPI, Account: "us", Bearer: BearerConfig{File: "/does/not/exist"}}}
		if err := u.Apply(bad); err == nil || u.hooks["voice"] == nil || !strings.HasPrefix(err.Error(), "webhook new: stat /does/not/exist") {
			t.Errorf("a file that is missing: %v, want its name and the hooks as before", err)
		}
		moved := changed
		moved.Hooks = []HookConfig{changed.Hooks[0]}
		moved.Hooks[0].Account = "eu"
		if err := u.Apply(moved); err != nil {
			t.Fatal(err)
		}
		if n := testutil.CollectAndCount(m.requests); n != 0 || u.accounts["us"] != nil {
			t.Errorf("%d series of a hook that has moved to another account are left", n)
		}
		u.Close()
		if got := u.post(t, call(3)); got != 404 {
			t.Errorf("after Close = %d, want 404", got)
		}
	})
}

// TestNothingIsLostOverReloads sends while hooks are replaced: what was acknowledged is counted.
func TestNothingIsLostOverReloads(t *testing.T) {
	r := newReceiver(t, t.Output(), fmt.Sprintf("{name: voice, kind: voice_quality, account: us, rate_limit: {requests_per_second: 1e9, burst: 1000000}, bearer: {file: %q}}", file(t, token)))
	m := r.accounts["us"]
	var sending sync.WaitGroup
	var acknowledged [4]int
	for s := range acknowledged {
		sending.Go(func() {
			for i := range 500 {
				request := unsigned(strings.NewReader(call(s*500 + i)))
				request.Header.Set("Authorization", "Bearer "+token)
				if serve(r, request).Code == 200 {
					acknowledged[s]++
				}
			}
		})
	}
	for i := range 50 {
		c := r.config
		c.Hooks = []HookConfig{r.config.Hooks[0]}
		c.Hooks[0].QueueSize = 1000 + i
		if err := r.Apply(c); err != nil {
			t.Error(err)
		}
	}
	sending.Wait()
	c := r.config
	c.Hooks = []HookConfig{r.config.Hooks[0]}
	c.Hooks[0].QueueSize = 5
	if err := r.Apply(c); err != nil { // waits for the hook before
		t.Error(err)
	}
	want := float64(acknowledged[0] + acknowledged[1] + acknowledged[2] + acknowledged[3])
	if got := total(t, m.events, "voice", "voice_quality"); got != want || want != 2000 {
		t.Errorf("%v events are counted, %v acknowledged, want 2000", got, want)
	}
}

// TestStray counts what has no hook, once there is one.
func TestStray(t *testing.T) {
	r := newReceiver(t, t.Output())
	if n := testutil.CollectAndCount(r.Global()); n != 0 {
		t.Errorf("without hooks %d series are exported, want none", n)
	}
	if err := r.Apply(parse(t, fmt.Sprintf("{name: voice, kind: voice_quality, account: us, bearer: {file: %q}}", file(t, token)))); err != nil {
		t.Fatal(err)
	}
	if got := serve(r, httptest.NewRequest(http.MethodGet, "/", nil)).Code; got != 404 {
		t.Errorf("GET / = %d, want 404", got)
	}
	if got := testutil.ToFloat64(r.stray); got != 1 {
		t.Errorf("stray requests = %v, want 1", got)
	}
}
