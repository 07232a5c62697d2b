package webhook

import (
	stdcmp "cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// refusal is a request that must not be counted, as it differs from a good one. Why is "" where there is no hook to
// count it for.
type refusal struct {
	path  string
	sign  func(*testing.T, *sender)
	spoil func(*http.Request)
	why   reason
}

func (x refusal) request(t *testing.T, s sender) *http.Request {
	if x.sign != nil {
		x.sign(t, &s)
	}
	r := s.request(t, stdcmp.Or(x.path, "/webhook/voice"), call(1))
	if x.spoil != nil {
		x.spoil(r)
	}
	return r
}

func refusals() map[string]refusal {
	signed := func(why reason, sign func(*testing.T, *sender)) refusal { return refusal{sign: sign, why: why} }
	spoilt := func(why reason, spoil func(*http.Request)) refusal { return refusal{spoil: spoil, why: why} }
	at := func(d time.Duration) refusal {
		return signed(expired, func(_ *testing.T, s *sender) { s.timestamp = time.Now().Add(d) })
	}
	body := func(text string) refusal {
		return spoilt(badSignature, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(text)) })
	}
	header := func(name, value string) refusal {
		return spoilt(badForm, func(r *http.Request) { r.Header.Set(name, value) })
	}
	return map[string]refusal{
		"unsigned":                  spoilt(noCredentials, func(r *http.Request) { r.Header = http.Header{} }),
		"no signature":              spoilt(noCredentials, func(r *http.Request) { r.Header.Del("WM_SEC.AUTH_SIGNATURE") }),
		"forged body":               body(call(2)),
		"truncated body":            body(call(1)[:20]),
		"no body":                   body(""),
		"another key":               signed(badSignature, func(t *testing.T, s *sender) { s.key = newKey(t) }),
		"another hook's URL":        signed(badSignature, func(_ *testing.T, s *sender) { s.url += "2" }),
		"unknown consumer":          signed(unknownKey, func(_ *testing.T, s *sender) { s.consumer = "d" }),
		"unknown version":           signed(unknownKey, func(_ *testing.T, s *sender) { s.version = "2" }),
		"another timestamp":         spoilt(badSignature, func(r *http.Request) { r.Header.Set("WM_CONSUMER.INTIMESTAMP", fmt.Sprint(time.Now().UnixMilli()+1)) }),
		"expired":                   at(-5*time.Minute - time.Millisecond),
		"from the future":           at(5*time.Minute + time.Millisecond),
		"two timestamps":            spoilt(badForm, func(r *http.Request) { r.Header.Add("WM_CONSUMER.INTIMESTAMP", "1") }),
		"no number for a timestamp": header("WM_CONSUMER.INTIMESTAMP", "now"),
		"no base64":                 header("WM_SEC.AUTH_SIGNATURE", "*"),
		"another method":            spoilt(notPost, func(r *http.Request) { r.Method = http.MethodPut }),
		"unknown hook":              {path: "/webhook/voices"},
		"no name":                   {path: "/webhook/"},
		"another path":              {path: "/metrics"},
		"traversal":                 {path: "/webhook/../webhook/voice"},
		"hidden traversal":          {path: "/webhook/%2e%2e%2fetc%2fpasswd"},
		"below a hook":              {path: "/webhook/voice/x"},
	}
}

// TestRefusals sends what must not be counted. All of it looks the same to the sender, and like a hook that does not exist.
func TestRefusals(t *testing.T) {
	for name, tc := range refusals() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := newUnder(t, "")
				start := time.Now()
				got := serve(u.Receiver, tc.request(t, u.sender))
				want := httptest.NewRecorder()
				want.Header().Set("Content-Type", "text/plain; charset=utf-8")
				want.Header().Set("X-Content-Type-Options", "nosniff")
				if diff := cmp.Diff(want.Header(), got.Header()); diff != "" || got.Code != 404 || got.Body.String() != "not found\n" {
					t.Errorf("answer = %d %q, want 404 not found; header (-want +got):\n%s", got.Code, got.Body, diff)
				}
				if took := time.Since(start); took != refusalTime {
					t.Errorf("the answer took %v, want %v as for any other", took, refusalTime)
				}
				refused := map[reason]float64{}
				if tc.why != "" {
					refused[tc.why] = 1
				}
				if diff := cmp.Diff(refused, u.refused(t)); diff != "" || u.events(t) != 0 {
					t.Errorf("%v events; refused (-want +got):\n%s", u.events(t), diff)
				}
			})
		})
	}
}

// TestReplay delivers a request again and again while its signature is good. It is accepted and not counted; the sender
// may have missed the first answer.
func TestReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnder(t, ", rate_limit: {requests_per_second: 0.001, burst: 2}")
		u.sender.timestamp = time.Now().Add(5 * time.Minute) // good for ten minutes
		two := "[" + call(1) + "," + call(2) + "]"
		replays := 0.0
		for first := true; time.Since(u.sender.timestamp) < 5*time.Minute; first = false {
			if got := u.post(t, two); got != 200 {
				t.Fatalf("%v before its end = %d, want 200", -time.Since(u.sender.timestamp), got)
			}
			if !first {
				replays++
			}
			time.Sleep(20 * time.Second)
		}
		if u.events(t) != 2 || u.duplicates(t) != 2*replays || replays < 25 {
			t.Errorf("%v events, %v duplicates of %v replays, want 2 events and two duplicates for each", u.events(t), u.duplicates(t), replays)
		}
		time.Sleep(time.Millisecond)
		if got := u.post(t, two); got != 404 || u.refused(t)[expired] != 1 {
			t.Errorf("after its end = %d, want 404", got)
		}
		// The replays have cost the rate limit nothing: one request is left of two.
		u.sender.timestamp = time.Time{}
		if first, second := u.post(t, call(3)), u.post(t, call(4)); first != 200 || second != 429 {
			t.Errorf("others = %d and %d, want 200 and 429", first, second)
		}
	})
}

