package feed

import (
	"regexp"
	"strings"
)

// MaxPayload is the number of bytes of a payload that are logged.
const MaxPayload = 2048

// redactions match what a log line must not carry: secrets, and what names a person.
var redactions = []struct {
	pattern     *regexp.Regexp
	replacement string
}{
	{
		regexp.MustCompile(`(?i)("[^"]*(?:secret|token|passw|authori|credential|api_?key|access_?key|connecturi)[^"]*"\s*:\s*)"(?:[^"\\]|\\.)*"?`),
		`$1"<redacted>"`,
	},
	{regexp.MustCompile(`(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]+`), `$1 <redacted>`},
	{regexp.MustCompile(`\beyJ[\w-]+(?:\.[\w-]*){0,2}`), `<redacted>`},                         // JSON web tokens
	{regexp.MustCompile(`[\w.+%-]+@[\w-]+(?:\.[\w-]+)+`), `<redacted>`},                        // mail and SIP addresses
	{regexp.MustCompile(`(?i)((?:tel|sip|sips):)?\+[0-9][0-9 ().-]{5,18}[0-9]`), `<redacted>`}, // phone numbers
}

// Redact takes secrets and personal data out of a text and cuts it to MaxPayload.
func Redact(text string) string {
	cut := len(text) > MaxPayload
	text = text[:min(len(text), MaxPayload)]
	for _, r := range redactions {
		text = r.pattern.ReplaceAllString(text, r.replacement)
	}
	text = strings.ToValidUTF8(text, "")
	if cut {
		text += "…"
	}
	return text
}
