package feed

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		`{"client_secret":"canary","a":1}`:       `{"client_secret":"<redacted>","a":1}`,
		`{"accessToken": "can\"ary"}`:            `{"accessToken":"<redacted>"}`,
		`{"Password":"cut of`:                    `{"Password":"<redacted>"`,
		`{"a":"x","token":["canary", {"b":1}]}`:  `{"a":"x","token":"<redacted>"}`,
		`{"secret":{"canary":["canary"]},"b":2}`: `{"secret":"<redacted>","b":2}`,
		`{"apiKey":123456,"pin_token":true}`:     `{"apiKey":"<redacted>","pin_token":"<redacted>"}`,
		`{"p\u0061ssword":"canary"}`:             `{"password":"<redacted>"}`,
		`{"p\u0061ssword":"canary`:               `{"password":"<redacted>"`,
		`{"a":"to \u002B18018675309"}`:           `{"a":"to <redacted>"}`,
		`{"a":"jane\u0040example.org"}`:          `{"a":"<redacted>"}`,
		`{"a":"jane\u0040example.org`:            `{"a":"<redacted>`,
		`{"a":"{\"password\":\"canary\"}"}`:      `{"a":"{\"password\":\"<redacted>\"}"}`,
		`{"name":"Authorization","value":"x"}`:   `{"name":"Authorization","value":"<redacted>"}`,
		`{"email":1,"phoneNumber":18018675309}`:  `{"email":"<redacted>","phoneNumber":"<redacted>"}`,
		"{\"token\":1}\n{\"secret\":2}\n":        "{\"token\":\"<redacted>\"}\n{\"secret\":\"<redacted>\"}",
		`{"a":1} password=canary`:                `{"a":1} password=<redacted>`,
		`{"a":[1,2,{"b":null,"c":1.50}],"d":{}}`: `{"a":[1,2,{"b":null,"c":1.50}],"d":{}}`,
		`{"url":"https://h/p?access=canary"}`:    `{"url":"https://h/p?<redacted>"}`,
		`502: {"token":"canary","n":1} then`:     `502: {"token":"<redacted>","n":1} then`,
		`password: {"canary":"canary"}`:          `password: <redacted>`,
		`{{"token":"canary"}`:                    `{{"token":"<redacted>"}`,
		`https://user:canary@h/p`:                `https://<redacted>@h/p`,
		`token=canary&page=2`:                    `token=<redacted>&page=2`,
		`password: "can ary" and more`:           `password: <redacted> and more`,
		`Authorization: Bearer canary.can-ary`:   `Authorization: <redacted>`,
		`from jane.doe@example.org on the line`:  `from <redacted> on the line`,
		`to +1 (801) 867-5309 now`:               `to <redacted> now`,
		`call tel:18018675309 now`:               `call <redacted>now`,
		`sip:jane@192.0.2.1;user=phone`:          `<redacted>;user=phone`,
		`{"proxyAddress":"192.0.2.10:5060"}`:     `{"proxyAddress":"192.0.2.10:5060"}`,
		`sip:192.0.2.10:5060 is down`:            `sip:192.0.2.10:5060 is down`,
		`eyJhbGciOiJSUzI1NiJ9.canary.canary`:     `<redacted>`,
		`<html>502 Bad Gateway</html>`:           `<html>502 Bad Gateway</html>`,
	} {
		if got := Redact(in); got != want {
			t.Errorf("Redact(%s) = %s, want %s", in, got, want)
		}
	}
}

// TestRedactCuts: what the limit cuts in two is redacted nonetheless, and the log line has its bound.
func TestRedactCuts(t *testing.T) {
	const mail = "jane.doe@example.org"
	for length := MaxPayload - 60; length < MaxPayload+20; length++ {
		for _, form := range []string{`{"a":"PAD MAIL"}`, `PAD MAIL`, `{"a":"PAD MAIL`} {
			got := Redact(strings.NewReplacer("PAD", strings.Repeat("é", length/2), "MAIL", mail).Replace(form))
			if strings.Contains(got, "jane") || len(got) > MaxPayload || !utf8.ValidString(got) {
				t.Fatalf("Redact of %s with %d bytes = …%s (%d bytes)", form, length, got[len(got)-60:], len(got))
			}
		}
	}
	many := strings.Repeat(`"token=canary",`, 2*maxRead/15)
	for n := range 40 { // redaction shortens little here, but the end of what is read must not show either
		if got := Redact("[" + strings.Repeat(" ", n) + many); strings.Contains(got, "canary") || len(got) > MaxPayload {
			t.Fatalf("Redact of a large list = %s", got)
		}
	}
}

func FuzzRedact(f *testing.F) {
	f.Add(`{"secret":"x","b":[1,2]}`, "token")
	f.Add("Bearer \xff\xfe é"+strings.Repeat("é", MaxPayload), "a secret")
	f.Add(`{"a":"\u00`, "Api-Key")
	f.Add("[[[{\"", "xtokeny")
	f.Fuzz(func(t *testing.T, text, key string) {
		const canary = "CaNaRy7f3a"
		if strings.Contains(text+key, "7f3a") {
			return // a canary of the input's own says nothing about redaction
		}
		value, err := json.Marshal(map[string]any{
			"before": text, "token" + key: canary, "x": map[string]any{key + "secret": []any{text, canary, map[string]any{canary: 1}}},
			"note": `{"password":"` + canary + `"}`, "zlast": text,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range []string{
			string(value), string(value[:len(value)/2]), string(value) + "\n" + string(value), text + "\n" + string(value),
			text + "\npassword=" + canary, text + "\n{\"token\":\"" + canary,
		} {
			got := Redact(in)
			if strings.Contains(got, canary) || len(got) > MaxPayload || !utf8.ValidString(got) {
				t.Errorf("Redact(%q) = %q (%d bytes)", in, got, len(got))
			}
		}
	})
}