// TestRefusedMayComeAgain sends a signed request again that was refused for what is not its signature's fault.
func TestRefusedMayComeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnder(t, ", rate_limit: {requests_per_second: 1, burst: 3}")
		post := func(r *http.Request, body string) int {
			again := r.Clone(t.Context())
			again.Body = io.NopCloser(strings.NewReader(body))
			return serve(u.Receiver, again).Code
		}
		broken, good := u.sender.request(t, "/webhook/voice", "["), u.sender.request(t, "/webhook/voice", call(1))
		for i, want := range []int{400, 400, 400, 429} {
			if got := post(broken, "["); got != want {
				t.Errorf("no JSON, %d = %d, want %d", i, got, want)
			}
		}
		if got := post(good, call(1)); got != 429 {
			t.Errorf("beyond the rate limit = %d, want 429", got)
		}
		time.Sleep(2 * time.Second)
		if got := post(good, call(1)); got != 200 || u.events(t) != 1 || u.duplicates(t) != 0 {
			t.Errorf("again = %d, %v events, %v duplicates, want 200 and one event", got, u.events(t), u.duplicates(t))
		}
	})
}

// TestAlgorithms signs with every algorithm, in another form than the default.
func TestAlgorithms(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	digest := func(text []byte) []byte { sum := sha256.Sum256(text); return sum[:] }
	signed := func(key crypto.Signer, digest func([]byte) []byte, o crypto.SignerOpts) func(*testing.T, []byte) []byte {
		return func(t *testing.T, text []byte) []byte {
			signature, err := key.Sign(rand.Reader, digest(text), o)
			if err != nil {
				t.Fatal(err)
			}
			return signature
		}
	}
	const secret = "a secret of some length"
	for algorithm, tc := range map[string]struct {
		file string
		sign func(*testing.T, []byte) []byte
	}{
		"rsa-sha256":   {publicKey(t, long.Public()), signed(long, digest, crypto.SHA256)},
		"ecdsa-sha256": {publicKey(t, curve.Public()), signed(curve, digest, crypto.SHA256)},
		"ed25519":      {publicKey(t, edwards.Public()), signed(edwards, func(text []byte) []byte { return text }, crypto.Hash(0))},
		"hmac-sha256": {file(t, secret+"\n"), func(_ *testing.T, text []byte) []byte {
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write(text)
			return mac.Sum(nil)
		}},
	} {
		t.Run(algorithm, func(t *testing.T) {
			r := newReceiver(t, t.Output(), fmt.Sprintf(`{name: voice, kind: voice_quality, account: us, signature: {
				algorithm: %s, keys: [{file: %q}], consumer_id_from: "", key_version_from: "", timestamp_from: "query:t", signature_from: "query:s",
				timestamp_format: unix, encoding: hex,
				template: "{method} {path} {header:X-Type} {timestamp} {body_sha256}"}}`, algorithm, tc.file))
			send := func(body string, spoil byte) int {
				now := fmt.Sprint(time.Now().Unix())
				signature := tc.sign(t, []byte("POST /webhook/voice quality "+now+" "+hex.EncodeToString(digest([]byte(body)))))
				signature[len(signature)/2] ^= spoil
				request := httptest.NewRequest(http.MethodPost, "/webhook/voice?t="+now+"&s="+hex.EncodeToString(signature), strings.NewReader(body))
				request.Header.Set("X-Type", "quality")
				return serve(r, request).Code
			}
			if got := send(call(1), 0); got != 200 {
				t.Errorf("signed = %d, want 200", got)
			}
			if got := send(call(2), 1); got != 404 {
				t.Errorf("spoilt = %d, want 404", got)
			}
		})
	}
}

// TestRefreshRate accepts signatures that are as old as the subscription uses them, and nothing that is older.
func TestRefreshRate(t *testing.T) {
	for more, oldest := range map[string]time.Duration{"": 5 * time.Minute, ", refresh_rate: 10m": 15 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			key := newKey(t)
			hook := strings.Replace(voiceHook, "signature: {", "signature: {"+strings.TrimPrefix(more+", ", ", "), 1)
			u := &under{sender: sender{key: key, consumer: "c", version: "1", url: "https://hooks.example.org/webhook/voice"}}
			u.Receiver = newReceiver(t, t.Output(), fmt.Sprintf(hook, publicKey(t, key.Public()), ""))
			time.Sleep(oldest)
			for i, tc := range []struct {
				from time.Duration
				want int
			}{{-oldest, 200}, {-oldest - time.Second, 404}, {5 * time.Minute, 200}, {5*time.Minute + time.Second, 404}} {
				u.sender.timestamp = time.Now().Add(tc.from)
				if got := u.post(t, call(i)); got != tc.want {
					t.Errorf("%q: signed %v from now = %d, want %d", more, tc.from, got, tc.want)
				}
			}
		})
	}
}
