package feed

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		`{"client_secret":"canary","a":1}`:      `{"client_secret":"<redacted>","a":1}`,
		`{"accessToken": "can\"ary"}`:           `{"accessToken": "<redacted>"}`,
		`{"Password":"cut of`:                   `{"Password":"<redacted>"`,
		`Authorization: Bearer canary.can-ary`:  `Authorization: Bearer <redacted>`,
		`from jane.doe@example.org on the line`: `from <redacted> on the line`,
		`to +1 (801) 867-5309 now`:              `to <redacted> now`,
		`{"proxyAddress":"192.0.2.10:5060"}`:    `{"proxyAddress":"192.0.2.10:5060"}`,
		`eyJhbGciOiJSUzI1NiJ9.canary.canary`:    `<redacted>`,
	} {
		if got := Redact(in); got != want {
			t.Errorf("Redact(%s) = %s, want %s", in, got, want)
		}
	}
}

func FuzzRedact(f *testing.F) {
	f.Add(`{"secret":"x","b":[1,2]}`)
	f.Add("Bearer \xff\xfe é" + strings.Repeat("é", MaxPayload))
	f.Fuzz(func(t *testing.T, text string) {
		got := Redact(text + `"token":"`)
		if !utf8.ValidString(got) {
			t.Errorf("Redact(%q) = %q, no valid UTF-8", text, got)
		}
		if got := Redact(`"token":"canary` + text); strings.Contains(got[:min(len(got), 14)], "canary") {
			t.Errorf("Redact shows the secret before %q: %q", text, got)
		}
	})
}
