package simulator

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// voiceItems are the events of a body, however it is wrapped.
func voiceItems(t *testing.T, body []byte) (items []obj) {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	switch v := v.(type) {
	case string:
		return voiceItems(t, []byte(v))
	case []any:
		for _, one := range v {
			items = append(items, obj(one.(map[string]any)))
		}
	case map[string]any:
		items = append(items, v)
	}
	return items
}

// TestBadAudio compares the scores in calm and in the scenario, and finds every form that the documentation shows.
func TestBadAudio(t *testing.T) {
	for scenario, want := range map[string][2]float64{calm: {4, 4.5}, badAudio: {2.4, 3.3}} {
		w := made(t, Options{Scenario: scenario})
		chance := random(1)
		g := &gateway{world: w, random: &chance}
		forms := map[byte]int{}
		sum, n, unknown, asText, again := 0.0, 0.0, 0, 0, 0
		for range 1000 {
			before := string(g.body)
			g.next(VoiceQualityMetrics, time.Now())
			forms[g.body[0]]++
			if string(g.body) == before {
				again++
			}
			for _, v := range voiceItems(t, g.body) {
				switch mos := v["AvgMos"].(type) {
				case float64:
					sum, n = sum+mos, n+1
				case string:
					asText++
				case nil:
					unknown++
				}
			}
		}
		if mean := sum / n; mean < want[0] || mean > want[1] {
			t.Errorf("%s: mean score %v, want %v", scenario, mean, want)
		}
		if forms['{'] == 0 || forms['['] == 0 || forms['"'] == 0 || unknown == 0 || asText == 0 || again == 0 {
			t.Errorf("%s: forms %v, %d unknown, %d as text, %d again: want each", scenario, forms, unknown, asText, again)
		}
	}
}

func TestScriptMessages(t *testing.T) {
	chance := random(1)
	g := &gateway{world: made(t, Options{}), random: &chance}
	codes := map[string]int{}
	for range 300 {
		g.next(ScriptAPIMonitoring, time.Now())
		for _, message := range voiceItems(t, g.body) {
			if message["event"] != "SCRIPT_API_MONITORING " {
				t.Errorf("event = %q", message["event"])
			}
			for _, item := range voiceItems(t, []byte(message["metadata"].(string))) {
				if _, err := time.Parse(usTime, item["dateTime"].(string)); err != nil {
					t.Error(err)
				}
				codes[item["apiResponseCode"].(string)]++
			}
		}
	}
	if codes["200"] < 9*codes["503"] || codes["503"] == 0 {
		t.Errorf("codes = %v, want some failures", codes)
	}
}

// TestPush receives signed pushes and pushes with a certificate over TLS, and refuses the first ones for a while.
func TestPush(t *testing.T) {
	keys, err := NewWebhookKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var requests atomic.Int64
	answered := make(chan struct{}, 1000)
	receiver := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil { // a push that the end of the world has cut off
			return
		}
		switch r.URL.Path {
		case "/voice":
			checkSignature(t, keys, r.Header, body)
			if len(r.TLS.PeerCertificates) != 0 {
				t.Error("a signed push has a certificate, too")
			}
		case "/script":
			if len(r.TLS.VerifiedChains) == 0 || r.TLS.PeerCertificates[0].Subject.CommonName != GatewaySubject {
				t.Error("no verified certificate of the gateway")
			}
		}
		if requests.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		select {
		case answered <- struct{}{}:
		default:
		}
	}))
	receiver.TLS = serverTLS(t, keys)
	receiver.StartTLS()
	t.Cleanup(receiver.Close)
	w := started(t, Options{})
	pushes := w.PushWebhooks(t.Context(),
		Subscription{URL: receiver.URL + "/voice", DataType: VoiceQualityMetrics, Every: 5 * time.Millisecond, Client: keys.Client(false), Signature: &Signature{
			Key: keys.Signer, ConsumerID: "c", KeyVersion: "1", URL: "https://hooks.example.org/voice",
		}},
		Subscription{URL: receiver.URL + "/script", DataType: ScriptAPIMonitoring, Every: 5 * time.Millisecond, Client: keys.Client(true)},
		Subscription{URL: "http://127.0.0.1:1/nobody", DataType: "nobody", Every: time.Millisecond, Client: &http.Client{}},
	)
	for range 50 {
		<-answered
	}
	if err := w.Close(); err != nil { // waits for the pushes
		t.Error(err)
	}
	got := pushes.Answers()
	if got["voice_quality"]["200"] < 5 || got["script_api"]["200"] < 5 || got["nobody"]["error"] < 5 ||
		got["voice_quality"]["503"]+got["script_api"]["503"] != 1 {
		t.Errorf("answers = %v, want many of 200, one 503, and errors of nobody", got)
	}
}

func checkSignature(t *testing.T, keys *WebhookKeys, header http.Header, body []byte) {
	t.Helper()
	content, err := os.ReadFile(keys.PublicKeyFile)
	if err != nil {
		t.Error(err)
		return
	}
	block, _ := pem.Decode(content)
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Error(err)
		return
	}
	text := strings.Join([]string{"c", "https://hooks.example.org/voice", header.Get("WM_CONSUMER.INTIMESTAMP"), "1", string(body)}, "\n")
	digest := sha256.Sum256([]byte(text))
	signature, err := base64.StdEncoding.DecodeString(header.Get("WM_SEC.AUTH_SIGNATURE"))
	if err != nil {
		t.Error(err)
	}
	if err := rsa.VerifyPKCS1v15(public.(*rsa.PublicKey), crypto.SHA256, digest[:], signature); err != nil {
		t.Error(err)
	}
}

// serverTLS asks for a certificate and takes none, too.
func serverTLS(t *testing.T, keys *WebhookKeys) *tls.Config {
	t.Helper()
	certificate, err := tls.LoadX509KeyPair(keys.ServerFile, keys.ServerKey)
	if err != nil {
		t.Fatal(err)
	}
	authority, err := os.ReadFile(keys.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	return &tls.Config{Certificates: []tls.Certificate{certificate}, ClientCAs: pool, ClientAuth: tls.VerifyClientCertIfGiven}
}
