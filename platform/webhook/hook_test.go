package webhook

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// labelsSeen returns the values of a label of all families of account us, but for those of the requests.
func labelsSeen(t *testing.T, r *Receiver, name string) []string {
	t.Helper()
	found := map[string]bool{}
	for _, f := range gather(t, page{r, "us"}) {
		for _, m := range f.GetMetric() {
			if v := label(m, name); !strings.HasPrefix(v, "no label ") {
				found[v] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// wantLabels compares the values of labels once the events in hand are counted.
func wantLabels(t *testing.T, r *Receiver, when string, want map[string][]string) {
	t.Helper()
	synctest.Wait()
	got := map[string][]string{}
	for name := range want {
		got[name] = labelsSeen(t, r, name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", when, diff)
	}
}

// TestHookChanges changes what a hook is for: the series of what it was are gone, and nothing else is.
func TestHookChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		secret := file(t, token)
		hook := func(more string) string {
			return fmt.Sprintf("{name: hook, account: us, %s, bearer: {file: %q}}", more, secret)
		}
		other := fmt.Sprintf("{name: other, account: us, kind: voice_quality, labels: [team], bearer: {file: %q}}", secret)
		r := newReceiver(t, t.Output())
		apply := func(hooks ...string) {
			t.Helper()
			if err := r.Apply(parse(t, hooks...)); err != nil {
				t.Fatal(err)
			}
		}
		check := func(when string, want map[string][]string) {
			t.Helper()
			wantLabels(t, r, when, want)
		}
		const voiceEvent = `{"ContactId":%d,"SkillName":"Billing","TeamName":"A","AvgMos":9,"CallSetupTime":1,"EndDateTime":"2024-03-26T13:57:47Z"}`

		apply(hook("kind: voice_quality"), other)
		send(t, r, "hook", fmt.Sprintf(voiceEvent, 1))
		send(t, r, "other", fmt.Sprintf(voiceEvent, 2))
		voiceFields := slices.Sorted(slices.Values(fields[VoiceQuality]))
		check("voice by skill, and by team", map[string][]string{
			"skill": {"", "Billing"}, "team": {"", "A"}, "kind": {"voice_quality"}, "field": voiceFields, "script": nil,
		})
		apply(hook("kind: voice_quality, labels: []"), other)
		check("voice without labels, and by team", map[string][]string{"skill": {""}, "team": {"", "A"}, "kind": {"voice_quality"}})
		if n := len(r.accounts["us"].caps[VoiceQuality].values[0]); n != 0 {
			t.Errorf("%d skills are remembered that no series has", n)
		}
		apply(hook("kind: voice_quality, label_sets: 1, label_values: 1"), other)
		send(t, r, "hook", fmt.Sprintf(voiceEvent, 3))
		check("voice by skill, with too many sets", map[string][]string{"skill": {"", "other"}, "team": {"", "A"}})
		apply(hook("kind: script_api"), other)
		check("script, and voice by team", map[string][]string{
			"skill": {""}, "team": {"A"}, "kind": {"script_api", "voice_quality"}, "hook": {"hook", "other"},
		})
		send(t, r, "hook", string(sample(t, "script.json")))
		apply(hook("kind: script_api"))
		check("script only", map[string][]string{
			"team": nil, "skill": nil, "kind": {"script_api"}, "field": fields[ScriptAPI], "script": {"sub_webservice"}, "hook": {"hook"},
		})
		send(t, r, "hook", `{"metadata":[{"messageId":"2","dateTime":"3/26/2024 1:57:47 PM"}]}`)
		synctest.Wait()
		apply(hook("kind: voice_quality"))
		check("voice again", map[string][]string{"script": nil, "kind": {"voice_quality"}, "field": voiceFields})

		// The last event of another kind was later: this one is the latest of its kind.
		send(t, r, "hook", `{"ContactId":4,"EndDateTime":"1999-03-26T13:57:47Z"}`)
		synctest.Wait()
		want := float64(time.Date(1999, 3, 26, 13, 57, 47, 0, time.UTC).Unix())
		if got := gather(t, page{r, "us"})[lastEvent.Name].GetMetric(); len(got) != 1 || got[0].GetGauge().GetValue() != want {
			t.Errorf("last event = %v, want %v", got, want)
		}
	})
}

// TestPanics makes each part panic that works on what was sent: the sender gets an answer, the next request is served,
// and the end of the hook does not wait for what was lost.
func TestPanics(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil  func(*hook)
		status int
		why    map[reason]float64
		broken float64
	}{
		"head":     {func(h *hook) { h.auth = panics{inHead: true} }, 404, map[reason]float64{badForm: 1}, 0},
		"request":  {func(h *hook) { h.auth = panics{} }, 404, map[reason]float64{badForm: 1}, 0},
		"decoding": {func(h *hook) { h.decode = nil }, 500, map[reason]float64{panicked: 1}, 0},
		"counting": {
			func(h *hook) {
				h.decode = func([]byte, *HookConfig, *time.Location) ([]event, int, error) {
					bad := event{values: []value{{family: &measurement{Family: voiceMOS.Family}}}}
					return []event{bad, {identity: sum{1}}}, 0, nil
				}
			},
			200,
			map[reason]float64{},
			1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := newUnder(t, "")
				h := u.hooks["voice"]
				auth, decode := h.auth, h.decode
				tc.spoil(h)
				if got := u.post(t, call(1)); got != tc.status {
					t.Errorf("status = %d, want %d", got, tc.status)
				}
				synctest.Wait()
				h.auth, h.decode = auth, decode
				if got := u.post(t, call(2)); got != 200 {
					t.Errorf("the next one = %d, want 200", got)
				}
				synctest.Wait()
				if diff := cmp.Diff(tc.why, u.refused(t)); diff != "" {
					t.Errorf("refused (-want +got):\n%s", diff)
				}
				if got := total(t, u.accounts["us"].broken, "voice", "voice_quality"); got != tc.broken {
					t.Errorf("%v events are broken, want %v", got, tc.broken)
				}
				if log := u.log.String(); strings.Count(log, "webhook panicked") != 1 || strings.Contains(log, "what was sent") {
					t.Errorf("log = %s, want one line on the panic, without its text", log)
				}
				if h.pending.Load() != 0 || u.buffers.all != 0 {
					t.Errorf("%d events are pending, %d bytes taken", h.pending.Load(), u.buffers.all)
				}
				u.Close()
			})
		})
	}
}

