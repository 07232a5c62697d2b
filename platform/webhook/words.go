// The readers of this file make free texts into words of short lists: what a sender spells as it likes must not become
// a series each.

package webhook

import (
	"slices"
	"strings"
	"unicode"
)

// names are families of products, each with what one of a text's words begins with. The first that fits is the name.
type names []struct {
	name   string
	starts []string
}

var (
	// A user agent names the browsers that it is compatible with, too: the rarer name is the true one.
	browsers = names{
		{"edge", []string{"edg"}},
		{"opera", []string{"opera", "opr"}},
		{"electron", []string{"electron"}},
		{"firefox", []string{"firefox", "fxios"}},
		{"chrome", []string{"chrom", "crios"}},
		{"safari", []string{"safari"}},
	}
	systems = names{
		{"ios", []string{"ios", "iphone", "ipad"}},
		{"macos", []string{"mac", "darwin", "osx"}},
		{"android", []string{"android"}},
		{"windows", []string{"win"}},
		{"chromeos", []string{"chrom", "cros"}},
		{"linux", []string{"linux", "ubuntu", "debian", "fedora"}},
	}
	transports = names{
		{"tls", []string{"tls", "wss"}},
		{"tcp", []string{"tcp"}},
		{"udp", []string{"udp"}},
	}
)

// name returns the family of a product, other for one that is in none, and "" where none was sent.
func (n names) name(t text) text {
	if t == "" {
		return ""
	}
	words := strings.FieldsFunc(strings.ToLower(string(t)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, family := range n {
		for _, start := range family.starts {
			for _, word := range words {
				if strings.HasPrefix(word, start) {
					return text(family.name)
				}
			}
		}
	}
	return otherValue
}

// release cuts a version to its first two numbers: 1.30.9 is 1.30. A text that begins with no number is other.
func release(t text) text {
	if t == "" {
		return ""
	}
	major, rest := digits(strings.TrimLeft(string(t), "vV"))
	if major == "" {
		return otherValue
	}
	if minor, _ := digits(strings.TrimPrefix(rest, ".")); minor != "" && rest[0] == '.' {
		return text(major + "." + minor)
	}
	return text(major)
}

// maxDigits is more than any version, or code, has.
const maxDigits = 5

// digits splits a text behind the digits that it begins with. More than maxDigits are none.
func digits(s string) (number, rest string) {
	rest = strings.TrimLeft(s, "0123456789")
	if number = s[:len(s)-len(rest)]; len(number) > maxDigits {
		return "", s
	}
	return number, rest
}

// product is the name of a product without its version: the words before the first that begins with a number.
func product(t text) text {
	var words []string
	for word := range strings.FieldsSeq(string(t)) {
		if number, _ := digits(strings.TrimLeft(word, "vV(")); number != "" {
			break
		}
		words = append(words, word)
	}
	if t != "" && len(words) == 0 {
		return otherValue
	}
	return text(strings.Join(words, " "))
}

// statusCode returns the SIP code that a text begins with, other for what is no known one, and "" where the field says that
// there is none: it is missing, 0 or false.
func statusCode(t text) string {
	number, rest := digits(strings.TrimSpace(strings.TrimPrefix(strings.ToUpper(string(t)), "SIP/2.0")))
	switch {
	case t == "", strings.EqualFold(string(t), "false"), number != "" && strings.Trim(number, "0") == "" && strings.Trim(rest, ".0") == "":
		return ""
	case slices.Contains(sipCodes, number):
		return number
	}
	return otherValue
}

// abandoned reads a field that is one of yes and no, in whichever spelling. A missing one is "".
func abandoned(t text) string {
	switch strings.ToLower(string(t)) {
	case "":
		return ""
	case "true", "1", "yes", "y":
		return "true"
	case "false", "0", "no", "n":
		return "false"
	}
	return otherValue
}

// maxWord is the longest word that becomes a label value, in bytes.
const maxWord = 40

// wordOf spells a text in lower snake case. A longer one than a word can be is other.
func wordOf(t text) string {
	words := strings.FieldsFunc(strings.ToLower(string(t)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	word := strings.Join(words, "_")
	if len(word) > maxWord || t != "" && word == "" {
		return otherValue
	}
	return word
}

// codeClass is the class of an HTTP status.
func codeClass(code text) string {
	if len(code) == 3 && code[0] >= '2' && code[0] <= '5' && strings.Trim(string(code[1:]), "0123456789") == "" {
		return string(code[0]) + "xx"
	}
	return otherValue
}
