// Monitoring Gateway of the CXone tenant: its subscriptions push what happens in the contact centre to a URL each.

package simulator

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync"
	"time"
)

// Subscription is one data type, pushed to one URL.
type Subscription struct {
	URL       string
	DataType  string        // VoiceQualityMetrics or ScriptAPIMonitoring
	Every     time.Duration // mean time between two pushes; default 500 ms
	Client    *http.Client  // its certificate authenticates the tenant where there is no Signature
	Signature *Signature
}

// The data types of subscriptions.
const (
	VoiceQualityMetrics = "voice_quality"
	ScriptAPIMonitoring = "script_api"
)

// Signature is what a subscriber enters for signed requests. The vendor does not publish how it uses that: it is
// assumed that consumer id, URL, timestamp, key version and body, a line each, are signed by RSA with SHA-256.
type Signature struct {
	Key                         crypto.Signer
	ConsumerID, KeyVersion, URL string
}

// Pushes are the subscriptions at work.
type Pushes struct {
	mu      sync.Mutex
	answers map[string]map[string]int
}

// Answers counts what the receivers said, by data type and status, such as "200"; "error" when there was no answer.
func (p *Pushes) Answers() map[string]map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[string]map[string]int{}
	for kind, counts := range p.answers {
		all[kind] = maps.Clone(counts)
	}
	return all
}

func (p *Pushes) count(kind, answer string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answers[kind] == nil {
		p.answers[kind] = map[string]int{}
	}
	p.answers[kind][answer]++
}

// PushWebhooks lets subscriptions push until ctx ends or the world is closed. The world has to be started.
func (w *World) PushWebhooks(ctx context.Context, subscriptions ...Subscription) *Pushes {
	w.mu.Lock()
	defer w.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	before := w.cancel
	w.cancel = func() { cancel(); before() }
	p := &Pushes{answers: map[string]map[string]int{}}
	for i, s := range subscriptions {
		setDefault(&s.Every, 500*time.Millisecond)
		chance := random(w.hash("subscription", i))
		w.serving.Go(func() {
			w.push(ctx, s, &gateway{world: w, random: &chance}, p)
		})
	}
	return p
}

// attempts are how often a body is sent when the receiver cannot take it: whether the vendor repeats is not documented.
const attempts = 3

func (w *World) push(ctx context.Context, s Subscription, g *gateway, p *Pushes) {
	defer s.Client.CloseIdleConnections()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for left := 0; ; {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		if scenario, _ := w.Scenario(); scenario == webhooksSilent {
			timer.Reset(s.Every)
			continue
		}
		if left == 0 {
			g.next(s.DataType, time.Now())
			left = attempts
		}
		status, err := s.send(ctx, g.body)
		answer := fmt.Sprint(status)
		if err != nil {
			answer = "error"
		}
		if ctx.Err() != nil {
			return
		}
		p.count(s.DataType, answer)
		left--
		if err == nil && status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests {
			left = 0
		}
		timer.Reset(time.Duration((.5 + g.random.fraction()) * float64(s.Every)))
	}
}

// send posts a body and returns the status.
func (s *Subscription) send(ctx context.Context, body []byte) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	if s.Signature != nil {
		if err := s.Signature.sign(request.Header, body, time.Now()); err != nil {
			return 0, err
		}
	}
	response, err := s.Client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, maxBody))
	return response.StatusCode, err
}

func (s *Signature) sign(header http.Header, body []byte, now time.Time) error {
	timestamp := fmt.Sprint(now.UnixMilli())
	digest := sha256.Sum256([]byte(s.ConsumerID + "\n" + s.URL + "\n" + timestamp + "\n" + s.KeyVersion + "\n" + string(body)))
	signature, err := s.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return err
	}
	header.Set("WM_CONSUMER.ID", s.ConsumerID)
	header.Set("WM_CONSUMER.INTIMESTAMP", timestamp)
	header.Set("WM_SEC.KEY_VERSION", s.KeyVersion)
	header.Set("WM_SEC.AUTH_SIGNATURE", base64.StdEncoding.EncodeToString(signature))
	return nil
}
