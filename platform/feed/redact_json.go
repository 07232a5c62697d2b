package feed

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// redaction copies JSON values, token by token, without what must not be seen. It goes as far as a text is JSON.
type redaction struct {
	decoder *json.Decoder
	end     int64 // of the tokens that were read
	out     bytes.Buffer
}

// errHidden ends a copy within a value that is not shown.
var errHidden = errors.New("hidden")

// redactJSON redacts a text that may be JSON values, or hold some: what is no JSON is redacted as a text.
func redactJSON(text string) string {
	var out strings.Builder
	const most = 32 // new beginnings, each of which may read all of the text
	for began := 0; strings.TrimSpace(text) != ""; began++ {
		if began == most {
			out.WriteString(ellipsis)
			break
		}
		values, end, err := redactValues(text)
		out.WriteString(values)
		if text = text[end:]; errors.Is(err, errHidden) || text == "" {
			break
		}
		next := strings.IndexByte(text, '{')
		if next < 0 || next == 0 && end == 0 {
			next = len(text)
		}
		before := unescaped(text[:next])
		out.WriteString(redactText(before))
		if opensSecret.MatchString(before) {
			out.WriteString(redacted)
			break
		}
		text = text[next:]
	}
	return out.String()
}

// redactValues redacts the JSON values that a text begins with, and returns where they end.
func redactValues(text string) (values string, end int64, err error) {
	r := redaction{decoder: json.NewDecoder(strings.NewReader(text))}
	r.decoder.UseNumber()
	for err == nil && strings.TrimSpace(text[r.end:]) != "" {
		if r.end > 0 && text[r.end] == '\n' {
			r.out.WriteByte('\n')
		}
		err = r.value("")
	}
	if err == nil {
		r.end = int64(len(text))
	}
	return r.out.String(), r.end, err
}

func (r *redaction) next() (json.Token, error) {
	token, err := r.decoder.Token()
	if err == nil {
		r.end = r.decoder.InputOffset()
	}
	return token, err
}

// value copies a value after the text that stands before it.
func (r *redaction) value(before string) error {
	token, err := r.next()
	if err != nil {
		return err
	}
	r.out.WriteString(before)
	switch token := token.(type) {
	case json.Delim:
		r.out.WriteString(token.String())
		if token == '{' {
			return r.object()
		}
		return r.list()
	case string:
		r.text(token)
	case json.Number:
		r.out.WriteString(token.String())
	default:
		text, err := json.Marshal(token)
		r.out.Write(text)
		return err
	}
	return nil
}

func (r *redaction) list() error {
	for between := ""; r.decoder.More(); between = "," {
		if err := r.value(between); err != nil {
			return err
		}
	}
	return r.close()
}

// close copies the end of a list or object.
func (r *redaction) close() error {
	token, err := r.next()
	if err == nil {
		r.out.WriteString(token.(json.Delim).String()) //nolint:errcheck,forcetypeassert // nothing else ends one
	}
	return err
}

// object copies keys and values. In {"name": "password", "value": "x"} the name is the key of the value.
func (r *redaction) object() error {
	named := false
	for between := ""; r.decoder.More(); between = "," {
		token, err := r.next()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		r.out.WriteString(between)
		r.text(key)
		if hiddenKey.MatchString(key) || named && strings.Contains(strings.ToLower(key), "value") {
			r.out.WriteString(`:"` + redacted + `"`)
			var skipped json.RawMessage
			if r.decoder.Decode(&skipped) != nil {
				return errHidden
			}
			r.end = r.decoder.InputOffset()
			continue
		}
		start := r.out.Len()
		if err := r.value(":"); err != nil {
			return err
		}
		switch strings.ToLower(key) {
		case "name", "key", "header", "field", "parameter":
			named = named || hiddenKey.Match(r.out.Bytes()[start:])
		}
	}
	return r.close()
}

// text writes a text, which may hold JSON itself.
func (r *redaction) text(text string) {
	if first := strings.TrimSpace(text); first != "" && strings.ContainsRune(`{["`, rune(first[0])) {
		text = redactJSON(text)
	} else {
		text = redactText(text)
	}
	encoder := json.NewEncoder(&r.out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text)        // a text can always be encoded
	r.out.Truncate(r.out.Len() - 1) // the line end
}

var escape = regexp.MustCompile(`\\u[0-9a-fA-F]{4}`)

// unescaped reads the escapes of a text that is no whole JSON.
func unescaped(text string) string {
	return escape.ReplaceAllStringFunc(text, func(e string) string {
		code, err := strconv.ParseUint(e[2:], 16, 32)
		if err != nil {
			return e
		}
		return string(rune(code))
	})
}
