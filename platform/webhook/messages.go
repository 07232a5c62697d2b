package webhook

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// message is what an API answered to a script: it may hold anything, names and secrets of callers included. Its class may
// be counted; its text may only be logged, redacted.
type message string

// maxMessage is the longest message kept, in bytes. What is behind it is not looked at.
const maxMessage = 512

// UnmarshalJSON never fails, as that of text. A longer message loses the word that the cut would end in: redaction might
// not know the rest of it.
func (m *message) UnmarshalJSON(raw []byte) error {
	*m = ""
	var whole string
	if json.Unmarshal(raw, &whole) != nil {
		return nil //nolint:nilerr // one bad field must not cost the others
	}
	whole = strings.ToValidUTF8(strings.TrimSpace(whole), "")
	if len(whole) > maxMessage {
		end := max(0, strings.LastIndexAny(whole[:maxMessage], " \t\r\n\"',;{}[]<>"))
		whole = whole[:end]
	}
	*m = message(strings.Clone(whole))
	return nil
}

// noMessage is the class of a call without a message.
const noMessage = "none"

// messageWords are the classes of messages, each with the words that show it. The first that fits is the class: the
// causes stand before what is said in general. The vendor spells success with one c.
var messageWords = []struct {
	class string
	words []string
}{
	{"timeout", []string{"timeout", "timed out", "time-out", "time out", "deadline"}},
	{"rate_limited", []string{"too many", "throttl", "rate limit", "quota"}},
	{"denied", []string{"unauthori", "forbidden", "denied", "authenticat", "credential", "expired token", "invalid token", "permission"}},
	{"not_found", []string{"not found", "no such", "does not exist", "unknown host"}},
	{"network", []string{"connection", "connect to", "refused", "reset by", "unreachable", "dns", "certificate", "ssl", "tls handshake", "socket"}},
	{"unavailable", []string{"unavailable", "bad gateway", "gateway error", "internal server", "maintenance", "overload"}},
	{"rejected", []string{"bad request", "invalid", "malformed", "missing", "required", "unprocessable", "conflict", "not allowed", "unsupported"}},
	{"failed", []string{"fail", "exception", "unsuccessful", "not successful"}},
	{"success", []string{"success", "sucess"}}, //nolint:misspell // as the vendor spells it
	{"failed", []string{"error"}}, // behind success: there may be 0 of them
}

// messageClasses are the values of label message_class.
func messageClasses() (classes []string) {
	for _, c := range messageWords {
		if !slices.Contains(classes, c.class) {
			classes = append(classes, c.class)
		}
	}
	return append(classes, noMessage, otherValue)
}

// class reads what a message says.
func (m message) class() string {
	if m == "" {
		return noMessage
	}
	lower := strings.ToLower(string(m))
	for _, c := range messageWords {
		for _, word := range c.words {
			if strings.Contains(lower, word) {
				return c.class
			}
		}
	}
	switch lower {
	case "ok", "200 ok", "created", "accepted", "no content", "done":
		return "success"
	}
	return otherValue
}

// logMessage logs what an API answered to a script, when the call failed and the configuration wants it: once for each
// class in a while, without secrets and personal data.
func (h *hook) logMessage(e *event) {
	failed := e.failed
	if failed.message == "" || !h.config.LogMessages {
		return
	}
	class := message(failed.message).class()
	h.messages[class].Do(func() {
		h.log.Warn("an API that a script calls has failed",
			"script", feed.Redact(failed.script), "host", failed.host, "message_class", class, "message", feed.Redact(failed.message))
	})
}
