package webhook

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func FuzzSignatureHeader(f *testing.F) {
	f.Add("AAECAw==", "base64")
	f.Add("-_8", "base64")
	f.Add("00ff", "hex")
	f.Add(strings.Repeat("A", 5000), "base64")
	f.Add(" \x00=", "hex")
	f.Add("sha256=AAECAw==", "base64")
	f.Add("SHA256=sha256=", "base64")
	f.Add("AA AA+", "base64")
	f.Fuzz(func(t *testing.T, text, encoding string) {
		signature, err := parseSignature(text, encoding)
		if err == nil && (len(signature) == 0 || len(signature) > maxSignature) {
			t.Errorf("parseSignature(%q) has %d bytes", text, len(signature))
		}
		again := base64.URLEncoding.EncodeToString(signature)
		if encoding == "hex" {
			again = hex.EncodeToString(signature)
		}
		if second, err2 := parseSignature(again, encoding); err == nil && (err2 != nil || !bytes.Equal(signature, second)) {
			t.Errorf("parseSignature(%q) = %x, written and read again %x (%v)", text, signature, second, err2)
		}
	})
}

// FuzzQuery holds valuesInQuery against the standard library, which accepts a query only as a whole.
func FuzzQuery(f *testing.F) {
	f.Add("t=1&s=a+b%2B", "s")
	f.Add("a;b&%zz=%zz&s=%zz&s", "s")
	f.Add("&&=&", "")
	f.Fuzz(func(t *testing.T, raw, name string) {
		got, readable := valuesInQuery(raw, name, url.QueryUnescape)
		if all, err := url.ParseQuery(raw); err == nil {
			// An empty pair has neither name nor value there.
			if want := all[name]; name != "" && (!readable || !slices.Equal(got, want)) {
				t.Errorf("valuesInQuery(%q, %q) = %q, %v, want %q", raw, name, got, readable, want)
			}
		}
		plain, readableToo := valuesInQuery(raw, name, url.PathUnescape)
		if readable != readableToo || len(got) != len(plain) {
			t.Errorf("valuesInQuery(%q, %q) = %q, %v; with + as it is %q, %v", raw, name, got, readable, plain, readableToo)
		}
	})
}

func FuzzTimestamp(f *testing.F) {
	f.Add("1700000000000")
	f.Add("-9223372036854775808")
	f.Add("2024-03-26T13:57:41.727Z")
	f.Fuzz(func(t *testing.T, text string) {
		for _, format := range timestampFormats {
			at, err := parseTimestamp(text, format)
			if n, err2 := strconv.ParseInt(text, 10, 64); format == "unix" && (err == nil) != (err2 == nil) || err == nil && format == "unix" && at.Unix() != n {
				t.Errorf("parseTimestamp(%q, %s) = %v, %v", text, format, at, err)
			}
		}
	})
}

func FuzzTemplate(f *testing.F) {
	f.Add(DefaultTemplate)
	f.Add("{header:X-A}.{body}")
	f.Add("{{}}{")
	f.Fuzz(func(t *testing.T, template string) {
		parts, err := parseTemplate(template)
		if err != nil {
			return
		}
		v := &verifier{config: &SignatureConfig{}, template: parts}
		r := httptest.NewRequest(http.MethodPost, "/webhook/voice?a=b", nil)
		text := string(v.text(r, []byte("body"), map[string]string{}))
		for _, p := range parts {
			if !strings.Contains(text, p.literal) {
				t.Errorf("text %q of template %q lacks %q", text, template, p.literal)
			}
		}
	})
}

func FuzzVoice(f *testing.F) {
	f.Add(sample(f, "voice.json"))
	f.Add([]byte(quoted(f, "["+call(1)+"]")))
	f.Add([]byte(`{"ContactId":1,"AvgRFactor":80,"CallScore":4,"AvgBitrate":"64","Ringtime":1e9,"SipResponseCode":200,"SipFailureCode":"SIP/2.0 486 Busy",` +
		`"SipIsDroppedCode":false,"SipAbandonedByOriginator":"maybe","DisconnectReason":"Far-end \u00a0hangup","Browser":"Firefox 124.0",` +
		`"OperatingSystem":"Mac OS X","SdkVersion":"v1.30.9","AgentConsoleType":"MAX 24.2","MediaTransport":"UDP"}`))
	fuzzDecoder(f, decodeVoice, settings(VoiceQuality, labelsOf[VoiceQuality]...))
}

func FuzzScript(f *testing.F) {
	f.Add(sample(f, "script.json"))
	f.Add([]byte(`[{"metadata":[{"messageId":1,"apiEndpoint":"http://[::1"}]}]`))
	f.Add([]byte(`{"metadata":[{"messageId":1,"apiResponseCode":"504","apiResponseMessage":"Gateway timeout for a@example.org"}]}`))
	fuzzDecoder(f, decodeScript, settings(ScriptAPI, labelsOf[ScriptAPI]...))
}

func fuzzDecoder(f *testing.F, decode decoder, h *HookConfig) {
	for _, seed := range []string{"", "null", "[[[[[[[[{}]]]]]]]]", `"\"\\\"{}\\\"\""`, "[1,null,{},\"\"]", "{\"ContactId\":1,\"AvgMos\":1e999}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		events, broken, err := decode(body, h, time.UTC)
		if err != nil && len(events) > 0 || broken < 0 {
			t.Errorf("%d events, %d broken and %v", len(events), broken, err)
		}
		for _, e := range events {
			for _, v := range e.values {
				if !(v.number >= v.family.least && v.number <= v.family.most) {
					t.Errorf("%s = %v, out of its range", v.family.Name, v.number)
				}
			}
			if len(e.failed.message) > maxMessage || !utf8.ValidString(e.failed.message) {
				t.Errorf("message %q", e.failed.message)
			}
			for _, w := range e.words {
				if w.tally == voiceDisconnects {
					if len(w.text) > maxWord || !utf8.ValidString(w.text) {
						t.Errorf("reason %q", w.text)
					}
				} else if !slices.Contains(w.tally.words, w.text) {
					t.Errorf("%s by %q, which it does not know", w.tally.Name, w.text)
				}
			}
			for i, l := range e.labels {
				if chosen := i < len(h.Labels); len(l) > maxText || !utf8.ValidString(l) || chosen != (l != "") || strings.TrimSpace(l) != l {
					t.Errorf("label %d = %q", i, l)
				}
			}
		}
	})
}
