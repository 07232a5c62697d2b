package webhook

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// SignatureConfig describes signed requests. The vendor lets a subscriber enter a consumer id, a private key, a key
// version, a signature URL and a refresh rate, and says that the URL and any headers or body are signed and that the
// signature travels in a header or in the query. Header names, algorithm, form of the signed text and encoding are not
// published: the defaults are an assumption, to be compared with a first delivery. Prefer mTLS, which needs none.
type SignatureConfig struct {
	// Algorithm is rsa-sha256 (PKCS #1 v1.5; the default), ecdsa-sha256 (ASN.1), ed25519 or hmac-sha256.
	Algorithm string      `yaml:"algorithm,omitempty"`
	Keys      []KeyConfig `yaml:"keys,omitempty"`
	// Template of the signed text; default DefaultTemplate. See placeholders.
	Template string `yaml:"template,omitempty"`
	// URL is what {url} stands for: the signature URL as the subscription has it.
	URL string `yaml:"url,omitempty"`
	// AllowUnsignedBody accepts a template without {body}: then a stranger who sees one request can send others
	// with its signature until that has expired.
	AllowUnsignedBody bool `yaml:"allow_unsigned_body,omitempty"`
	// Where the parts are found: header:NAME or query:NAME. The defaults are the header names of a scheme with the same
	// parts (consumer id, key version, timestamp). The first two may be empty, when there is one key.
	ConsumerIDFrom Place `yaml:"consumer_id_from,omitempty"`
	KeyVersionFrom Place `yaml:"key_version_from,omitempty"`
	TimestampFrom  Place `yaml:"timestamp_from,omitempty"`
	SignatureFrom  Place `yaml:"signature_from,omitempty"`
	// TimestampFormat is unix_ms (the default), unix or rfc3339.
	TimestampFormat string `yaml:"timestamp_format,omitempty"`
	// Encoding of the signature is base64 (the default; both alphabets, with or without padding) or hex.
	Encoding string `yaml:"encoding,omitempty"`
	// Window is how far a timestamp may be from our clock, either way; default 5m.
	Window model.Duration `yaml:"window,omitempty"`
	// RefreshRate is what the subscription has under that name; default 0. It is taken for the time that the sender goes
	// on using one timestamp and signature: by so much more a timestamp may be in the past.
	RefreshRate model.Duration `yaml:"refresh_rate,omitempty"`
}

// KeyConfig is the file of one key: a public key or certificate in PEM, or the secret of an HMAC.
type KeyConfig struct {
	ConsumerID string `yaml:"consumer_id,omitempty"`
	KeyVersion string `yaml:"key_version,omitempty"`
	File       string `yaml:"file"` // read again when it changes
}

// DefaultTemplate signs everything that matters, so that nothing of a request can be changed.
const DefaultTemplate = "{consumer_id}\n{url}\n{timestamp}\n{key_version}\n{body}"

// UnmarshalYAML fills in the defaults.
func (s *SignatureConfig) UnmarshalYAML(unmarshal func(any) error) error {
	type plain SignatureConfig
	*s = SignatureConfig{
		Algorithm:       "rsa-sha256",
		Template:        DefaultTemplate,
		ConsumerIDFrom:  "header:WM_CONSUMER.ID",
		KeyVersionFrom:  "header:WM_SEC.KEY_VERSION",
		TimestampFrom:   "header:WM_CONSUMER.INTIMESTAMP",
		SignatureFrom:   "header:WM_SEC.AUTH_SIGNATURE",
		TimestampFormat: "unix_ms",
		Encoding:        "base64",
		Window:          model.Duration(5 * time.Minute),
	}
	return unmarshal((*plain)(s))
}

// mostRefreshRate bounds how long every signed request has to be remembered.
const mostRefreshRate = time.Hour

var (
	timestampFormats = []string{"unix_ms", "unix", "rfc3339"}
	encodings        = []string{"base64", "hex"}
)

func (s *SignatureConfig) validate() (problems []error) {
	report := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	for _, choice := range []struct {
		key, value string
		of         []string
	}{
		{"algorithm", s.Algorithm, algorithms},
		{"timestamp_format", s.TimestampFormat, timestampFormats},
		{"encoding", s.Encoding, encodings},
	} {
		if !slices.Contains(choice.of, choice.value) {
			report("%s: %q, expected one of %s", choice.key, choice.value, strings.Join(choice.of, ", "))
		}
	}
	if len(s.Keys) == 0 {
		report("keys: missing")
	}
	for i, k := range s.Keys {
		if k.File == "" {
			report("keys[%d].file: missing", i)
		}
		if slices.ContainsFunc(s.Keys[:i], func(other KeyConfig) bool { return other.id() == k.id() }) {
			report("keys[%d]: consumer_id and key_version are those of another key", i)
		}
	}
	for _, place := range []struct {
		key      string
		value    Place
		optional bool
	}{
		{"consumer_id_from", s.ConsumerIDFrom, true},
		{"key_version_from", s.KeyVersionFrom, true},
		{"timestamp_from", s.TimestampFrom, false},
		{"signature_from", s.SignatureFrom, false},
	} {
		if !place.value.valid() && (place.value != "" || !place.optional) {
			report("%s: %q, expected header:NAME or query:NAME", place.key, place.value)
		}
	}
	if s.Window <= 0 {
		report("window: not positive")
	}
	if s.RefreshRate < 0 || time.Duration(s.RefreshRate) > mostRefreshRate {
		report("refresh_rate: %v, expected 0s to %v", s.RefreshRate, model.Duration(mostRefreshRate))
	}
	if err := s.validateTemplate(); err != nil {
		report("template: %w", err)
	}
	return problems
}

func (s *SignatureConfig) validateTemplate() error {
	parts, err := parseTemplate(s.Template)
	if err != nil {
		return err
	}
	holds := func(names ...string) bool {
		return slices.ContainsFunc(parts, func(p part) bool { return slices.Contains(names, p.placeholder) })
	}
	switch {
	case !holds("timestamp"):
		return errors.New("lacks {timestamp}: signatures would never expire")
	case !holds("body", "body_sha256") && !s.AllowUnsignedBody:
		return errors.New("lacks {body}: set allow_unsigned_body to accept bodies without a signature")
	case holds("url") && s.URL == "":
		return errors.New("holds {url}, and url is missing")
	}
	return nil
}
