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

// This file verifies signed requests: it finds the parts, rebuilds the signed text and looks for the key.

// verifier admits requests that one of its keys has signed.
type verifier struct {
	config   *SignatureConfig
	template []part
	keys     map[keyID]*watched[verify]
	window   time.Duration
}

type keyID struct{ consumer, version string }

func (k KeyConfig) id() keyID { return keyID{k.ConsumerID, k.KeyVersion} }

func newVerifier(config *SignatureConfig) (*verifier, error) {
	template, err := parseTemplate(config.Template)
	if err != nil {
		return nil, err
	}
	v := &verifier{config, template, map[keyID]*watched[verify]{}, time.Duration(config.Window)}
	for _, k := range config.Keys {
		key := &watched[verify]{path: k.File, parse: keyParser(config.Algorithm)}
		if _, err := key.read(); err != nil {
			return nil, fmt.Errorf("signature key: %w", err)
		}
		v.keys[k.id()] = key
	}
	return v, nil
}

// check judges what is cheap first. The proof is made of what was signed and of the body, not of the signature: some
// algorithms let anybody make a second signature out of one.
func (v *verifier) check(r *http.Request, body []byte, now time.Time) (proof []byte, why reason) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badForm
	}
	var consumer, version, timestamp, encoded string
	for _, wanted := range []struct {
		from Place
		into *string
	}{
		{v.config.ConsumerIDFrom, &consumer},
		{v.config.KeyVersionFrom, &version},
		{v.config.TimestampFrom, &timestamp},
		{v.config.SignatureFrom, &encoded},
	} {
		var once bool
		if *wanted.into, once = wanted.from.find(r.Header, query); !once {
			return nil, badForm
		}
	}
	if timestamp == "" || encoded == "" {
		return nil, noCredentials
	}
	signature, err := parseSignature(encoded, v.config.Encoding)
	if err != nil {
		return nil, badForm
	}
	signed, err := parseTimestamp(timestamp, v.config.TimestampFormat)
	if err != nil {
		return nil, badForm
	}
	if signed.Before(now.Add(-v.window)) || signed.After(now.Add(v.window)) {
		return nil, expired
	}
	key, known := v.keys[keyID{consumer, version}]
	if !known {
		return nil, unknownKey
	}
	verified, err := key.read()
	if err != nil {
		return nil, keyUnavailable
	}
	text := v.text(r, body, map[string]string{
		"consumer_id": consumer, "key_version": version, "timestamp": timestamp, "url": v.config.URL,
	})
	if !verified(text, signature) {
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

// find returns what is at a place, "" when nothing is. It has to be there once.
func (p Place) find(header http.Header, query url.Values) (value string, once bool) {
	in, name, _ := strings.Cut(string(p), ":")
	var values []string
	switch in {
	case "header":
		values = header.Values(name)
	case "query":
		values = query[name]
	}
	if len(values) == 0 {
		return "", true
	}
	return values[0], len(values) == 1
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

// parseTemplate wants text between two placeholders, so that nobody can move characters from one to the other.
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

var base64Alphabet = strings.NewReplacer("-", "+", "_", "/")

// parseSignature decodes a signature as it travels.
func parseSignature(text, encoding string) (signature []byte, err error) {
	text = strings.TrimSpace(text)
	if len(text) > 2*maxSignature {
		return nil, errors.New("too long for a signature")
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
