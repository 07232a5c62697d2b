package webhook

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// verifier admits requests that one of its keys has signed. It finds the parts of the signature in the head, rebuilds
// the text that the sender must have signed, and looks for the key.
type verifier struct {
	config   *SignatureConfig
	template []part
	keys     map[keyID]*watched[verify]
	window   time.Duration // how far a timestamp may be from our clock
	refresh  time.Duration // how much longer ago it may be
}

type keyID struct{ consumer, version string }

func (k KeyConfig) id() keyID { return keyID{k.ConsumerID, k.KeyVersion} }

func newVerifier(config *SignatureConfig) (*verifier, error) {
	template, err := parseTemplate(config.Template)
	if err != nil {
		return nil, err
	}
	v := &verifier{config, template, map[keyID]*watched[verify]{}, time.Duration(config.Window), time.Duration(config.RefreshRate)}
	for _, k := range config.Keys {
		key := &watched[verify]{path: k.File, parse: keyParser(config.Algorithm)}
		if _, err := key.read(); err != nil {
			return nil, fmt.Errorf("signature key: %w", err)
		}
		v.keys[k.id()] = key
	}
	return v, nil
}

// claim is what the head of a request says about its signature.
type claim struct {
	values    map[string]string // of placeholders
	signature []byte
	verify    verify
}

// claim reads the head of a request, what is cheap first.
func (v *verifier) claim(r *http.Request, now time.Time) (c claim, why reason) {
	var consumer, version, timestamp, encoded string
	for _, wanted := range []struct {
		from     Place
		into     *string
		unescape func(string) (string, error) // where it is in the query
	}{
		{v.config.ConsumerIDFrom, &consumer, url.QueryUnescape},
		{v.config.KeyVersionFrom, &version, url.QueryUnescape},
		// These hold no blank, so a + that the sender has not escaped is one.
		{v.config.TimestampFrom, &timestamp, url.PathUnescape},
		{v.config.SignatureFrom, &encoded, url.PathUnescape},
	} {
		var once bool
		if *wanted.into, once = wanted.from.find(r, wanted.unescape); !once {
			return claim{}, badForm
		}
	}
	if timestamp == "" || encoded == "" {
		return claim{}, noCredentials
	}
	signature, err := parseSignature(encoded, v.config.Encoding)
	if err != nil {
		return claim{}, badForm
	}
	signed, err := parseTimestamp(timestamp, v.config.TimestampFormat)
	if err != nil {
		return claim{}, badForm
	}
	if signed.Before(now.Add(-v.window-v.refresh)) || signed.After(now.Add(v.window)) {
		return claim{}, expired
	}
	key, known := v.keys[keyID{consumer, version}]
	if !known {
		return claim{}, unknownKey
	}
	verified, err := key.read()
	if err != nil {
		return claim{}, keyUnavailable
	}
	return claim{
		values: map[string]string{
			"consumer_id": consumer, "key_version": version, "timestamp": timestamp, "url": v.config.URL,
		},
		signature: signature,
		verify:    verified,
	}, ""
}

func (v *verifier) judgeHead(r *http.Request, now time.Time) reason {
	_, why := v.claim(r, now)
	return why
}

// check makes the proof of what was signed and of the body, not of the signature: with some algorithms, one signature is enough
// to make another.
func (v *verifier) check(r *http.Request, body []byte, now time.Time) (proof []byte, why reason) {
	c, why := v.claim(r, now)
	if why != "" {
		return nil, why
	}
	text := v.text(r, body, c.values)
	if !c.verify(text, c.signature) {
		return nil, badSignature
	}
	proof = binary.BigEndian.AppendUint64(nil, uint64(len(text)))
	return append(append(proof, text...), body...), ""
}

// text is what the sender has signed.
func (v *verifier) text(r *http.Request, body []byte, values map[string]string) []byte {
	text := make([]byte, 0, len(body)+256)
	for _, p := range v.template {
		text = append(text, p.literal...)
		switch p.placeholder {
		case "":
		case "method":
			text = append(text, r.Method...)
		case "path":
			text = append(text, r.URL.EscapedPath()...)
		case "query":
			text = append(text, r.URL.RawQuery...)
		case "body":
			text = append(text, body...)
		case "body_sha256":
			sum := sha256.Sum256(body)
			text = hex.AppendEncode(text, sum[:])
		case "header":
			text = append(text, r.Header.Get(p.header)...)
		default:
			text = append(text, values[p.placeholder]...)
		}
	}
	return text
}

