package sip

import (
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
)

// The transports.
const (
	UDP = "udp"
	TCP = "tcp"
	TLS = "tls"
)

// Target is one SIP address to probe, as the configuration file names it. The prober probes no other address.
type Target struct {
	Name string `yaml:"name"` // unique; what /probe?target= asks for, and the label target
	// Account whose feed probes the target too; none by default. Trunk is the name of the trunk that it stands for, so
	// that the probe can be compared with the platform's own status.
	Account string         `yaml:"account,omitempty"`
	Trunk   string         `yaml:"trunk,omitempty"`
	Every   model.Duration `yaml:"every"` // minimum interval of that feed; default 30s

	URI string `yaml:"uri"` // sip: or sips:, also the request's URI
	// Transport is udp, tcp or tls: how requests are sent to the next hop, which is the outbound proxy or else the target.
	// Default: tls when the URI or the proxy's is a sips: URI, else what the next hop's URI names, else udp.
	Transport string `yaml:"transport,omitempty"`
	// Prefer is ip4 (default) or ip6: which of a host's addresses is tried first.
	Prefer string `yaml:"preferred_ip_protocol"`
	// OutboundProxy is the URI of the proxy that requests are sent to; default: straight to the target.
	OutboundProxy string `yaml:"outbound_proxy,omitempty"`
	FromUser      string `yaml:"from_user"` // default ccaas-exporter
	// FromDomain is the host in From and Contact, for peers that accept only hosts they know; default: our own address.
	FromDomain string    `yaml:"from_domain,omitempty"`
	UserAgent  string    `yaml:"user_agent"` // default ccaas_exporter
	TLS        TLSConfig `yaml:"tls_config,omitempty"`

	// Alive are the response codes that show the target alive; default: every final one but 408 and 5xx.
	Alive    []Codes        `yaml:"alive,omitempty"`
	Requests int            `yaml:"requests"` // of a burst; default 5
	Spacing  model.Duration `yaml:"spacing"`  // between two of them; default 200ms
	Timeout  model.Duration `yaml:"timeout"`  // of a request, a DNS resolution, a connect and a TLS handshake; default 2s
}

// DefaultTarget is what a target's configuration starts from.
var DefaultTarget = Target{
	Every:     model.Duration(30 * time.Second),
	Prefer:    "ip4",
	FromUser:  "ccaas-exporter",
	UserAgent: "ccaas_exporter",
	Requests:  5,
	Spacing:   model.Duration(200 * time.Millisecond),
	Timeout:   model.Duration(2 * time.Second),
}

// UnmarshalYAML fills in the defaults.
func (t *Target) UnmarshalYAML(unmarshal func(any) error) error {
	type plain Target
	*t = DefaultTarget
	return unmarshal((*plain)(t))
}

// TLSConfig describes how a target's certificate is checked and which certificate we present. Files are read for every probe.
type TLSConfig struct {
	CA         string                `yaml:"ca,omitempty"`      // in PEM form
	CAFile     string                `yaml:"ca_file,omitempty"` // or in a file; default: the system's authorities
	CertFile   string                `yaml:"cert_file,omitempty"`
	KeyFile    string                `yaml:"key_file,omitempty"`
	ServerName string                `yaml:"server_name,omitempty"` // default: host of the outbound proxy, else of the URI
	MinVersion promconfig.TLSVersion `yaml:"min_version,omitempty"`
	Insecure   bool                  `yaml:"insecure_skip_verify,omitempty"`
}

// Longest is the longest that a probe takes: each phase to its time-out, and the whole burst. Each further address of a
// host that refuses connections or answers nothing may add a time-out to it, up to the caller's deadline.
func (t Target) Longest() time.Duration {
	return 4*time.Duration(t.Timeout) + time.Duration(t.Requests)*time.Duration(t.Spacing)
}

// alive reports whether a final response code shows that the target handles SIP.
func (t Target) alive(code int) bool {
	if len(t.Alive) == 0 {
		return code != 408 && code/100 != 5
	}
	for _, codes := range t.Alive {
		if codes.First <= code && code <= codes.Last {
			return true
		}
	}
	return false
}
