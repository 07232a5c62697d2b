// What a voice event costs. The bar: 5,000 signed events a second on one core at flat memory.

package webhook

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"
)

// discard is a client that does not look at its answer.
type discard struct{ status int }

func (*discard) Header() http.Header         { return http.Header{} }
func (*discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(status int)    { d.status = status }

// BenchmarkSignedVoiceEvents sends one event per request, each with its own RSA signature. Signatures are made
// beforehand, as the sender makes them, and are no part of the figure; the decoding of HTTP is the standard library's.
// Bar: events/s at least 5,000 with -cpu 1; heap_growth_bytes/event around 0, however many events.
func BenchmarkSignedVoiceEvents(b *testing.B) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	const url = "https://hooks.example.org/webhook/voice"
	r := newReceiver(b, io.Discard, fmt.Sprintf("{name: voice, kind: voice_quality, account: us, labels: [skill, location_country], "+
		"rate_limit: {requests_per_second: 1e9, burst: 1000000}, signature: {url: %q, window: 1s, keys: [{file: %q}], consumer_id_from: '', key_version_from: ''}}",
		url, publicKey(b, key.Public())))
	sample := string(sample(b, "voice.json"))
	request := func(i int) *http.Request {
		body := strings.Replace(sample, "8675309,", fmt.Sprintf("%d,", i), 1)
		body = strings.Replace(body, `"AvgMos": null`, fmt.Sprintf(`"AvgMos": %v`, 3+float64(i%20)/10), 1)
		ms := fmt.Sprint(time.Now().UnixMilli())
		digest := sha256.Sum256([]byte("\n" + url + "\n" + ms + "\n\n" + body))
		signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
		if err != nil {
			b.Fatal(err)
		}
		request := httptest.NewRequest(http.MethodPost, "/webhook/voice", strings.NewReader(body))
		request.Header.Set("WM_CONSUMER.INTIMESTAMP", ms)
		request.Header.Set("WM_SEC.AUTH_SIGNATURE", base64.StdEncoding.EncodeToString(signature))
		return request
	}
	h := r.hooks["voice"]
	for i := range 2 * maxRemembered { // as after hours: the memory of events is full
		h.memory.duplicates.add(sumOf([]byte(fmt.Sprint("filler", i))), time.Now())
	}
	var before, after runtime.MemStats
	const warm = 1000
	spent := time.Duration(0)
	for i := 0; b.Loop(); i++ {
		if i == warm {
			runtime.GC()
			runtime.ReadMemStats(&before)
		}
		b.StopTimer()
		signed, w := request(i), &discard{}
		b.StartTimer()
		start := time.Now()
		r.ServeHTTP(w, signed)
		if w.status != http.StatusOK {
			b.Fatalf("request %d = %d", i, w.status)
		}
		spent += time.Since(start)
	}
	for h.pending.Load() > 0 {
		runtime.Gosched()
	}
	b.ReportMetric(float64(b.N)/spent.Seconds(), "events/s")
	if b.N > 2*warm {
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/float64(b.N-warm), "heap_growth_bytes/event")
	}
}