// panics is an authenticator that panics, in judgeHead or in check.
type panics struct{ inHead bool }

func (p panics) judgeHead(*http.Request, time.Time) reason {
	if p.inHead {
		panic("what was sent")
	}
	return ""
}

func (p panics) check(*http.Request, []byte, time.Time) ([]byte, reason) { panic("what was sent") }

// TestSlowBodyAndReload holds a body back while its hook is replaced: the reload does not wait for it, and the new hook
// judges it.
func TestSlowBodyAndReload(t *testing.T) {
	u := newUnder(t, "")
	r := u.sender.request(t, "/webhook/voice", call(1))
	body, send := io.Pipe()
	r.Body, r.ContentLength = body, -1
	answered := make(chan *httptest.ResponseRecorder)
	go func() { answered <- serve(u.Receiver, r) }()
	if _, err := io.WriteString(send, call(1)); err != nil {
		t.Fatal(err)
	}
	changed := u.config
	changed.Hooks = slices.Clone(u.config.Hooks)
	changed.Hooks[0].Signature.Window /= 2
	if err := u.Apply(changed); err != nil {
		t.Fatal(err)
	}
	if err := send.Close(); err != nil {
		t.Fatal(err)
	}
	if got := (<-answered).Code; got != 200 {
		t.Errorf("status = %d, want 200", got)
	}
}
