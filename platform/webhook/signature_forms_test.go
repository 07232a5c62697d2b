package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestUnrelatedQuery sends what signs its requests in the head, with queries that others have added.
func TestUnrelatedQuery(t *testing.T) {
	u := newUnder(t, "")
	for i, query := range []string{"a;b", "a=1;b=2", "%zz", "a=%zz&%", "&&=&", "WM_SEC.AUTH_SIGNATURE=x", strings.Repeat("a&", 5000)} {
		r := u.sender.request(t, "/webhook/voice", call(i))
		r.URL.RawQuery = query
		if got := serve(u.Receiver, r).Code; got != 200 {
			t.Errorf("with query %.40q = %d, want 200", query, got)
		}
	}
}

// TestSignatureForms sends signatures in the query and the head as senders write them.
func TestSignatureForms(t *testing.T) {
	const secret = "a secret of some length"
	start := func(from, encoding string) *Receiver {
		return newReceiver(t, t.Output(), fmt.Sprintf(`{name: voice, kind: voice_quality, account: us, signature: {
			algorithm: hmac-sha256, keys: [{file: %q}], consumer_id_from: "", key_version_from: "", timestamp_from: "%[2]s:t", signature_from: "%[2]s:s",
			timestamp_format: rfc3339, encoding: %s, template: "{timestamp} {body}"}}`, file(t, secret), from, encoding))
	}
	zone := time.FixedZone("", 2*60*60) // its times hold a +
	// A body whose signature holds both odd characters of base64.
	var body, at string
	var signature []byte
	for i := 0; body == ""; i++ {
		mac := hmac.New(sha256.New, []byte(secret))
		at = time.Now().In(zone).Format(time.RFC3339)
		mac.Write([]byte(at + " " + call(i)))
		signature = mac.Sum(nil)
		if s := base64.StdEncoding.EncodeToString(signature); strings.Contains(s, "+") && strings.Contains(s, "/") {
			body = call(i)
		}
	}
	standard, inHex := base64.StdEncoding.EncodeToString(signature), hex.EncodeToString(signature)
	for name, tc := range map[string]struct {
		encoding, t, s string // as they stand in the query
		status         int
	}{
		"as it is":          {"base64", at, standard, 200},
		"escaped":           {"base64", url.QueryEscape(at), url.QueryEscape(standard), 200},
		"a + turned blank":  {"base64", at, strings.ReplaceAll(standard, "+", "%20"), 200},
		"prefix":            {"base64", at, "sha256=" + standard, 200},
		"prefix, escaped":   {"base64", at, url.QueryEscape("SHA256=" + standard), 200},
		"hex":               {"hex", at, inHex, 200},
		"hex with prefix":   {"hex", at, "sha256=" + strings.ToUpper(inHex), 200},
		"another prefix":    {"hex", at, "sha1=" + inHex, 404},
		"prefix only":       {"hex", at, "sha256=", 404},
		"prefix twice":      {"hex", at, "sha256=sha256=" + inHex, 404},
		"cannot be read":    {"hex", at, inHex + "%zz", 404},
		"twice":             {"hex", at, inHex + "&s=" + inHex, 404},
		"twice, one broken": {"hex", at, inHex + "&s=%zz", 404},
		"with another":      {"hex", at, inHex + "&x;s=1&%zz", 200},
	} {
		r := start("query", tc.encoding)
		request := unsigned(strings.NewReader(body))
		request.URL.RawQuery = "t=" + tc.t + "&s=" + tc.s
		if got := serve(r, request).Code; got != tc.status {
			t.Errorf("%s in the query = %d, want %d", name, got, tc.status)
		}
	}
	for _, s := range []string{standard, "sha256=" + standard} {
		request := unsigned(strings.NewReader(body))
		request.Header.Set("t", at)
		request.Header.Set("s", s)
		if got := serve(start("header", "base64"), request).Code; got != 200 {
			t.Errorf("%s in a header = %d, want 200", s, got)
		}
	}
}
