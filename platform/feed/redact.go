package feed

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// MaxPayload is how many bytes of a payload are logged.
const MaxPayload = 2048

// maxRead is how much of a payload is looked at: more than is logged, because redaction may shorten.
const maxRead = 8 * MaxPayload

const (
	redacted = "<redacted>"
	ellipsis = "…"
)

const secretWords = `secret|token|passw|passphrase|pwd|authori[sz]|credential|api[_-]?key|access[_-]?key|private[_-]?key|connecturi|cookie|` +
	`session[_-]?id|signature|jwt|bearer`

// hiddenKey is a key whose value is never shown, whatever it is: a secret, or what names a person.
var hiddenKey = regexp.MustCompile(`(?i)` + secretWords + `|^sig$|^auth$|` +
	`phone|mobile|e-?mail|^tel$|^ani$|^dnis$|calle[rd]|calling|first_?name|last_?name|user_?name`)

// A key with a secret word, in quotes or not, and what divides it from its value.
const secretAssigned = `[\w.-]*(?:` + secretWords + `)[\w.-]*(?:[^"'\n]{0,40}\\?["'])?\s*(?:=>?|:)\s*`

// opensSecret is a text that ends where the value of a secret begins.
var opensSecret = regexp.MustCompile(`(?i)` + secretAssigned + `[\["]*$`)

// redactions match what a text must not carry: secrets, and what names a person.
var redactions = []struct {
	pattern     *regexp.Regexp
	replacement string
}{
	{regexp.MustCompile(`(?i)\b(?:bearer|basic|digest)\s+[^\s"',;]+`), redacted},
	// The value is a text in quotes, a list or object with all that follows, or a word.
	{
		regexp.MustCompile(`(?is)(` + secretAssigned + `)(?:\\?"(?:[^"\\]|\\.)*"?|'[^']*'?|[\[{].*|[^\s"',;&}\]]+)`),
		`${1}` + redacted,
	},
	{regexp.MustCompile(`\beyJ[\w-]+(?:\.[\w-]*){0,4}`), redacted},                                     // JSON web tokens
	{regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]*://)[^\s/"'@]*@`), `${1}` + redacted + `@`},           // user and password of a URL
	{regexp.MustCompile(`(?i)\b(https?|wss?)(://[^\s"'?<>]*)\?[^\s"'<>]*`), `${1}${2}?` + redacted},    // query of a URL
	{regexp.MustCompile(`(?i)\b(?:sips?|mailto):[^\s"'<>@;]*@[^\s"'<>;,]*`), redacted},                 // SIP and mail addresses
	{regexp.MustCompile(`[\p{L}\p{N}_.+%-]+(?:@|%40)[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*`), redacted}, // mail addresses
	{regexp.MustCompile(`(?i)\b(?:tel|callto):[+0-9*#().-][0-9 *#().-]*`), redacted},                   // phone numbers
	{regexp.MustCompile(`(?:\+|%2[Bb])[0-9][0-9 ().-]{5,18}[0-9]`), redacted},
}

// Redact takes secrets and personal data out of a text, and then cuts it to MaxPayload. JSON values, one or several, are
// decoded: what stands under the key of a secret goes, whatever it is, and escapes hide nothing.
func Redact(text string) string {
	if len(text) > maxRead {
		text = wholeWords(text[:maxRead])
		return shorten(redactJSON(strings.ToValidUTF8(text, "")) + ellipsis)
	}
	return shorten(redactJSON(strings.ToValidUTF8(text, "")))
}

// wholeWords leaves out the last word of a text that was cut: its rest may be what shows that it must not be seen.
func wholeWords(text string) string {
	if end := strings.LastIndexAny(text, " \t\r\n\"',;{}[]<>"); end >= 0 {
		return text[:end]
	}
	return ""
}

// shorten cuts a text to MaxPayload at a rune border.
func shorten(text string) string {
	if len(text) <= MaxPayload {
		return text
	}
	end := MaxPayload - len(ellipsis)
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + ellipsis
}

// redactText redacts a text that is no JSON.
func redactText(text string) string {
	for _, r := range redactions {
		text = r.pattern.ReplaceAllString(text, r.replacement)
	}
	return text
}
