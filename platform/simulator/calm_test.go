package simulator

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// belowTarget counts the channels of all queues of an org, and those whose service level of the last half hour is below its
// target.
func belowTarget(t *testing.T, c caller) (all, below int) {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Minute)
	r := c.do("POST", aggregates, fmt.Sprintf(`{"interval":"%s/%s","groupBy":["queueId","mediaType"],"metrics":["oServiceLevel"]}`,
		now.Add(-30*time.Minute).Format(time.RFC3339), now.Format(time.RFC3339)))
	for _, result := range items(t, r.json(t), "results") {
		stats := items(t, items(t, result, "data")[0], "metrics")[0]["stats"].(map[string]any)
		all++
		if stats["ratio"].(float64) < stats["target"].(float64) {
			below++
		}
	}
	return all, below
}

// TestCalmQueues looks at the queues and skills of a calm day in the size of the demo: service levels reach their targets
// but for a few, and no contact waits for long.
func TestCalmQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, Options{Agents: 2000})
		for range 12 {
			for _, name := range []string{emea, americas} {
				c := loggedOn(t, w, name)
				if all, below := belowTarget(t, c); all < 100 || below > 3 {
					t.Errorf("%v: in %s %d of %d channels are below their target", time.Now(), name, below, all)
				}
				if n := total(observe(t, c, w.Queues(name)), "NOT_RESPONDING"); n > 2000/50 {
					t.Errorf("%v: in %s %d members do not respond", time.Now(), name, n)
				}
			}
			for _, s := range items(t, loggedOn(t, w, us).ok(services+"/skills/activity"), "skillActivity") {
				earliest, waits := s["earliestQueueTime"].(string)
				since, err := time.Parse(time.RFC3339Nano, earliest)
				if s["serviceLevel"].(float64) < s["serviceLevelGoal"].(float64) || waits && (err != nil || time.Since(since) > 3*time.Minute) {
					t.Errorf("%v: skill %v", time.Now(), s)
				}
			}
			<-time.After(103 * time.Minute)
		}
	})
}

// TestCalmCertificates reads the certificates of the carriers.
func TestCalmCertificates(t *testing.T) {
	w := started(t, Options{})
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM([]byte(w.CarrierCA()))
	for _, name := range []string{emea, americas} {
		for _, c := range w.Carriers(name) {
			if c.Transport != "tls" {
				continue
			}
			conn, err := (&tls.Dialer{Config: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}}).DialContext(t.Context(), "tcp", c.Address)
			if err != nil {
				t.Fatal(err)
			}
			for _, chain := range conn.(*tls.Conn).ConnectionState().VerifiedChains {
				for _, certificate := range chain {
					if left := time.Until(certificate.NotAfter); left < 90*24*time.Hour {
						t.Errorf("%s: the certificate of %s ends in %v", c.Trunk, certificate.Subject, left)
					}
				}
			}
			_ = conn.Close()
		}
	}
}

// TestNamesOfCredentials wants credentials that cannot be mistaken for real ones, and secrets that a search finds.
func TestNamesOfCredentials(t *testing.T) {
	w := made(t, Options{})
	if id, _ := w.Credentials(us); !strings.HasPrefix(id, "demo-") {
		t.Errorf("access key id %q, want demo-…", id)
	}
	_, application := w.Application()
	_, first := w.Credentials(emea)
	_, second := w.Credentials(americas)
	_, third := w.Credentials(us)
	for _, secret := range []string{application, first, second, third} {
		if !strings.HasPrefix(secret, "demo-secret") {
			t.Errorf("secret %q, want demo-secret…", secret)
		}
	}
}
