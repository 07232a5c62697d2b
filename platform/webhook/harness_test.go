package webhook

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.yaml.in/yaml/v3"
)

// sender signs as the default configuration expects it, but for the algorithm. It is a second reading of the default
// template.
type sender struct {
	key       crypto.Signer
	consumer  string
	version   string
	url       string
	timestamp time.Time
}

func newKey(tb testing.TB) crypto.Signer {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// publicKey writes a public key as PEM into a directory of the test's own.
func publicKey(tb testing.TB, key crypto.PublicKey) (path string) {
	tb.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return file(tb, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
}

func file(tb testing.TB, content string) (path string) {
	tb.Helper()
	path = filepath.Join(tb.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// request signs a body, now unless the sender has a timestamp.
func (s sender) request(tb testing.TB, path, body string) *http.Request {
	tb.Helper()
	at := s.timestamp
	if at.IsZero() {
		at = time.Now()
	}
	ms := fmt.Sprint(at.UnixMilli())
	digest := sha256.Sum256([]byte(s.consumer + "\n" + s.url + "\n" + ms + "\n" + s.version + "\n" + body))
	signature, err := s.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		tb.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("WM_CONSUMER.ID", s.consumer)
	r.Header.Set("WM_SEC.KEY_VERSION", s.version)
	r.Header.Set("WM_CONSUMER.INTIMESTAMP", ms)
	r.Header.Set("WM_SEC.AUTH_SIGNATURE", base64.StdEncoding.EncodeToString(signature))
	return r
}

// under is a receiver with what it logs and the sender whose key it knows.
type under struct {
	*Receiver
	sender sender
	log    *bytes.Buffer
}

const voiceHook = "{name: voice, kind: voice_quality, account: us, signature: {algorithm: ecdsa-sha256, url: 'https://hooks.example.org/webhook/voice', " +
	"keys: [{consumer_id: c, key_version: '1', file: %q}]}%s}"

// newUnder serves hook voice, with more of its settings such as ", queue_size: 1", until the test ends.
func newUnder(tb testing.TB, more string) *under {
	tb.Helper()
	key := newKey(tb)
	u := &under{log: &bytes.Buffer{}, sender: sender{key: key, consumer: "c", version: "1", url: "https://hooks.example.org/webhook/voice"}}
	u.Receiver = newReceiver(tb, u.log, fmt.Sprintf(voiceHook, publicKey(tb, key.Public()), more))
	return u
}

func newReceiver(tb testing.TB, log io.Writer, hooks ...string) *Receiver {
	tb.Helper()
	r := New(Options{Logger: slog.New(slog.NewTextHandler(log, nil))})
	if err := r.Apply(parse(tb, hooks...)); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(r.Close)
	return r
}

// parse makes a valid configuration of hooks in YAML.
func parse(tb testing.TB, hooks ...string) Config {
	tb.Helper()
	var c Config
	text := "listen_address: 127.0.0.1:0\nweb_config_file: web.yml\nmax_body_bytes: 65536\nhooks: [" + strings.Join(hooks, ",\n") + "]"
	if err := yaml.Unmarshal([]byte(text), &c); err != nil {
		tb.Fatal(err)
	}
	for _, err := range c.Validate([]string{"us", "eu", "new"}) {
		tb.Error(err)
	}
	return c
}

// post sends a signed body to hook voice and returns the status.
func (u *under) post(tb testing.TB, body string) int {
	tb.Helper()
	return serve(u.Receiver, u.sender.request(tb, "/webhook/voice", body)).Code
}

// unsigned is a request to hook voice without credentials.
func unsigned(body io.Reader) *http.Request {
	return httptest.NewRequest(http.MethodPost, "/webhook/voice", body)
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// total is the value of a counter, or 0.
func total(tb testing.TB, counters *prometheus.CounterVec, labels ...string) float64 {
	tb.Helper()
	return testutil.ToFloat64(counters.WithLabelValues(labels...))
}

// events is the number of events of hook voice that were counted so far.
func (u *under) events(tb testing.TB) float64 {
	tb.Helper()
	synctest.Wait()
	return total(tb, u.accounts["us"].events, "voice", "voice_quality")
}

// duplicates is the number of events of hook voice that were known already.
func (u *under) duplicates(tb testing.TB) float64 {
	tb.Helper()
	synctest.Wait()
	return total(tb, u.accounts["us"].duplicates, "voice", "voice_quality")
}

// refused are the requests to hook voice that were refused, by reason.
func (u *under) refused(tb testing.TB) map[reason]float64 {
	tb.Helper()
	counts := map[reason]float64{}
	for _, why := range reasons {
		if n := total(tb, u.accounts["us"].failures, "voice", string(why)); n > 0 {
			counts[why] = n
		}
	}
	return counts
}

// call is a voice event of its own.
func call(id int) string {
	return fmt.Sprintf(`{"ContactId":%d,"SkillName":"Billing","AvgMos":4.1,"StartDateTime":"2024-03-26T13:57:41.727Z","EndDateTime":"2024-03-26T13:57:47.009Z"}`, id)
}