// Place is where a part of a signed request is: header:NAME or query:NAME. The empty one is nowhere.
type Place string

func (p Place) valid() bool {
	in, name, _ := strings.Cut(string(p), ":")
	return name != "" && (in == "header" || in == "query")
}

// find returns what is at a place, "" when nothing is. It has to be there once, and readable.
func (p Place) find(r *http.Request, unescape func(string) (string, error)) (value string, once bool) {
	in, name, _ := strings.Cut(string(p), ":")
	var values []string
	switch in {
	case "header":
		values = r.Header.Values(name)
	case "query":
		var readable bool
		if values, readable = valuesInQuery(r.URL.RawQuery, name, unescape); !readable {
			return "", false
		}
	}
	if len(values) == 0 {
		return "", true
	}
	return values[0], len(values) == 1
}

// valuesInQuery returns the values of a name in a raw query, unless one of them cannot be read. It looks at nothing
// else in the query: parameters of other names may have any form.
func valuesInQuery(raw, name string, unescape func(string) (string, error)) (values []string, readable bool) {
	for pair := range strings.SplitSeq(raw, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if key, err := url.QueryUnescape(key); err != nil || key != name {
			continue
		}
		value, err := unescape(value)
		if err != nil {
			return nil, false
		}
		values = append(values, value)
	}
	return values, true
}

// part is a piece of a template: a text and what follows it.
type part struct {
	literal     string
	placeholder string // "" at the end of the template
	header      string // of the placeholder header
}

// placeholders of a template, in braces: url is the configured signature URL; method, path and query are those of the
// request; body_sha256 is in hexadecimal; header:NAME is a header of the request.
var placeholders = map[string]bool{
	"url": true, "method": true, "path": true, "query": true, "consumer_id": true, "key_version": true, "timestamp": true,
	"body": true, "body_sha256": true,
}

// parseTemplate wants text between two placeholders: otherwise a sender could move characters from one to the other.
func parseTemplate(template string) (parts []part, err error) {
	for rest := template; rest != ""; {
		literal, after, found := strings.Cut(rest, "{")
		if !found {
			return append(parts, part{literal: literal}), nil
		}
		name, after, closed := strings.Cut(after, "}")
		if !closed {
			return nil, errors.New("a { without its }")
		}
		p := part{literal: literal, placeholder: name}
		if header, ok := strings.CutPrefix(name, "header:"); ok && header != "" {
			p.placeholder, p.header = "header", header
		} else if !placeholders[name] {
			return nil, fmt.Errorf("unknown placeholder {%s}", name)
		}
		if literal == "" && len(parts) > 0 {
			return nil, fmt.Errorf("no text before {%s}, which follows another placeholder", name)
		}
		parts, rest = append(parts, p), after
	}
	return parts, nil
}

// maxSignature is more than an RSA signature of 8192 bits has, in bytes as decoded.
const maxSignature = 1024

// base64Alphabet turns both alphabets into one. A blank is a + that was taken for one on its way.
var base64Alphabet = strings.NewReplacer("-", "+", "_", "/", " ", "+")

// hashPrefix stands before the signatures of some senders.
const hashPrefix = "sha256="

// parseSignature decodes a signature as it is sent.
func parseSignature(text, encoding string) (signature []byte, err error) {
	text = strings.TrimSpace(text)
	if len(text) > 2*maxSignature {
		return nil, errors.New("too long for a signature")
	}
	if n := len(hashPrefix); len(text) > n && strings.EqualFold(text[:n], hashPrefix) {
		text = text[n:]
	}
	if encoding == "hex" {
		signature, err = hex.DecodeString(text)
	} else {
		signature, err = base64.RawStdEncoding.Strict().DecodeString(strings.TrimRight(base64Alphabet.Replace(text), "="))
	}
	if err == nil && (len(signature) == 0 || len(signature) > maxSignature) {
		err = errors.New("too short or too long for a signature")
	}
	return signature, err
}

// parseTimestamp reads the time of a signature.
func parseTimestamp(text, format string) (time.Time, error) {
	if format == "rfc3339" {
		return time.Parse(time.RFC3339Nano, text)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return time.Time{}, errors.New("no number")
	case format == "unix_ms":
		return time.UnixMilli(n), nil
	}
	return time.Unix(n, 0), nil
}
