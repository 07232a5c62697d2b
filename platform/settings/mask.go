package settings

import (
	"net/url"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

const masked = "<secret>"

// userinfo is in a URI that may hold a user and password: an @ after // or after a scheme and a second colon.
var userinfo = regexp.MustCompile(`(?is)^[^@\s]*//.*@|^\s*[a-z][a-z0-9+.-]*:[^@\s]*:.*@`)

// HoldsPassword reports whether a text is a URI, however badly spelt, that may hold a user and password.
func HoldsPassword(text string) bool {
	if !userinfo.MatchString(text) {
		return false
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.User != nil || u.Host == "" {
		return true
	}
	_, rest, _ := strings.Cut(text, "//") // an @ in the path is no user, unless what precedes it looks like a password
	before, _, _ := strings.Cut(rest, "@")
	return strings.Contains(before, ":")
}

// Masked returns a value for people to read: a URI without user, password and query.
func Masked(text string) string {
	if HoldsPassword(text) {
		return masked
	}
	if before, query, found := strings.Cut(text, "?"); found && query != "" && strings.Contains(before, "://") {
		return before + "?" + masked
	}
	return text
}

var (
	quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	bare   = regexp.MustCompile(`[^\s"]*(?://|:)[^\s"]*@[^\s"]*`)
)

// MaskText masks every value in a message that may hold a password.
func MaskText(text string) string {
	text = quoted.ReplaceAllStringFunc(text, func(value string) string {
		if HoldsPassword(strings.Trim(value, `"`)) {
			return `"` + masked + `"`
		}
		return value
	})
	return bare.ReplaceAllStringFunc(text, func(value string) string {
		if HoldsPassword(value) {
			return masked
		}
		return value
	})
}

// maskedError is an error whose text is masked.
type maskedError struct{ error }

func (e maskedError) Error() string { return MaskText(e.error.Error()) }
func (e maskedError) Unwrap() error { return e.error }

// MaskError returns an error whose text shows no password that stands in a URI; nil for none.
func MaskError(err error) error {
	if err == nil {
		return nil
	}
	return maskedError{err}
}

// MaskNode masks every value in a document.
func MaskNode(node *yaml.Node) {
	if node.Kind == yaml.ScalarNode {
		node.Value = Masked(node.Value)
	}
	for _, child := range node.Content {
		MaskNode(child)
	}
}
