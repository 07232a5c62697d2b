package rest

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// HTTPConfig is the section of the configuration file about the transport of requests.
type HTTPConfig struct {
	// Timeout of one attempt, its answer's body included; default 10s.
	Timeout model.Duration `yaml:"timeout"`
	// ProxyURL is an http, https or socks5 proxy; default: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say.
	ProxyURL  promconfig.URL       `yaml:"proxy_url,omitempty"`
	TLSConfig promconfig.TLSConfig `yaml:"tls_config,omitempty"`
	// MaxBody is the largest answer read, in bytes after decompression; default 32 MiB.
	MaxBody int64 `yaml:"max_body_bytes"`
}

// DefaultHTTPConfig is used where the configuration names nothing.
var DefaultHTTPConfig = HTTPConfig{Timeout: model.Duration(10 * time.Second), MaxBody: 32 << 20}

// UnmarshalYAML fills in the defaults.
func (h *HTTPConfig) UnmarshalYAML(unmarshal func(any) error) error {
	type tlsConfig promconfig.TLSConfig // without its UnmarshalYAML, which reports problems without their place
	type plain struct {
		Timeout   model.Duration `yaml:"timeout"`
		ProxyURL  promconfig.URL `yaml:"proxy_url"`
		TLSConfig tlsConfig      `yaml:"tls_config"`
		MaxBody   int64          `yaml:"max_body_bytes"`
	}
	p := plain{Timeout: DefaultHTTPConfig.Timeout, MaxBody: DefaultHTTPConfig.MaxBody}
	err := unmarshal(&p)
	if _, bad := errors.AsType[*url.Error](err); bad {
		return errNoProxy
	}
	*h = HTTPConfig{p.Timeout, p.ProxyURL, promconfig.TLSConfig(p.TLSConfig), p.MaxBody}
	return err
}

// Validate returns every problem, each beginning with its key.
func (h HTTPConfig) Validate() (problems []error) {
	if h.Timeout <= 0 {
		problems = append(problems, fmt.Errorf("timeout: %v is not positive", h.Timeout))
	}
	if h.MaxBody <= 0 {
		problems = append(problems, fmt.Errorf("max_body_bytes: %d is not positive", h.MaxBody))
	}
	if u := h.ProxyURL.URL; u != nil && !isProxy(u) {
		problems = append(problems, errNoProxy)
	}
	if err := h.TLSConfig.Validate(); err != nil {
		problems = append(problems, fmt.Errorf("tls_config: %w", err))
	}
	return problems
}

// errNoProxy does not repeat what was found: a password may stand anywhere in a URL that is spelt wrong.
var errNoProxy = errors.New("proxy_url: no URL of an http, https or socks5 proxy, such as http://proxy.example.org:3128")

// isProxy reports whether a URL is a proxy's: scheme, user, host and port, and nothing else.
func isProxy(u *url.URL) bool {
	rest := *u
	rest.Scheme, rest.User, rest.Host = "", nil, ""
	host := u.Hostname()
	return host != "" && (!strings.Contains(host, ":") || u.Host[0] == '[') && strings.Trim(rest.String(), "/") == "" &&
		slices.Contains([]string{"http", "https", "socks5"}, u.Scheme)
}

// proxy shows the proxy without user and password, which may stand in each other's place; "" when there is none.
func (h HTTPConfig) proxy() string {
	u := h.ProxyURL.URL
	switch {
	case u == nil:
		return ""
	case !isProxy(u):
		return "<secret>"
	case u.User != nil:
		return u.Scheme + "://<secret>@" + u.Host
	}
	return u.Scheme + "://" + u.Host
}

// MarshalYAML writes the settings without secrets.
func (h HTTPConfig) MarshalYAML() (any, error) {
	return struct {
		Timeout   model.Duration       `yaml:"timeout"`
		ProxyURL  string               `yaml:"proxy_url,omitempty"`
		TLSConfig promconfig.TLSConfig `yaml:"tls_config,omitempty"`
		MaxBody   int64                `yaml:"max_body_bytes"`
	}{h.Timeout, h.proxy(), h.TLSConfig, h.MaxBody}, nil
}

// String shows the settings without secrets.
func (h HTTPConfig) String() string {
	proxy := h.proxy()
	if proxy != "" {
		proxy = ", proxy_url: " + proxy
	}
	return fmt.Sprintf("{timeout: %v, max_body_bytes: %d%s}", h.Timeout, h.MaxBody, proxy)
}

// Secret is given as a value or as a file that is read again at every use, so that rotation needs no restart.
type Secret struct {
	Value promconfig.Secret
	File  string
}

// Read returns the secret. Of a file it leaves out blanks and line ends around the secret, and a byte order mark. Errors
// name the file, never its content.
func (s Secret) Read() (string, error) {
	if s.File == "" {
		return string(s.Value), nil
	}
	secret, err := settings.ReadSecret(s.File)
	if err != nil {
		return "", &Error{reason: platform.ReasonAuth, Message: clean(err.Error()), cause: err}
	}
	return secret, nil
}

// String never shows the secret.
func (s Secret) String() string {
	if s.File != "" {
		return s.File
	}
	return "<secret>"
}
