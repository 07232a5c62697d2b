package webhook

import (
	"fmt"
	"math"
	"net"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// Config is the listener and its hooks. The zero value is off.
type Config struct {
	ListenAddress string `yaml:"listen_address,omitempty"`  // host:port; empty = off
	WebConfigFile string `yaml:"web_config_file,omitempty"` // TLS, mTLS, in the form of exporter-toolkit
	// ReadTimeout is how long a request may take to arrive; default 10s. Its head has HeaderTimeout at most.
	ReadTimeout model.Duration `yaml:"read_timeout,omitempty"`
	// IdleTimeout is how long a connection may stay open without a request; default 15s.
	IdleTimeout model.Duration `yaml:"idle_timeout,omitempty"`
	// MaxConnections may be open at once; default 256. A quarter of them is kept for sources whose requests were
	// accepted before. MaxConnectionsPerSource may be open to one source address, which has the same share of
	// MaxBuffered; default a quarter of MaxConnections.
	MaxConnections          int `yaml:"max_connections,omitempty"`
	MaxConnectionsPerSource int `yaml:"max_connections_per_source,omitempty"`
	// MaxBody is the largest request body in bytes; default 1 MiB.
	MaxBody int64 `yaml:"max_body_bytes,omitempty"`
	// MaxBuffered is the number of bytes that all bodies in hand may use at once; default 64 MiB. A request beyond it gets
	// a 503.
	MaxBuffered int64        `yaml:"max_buffered_bytes,omitempty"`
	Hooks       []HookConfig `yaml:"hooks,omitempty"`
}

// UnmarshalYAML fills in the defaults.
func (c *Config) UnmarshalYAML(unmarshal func(any) error) error {
	type plain Config
	*c = Config{
		ReadTimeout: model.Duration(10 * time.Second), IdleTimeout: model.Duration(15 * time.Second),
		MaxConnections: 256, MaxBody: 1 << 20, MaxBuffered: 64 << 20,
	}
	err := unmarshal((*plain)(c))
	if c.MaxConnectionsPerSource == 0 {
		c.MaxConnectionsPerSource = max(1, c.MaxConnections/4)
	}
	return err
}

// of returns the hooks of an account.
func (c *Config) of(account string) (hooks []HookConfig) {
	for _, h := range c.Hooks {
		if h.Account == account {
			hooks = append(hooks, h)
		}
	}
	return hooks
}

// Kind is a data type of Monitoring Gateway. The vendor's bodies do not name theirs, so every hook has one.
type Kind string

// The kinds of hooks.
const (
	VoiceQuality Kind = "voice_quality"
	ScriptAPI    Kind = "script_api"
)

// HookConfig is one path, POST /webhook/NAME, with the credentials of its sender. Of MTLS, Signature and Bearer exactly one is given.
type HookConfig struct {
	Name      string          `yaml:"name"`
	Kind      Kind            `yaml:"kind"`
	Account   string          `yaml:"account"` // whose standard labels its metrics carry
	MTLS      MTLSConfig      `yaml:"mtls,omitempty"`
	Signature SignatureConfig `yaml:"signature,omitempty"`
	Bearer    BearerConfig    `yaml:"bearer,omitempty"`

	RateLimit RateLimit `yaml:"rate_limit"` // of authenticated requests; what is beyond gets a 429
	QueueSize int       `yaml:"queue_size"` // events acknowledged and not counted yet; beyond it a 503
	// DuplicateWindow is how long an event is remembered, so that its second delivery is not counted; default 1h. Of
	// more than maxRemembered events the oldest are forgotten sooner.
	DuplicateWindow model.Duration `yaml:"duplicate_window"`
	Labels          []string       `yaml:"labels"`       // see labelsOf
	LabelValues     int            `yaml:"label_values"` // of one label; what is beyond counts as other
	LabelSets       int            `yaml:"label_sets"`   // of all labels together; what is beyond counts as other
	Units           Units          `yaml:"units"`
	// TimeZone of times that are sent without one; default UTC.
	TimeZone string `yaml:"time_zone"`
	// LogMessages logs what an API answered to a script whose call failed, redacted, now and then; default true.
	LogMessages bool `yaml:"log_messages"`
}

// MTLSConfig admits clients whose certificate the listener has verified; web_config_file has to ask for one.
type MTLSConfig struct {
	// Subjects are the certificates that are allowed: cn:NAME, dns:NAME, uri:URI, email:ADDRESS, subject:DN such as
	// subject:CN=nice,O=Example, or sha256:FINGERPRINT of the certificate.
	Subjects []string `yaml:"subjects,omitempty"`
}

// BearerConfig admits clients that send the content of a file as a bearer token.
type BearerConfig struct {
	File string `yaml:"file,omitempty"` // read again when it changes
}

// RateLimit of a hook.
type RateLimit struct {
	RequestsPerSecond float64 `yaml:"requests_per_second"`
	Burst             int     `yaml:"burst"`
}

// Units of the fields whose unit the vendor does not document; the defaults are what its samples suggest.
type Units struct {
	Jitter       string `yaml:"jitter"`        // ms or s; default ms
	RoundTrip    string `yaml:"round_trip"`    // ms or s; default ms
	CallSetup    string `yaml:"call_setup"`    // ms or s; default ms
	RingTime     string `yaml:"ring_time"`     // ms or s; default s: a wrong unit then shows in invalid values
	Bitrate      string `yaml:"bitrate"`       // kbps or bps, bits a second; default kbps, likewise
	PacketLoss   string `yaml:"packet_loss"`   // percent or ratio; default percent
	ResponseTime string `yaml:"response_time"` // ms or s; default s
}

var defaultUnits = Units{
	Jitter: "ms", RoundTrip: "ms", CallSetup: "ms", RingTime: "s", Bitrate: "kbps", PacketLoss: "percent", ResponseTime: "s",
}

// scales turn a number of a unit into the metric's own.
var scales = map[string]float64{"ms": 1e-3, "s": 1, "percent": 1e-2, "ratio": 1, "kbps": 1e3 / 8, "bps": 1. / 8}

// labelsOf are the labels that a kind of hook can choose from, all bounded by LabelValues.
var labelsOf = map[Kind][]string{
	VoiceQuality: {
		"skill", "team", "location_country", "connection_type", "line_type",
		"browser", "operating_system", "sdk_version", "console", "media_transport",
	},
	ScriptAPI: {"script", "action", "host"},
}

var defaultLabels = map[Kind][]string{VoiceQuality: {"skill"}, ScriptAPI: {"script", "host"}}

// UnmarshalYAML fills in the defaults.
func (h *HookConfig) UnmarshalYAML(unmarshal func(any) error) error {
	type plain HookConfig
	*h = HookConfig{
		RateLimit:       RateLimit{RequestsPerSecond: 100, Burst: 500},
		QueueSize:       10_000,
		DuplicateWindow: model.Duration(time.Hour),
		LabelValues:     100,
		LabelSets:       500,
		Units:           defaultUnits,
		TimeZone:        "UTC",
		LogMessages:     true,
	}
	err := unmarshal((*plain)(h))
	if h.Labels == nil {
		h.Labels = slices.Clone(defaultLabels[h.Kind])
	}
	return err
}

// Validate returns every problem, each beginning with its key. Accounts are the names that hooks may belong to.
func (c *Config) Validate(accounts []string) (problems []error) {
	report := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if len(c.Hooks) > 0 && c.ListenAddress == "" {
		report("listen_address: missing, expected one such as :10055 for the hooks")
	}
	if c.ListenAddress != "" {
		if _, _, err := net.SplitHostPort(c.ListenAddress); err != nil {
			report("listen_address: %q, expected one such as :10055", c.ListenAddress)
		}
		for _, positive := range []struct {
			key   string
			value int64
		}{
			{"read_timeout", int64(c.ReadTimeout)},
			{"idle_timeout", int64(c.IdleTimeout)},
			{"max_body_bytes", c.MaxBody},
			{"max_buffered_bytes", c.MaxBuffered},
		} {
			if positive.value <= 0 {
				report("%s: not positive", positive.key)
			}
		}
		if c.MaxBody > mostBody {
			report("max_body_bytes: %d, expected %d at most", c.MaxBody, mostBody)
		}
		if c.MaxBuffered < c.MaxBody {
			report("max_buffered_bytes: %d is below max_body_bytes (%d)", c.MaxBuffered, c.MaxBody)
		}
		const most = 100_000 // each takes a file descriptor and some 40 KB
		if c.MaxConnections < 1 || c.MaxConnections > most {
			report("max_connections: %d, expected 1 to %d", c.MaxConnections, most)
		} else if c.MaxConnectionsPerSource < 1 || c.MaxConnectionsPerSource > c.MaxConnections {
			report("max_connections_per_source: %d, expected 1 to max_connections (%d)", c.MaxConnectionsPerSource, c.MaxConnections)
		}
	}
	for i := range c.Hooks {
		h := &c.Hooks[i]
		for _, err := range h.validate(accounts) {
			report("hooks[%d].%w", i, err)
		}
		if len(h.MTLS.Subjects) > 0 && c.WebConfigFile == "" {
			report("hooks[%d].mtls: needs web_config_file with a client_auth_type", i)
		}
		if slices.ContainsFunc(c.Hooks[:i], func(other HookConfig) bool { return other.Name == h.Name }) {
			report("hooks[%d].name: %q is given twice", i, h.Name)
		}
	}
	return problems
}

func (h *HookConfig) validate(accounts []string) (problems []error) {
	report := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if !validName(h.Name) {
		report("name: %q, expected up to 63 of a-z, 0-9, - and _", h.Name)
	}
	if labelsOf[h.Kind] == nil {
		report("kind: %q, expected %s or %s", h.Kind, VoiceQuality, ScriptAPI)
	}
	if !slices.Contains(accounts, h.Account) {
		report("account: there is no cxone account %q", h.Account)
	}
	given := 0
	for _, auth := range []any{h.MTLS, h.Signature, h.Bearer} {
		if !reflect.ValueOf(auth).IsZero() {
			given++
		}
	}
	if given != 1 {
		report("mtls, signature, bearer: %d are given, expected exactly one", given)
	}
	if !reflect.ValueOf(h.Signature).IsZero() {
		for _, err := range h.Signature.validate() {
			report("signature.%w", err)
		}
	}
	for i, subject := range h.MTLS.Subjects {
		if _, err := parseSubject(subject); err != nil {
			report("mtls.subjects[%d]: %w", i, err)
		}
	}
	return append(problems, h.validateLimits()...)
}

func (h *HookConfig) validateLimits() (problems []error) {
	report := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	for i, label := range h.Labels {
		if known := labelsOf[h.Kind]; known != nil && !slices.Contains(known, label) {
			report("labels[%d]: %q, expected one of %s", i, label, strings.Join(known, ", "))
		}
	}
	if perSecond := h.RateLimit.RequestsPerSecond; !(perSecond > 0) || math.IsInf(perSecond, 1) { // NaN too
		report("rate_limit.requests_per_second: %v is no positive number", perSecond)
	}
	if h.DuplicateWindow <= 0 {
		report("duplicate_window: not positive")
	}
	const most = 1_000_000 // what is allowed takes memory
	for _, count := range []struct {
		key   string
		value int
	}{
		{"rate_limit.burst", h.RateLimit.Burst},
		{"queue_size", h.QueueSize},
		{"label_values", h.LabelValues},
		{"label_sets", h.LabelSets},
	} {
		if count.value < 1 || count.value > most {
			report("%s: %d, expected 1 to %d", count.key, count.value, most)
		}
	}
	for _, unit := range []struct{ key, value, one, other string }{
		{"jitter", h.Units.Jitter, "ms", "s"},
		{"round_trip", h.Units.RoundTrip, "ms", "s"},
		{"call_setup", h.Units.CallSetup, "ms", "s"},
		{"ring_time", h.Units.RingTime, "ms", "s"},
		{"bitrate", h.Units.Bitrate, "kbps", "bps"},
		{"packet_loss", h.Units.PacketLoss, "percent", "ratio"},
		{"response_time", h.Units.ResponseTime, "ms", "s"},
	} {
		if unit.value != unit.one && unit.value != unit.other {
			report("units.%s: %q, expected %s or %s", unit.key, unit.value, unit.one, unit.other)
		}
	}
	if _, err := time.LoadLocation(h.TimeZone); err != nil {
		report("time_zone: %q is not known here", h.TimeZone)
	}
	return problems
}

// mostBody is the largest MaxBody. Bodies are decoded as a whole.
const mostBody = 1 << 30

// validName accepts what needs no escaping in a path.
func validName(name string) bool {
	return name != "" && len(name) <= 63 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}
