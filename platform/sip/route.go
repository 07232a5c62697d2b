package sip

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	sipgo "github.com/emiago/sipgo/sip"
)

// route is where the requests of a target go, and over which transport.
type route struct {
	uri       sipgo.Uri  // of the requests
	proxy     *sipgo.Uri // the outbound proxy; nil when there is none
	transport string     // to the next hop
}

// nextHop returns the URI that requests are sent to: that of the outbound proxy when there is one (RFC 3261, 8.1.2).
func (r route) nextHop() sipgo.Uri {
	if r.proxy != nil {
		return *r.proxy
	}
	return r.uri
}

// secure reports whether the way to the next hop must be TLS: one of the URIs is a sips: URI.
func (r route) secure() bool {
	return r.uri.IsEncrypted() || r.proxy != nil && r.proxy.IsEncrypted()
}

// route returns the target's route, or every problem of its URIs and its transport, each beginning with its key.
func (t Target) route() (r route, problems []error) {
	uri, err := parseURI(t.URI)
	if err != nil {
		problems = append(problems, fmt.Errorf("uri: %w", err))
	}
	r.uri = uri
	if t.OutboundProxy != "" {
		proxy, err := parseURI(t.OutboundProxy)
		if err != nil {
			problems = append(problems, fmt.Errorf("outbound_proxy: %w", err))
		}
		r.proxy = &proxy
	}
	if t.Transport != "" && !slices.Contains([]string{UDP, TCP, TLS}, t.Transport) {
		problems = append(problems, errors.New("transport: not known, expected udp, tcp or tls"))
	}
	if problems != nil {
		return r, problems
	}
	if err := r.choose(t.Transport); err != nil {
		return r, []error{err}
	}
	return r, nil
}

// choose sets the transport as RFC 3263, section 4.1, demands: the configured one, else TLS when a URI is a sips: URI,
// else what the URI of the next hop names, else UDP. These must not contradict each other.
func (r *route) choose(configured string) error {
	hop, key := r.nextHop(), "uri"
	if r.proxy != nil {
		key = "outbound_proxy"
	}
	named, _ := param(hop, "transport")
	named = strings.ToLower(named)
	switch {
	case named != "" && named != UDP && named != TCP && named != TLS:
		return fmt.Errorf("%s: names a transport that is not known, expected udp, tcp or tls", key)
	case configured != "":
		r.transport = configured
	case r.secure():
		r.transport = TLS
	case named != "":
		r.transport = named
	default:
		r.transport = UDP
	}
	if hop.IsEncrypted() && named == TCP {
		named = TLS // sips:host;transport=tcp is TLS over TCP (RFC 3261, 26.2.2)
	}
	switch {
	case r.secure() && r.transport != TLS:
		return fmt.Errorf("transport: %q with a sips: URI, expected tls", r.transport)
	case named != "" && named != r.transport:
		return fmt.Errorf("%s: names another transport than %s", key, r.transport)
	}
	return nil
}

// What a URI may look like. Another character could add a header to a request.
var (
	uriChars = regexp.MustCompile(`^[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]{1,255}$`)
	uriForm  = regexp.MustCompile(`^(?i:sips?):(?:([^@]+)@)?(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::[0-9]{1,5})?(?:[;?].*)?$`)
)

// parseURI reads a SIP URI that requests can be sent to. Its errors quote nothing of the text, which may hold a
// password also, and above all, where it is malformed.
func parseURI(text string) (uri sipgo.Uri, err error) {
	form := uriForm.FindStringSubmatch(text)
	switch {
	case text == "":
		return uri, errors.New("missing")
	case form == nil || !uriChars.MatchString(text):
		return uri, errNoURI
	case strings.Contains(form[1], ":"):
		return uri, errors.New("holds a password, which every hop could read")
	case sipgo.ParseUri(text, &uri) != nil, uri.HierarhicalSlashes, !isHost(uri.Host):
		return uri, errNoURI
	case len(uri.Headers) > 0:
		return uri, errors.New("holds headers, which a request's URI must not")
	case uri.Port > 65535:
		return uri, errors.New("its port is above 65535")
	}
	if _, ok := param(uri, "maddr"); ok {
		return uri, errors.New("maddr is not supported: name the proxy as outbound_proxy")
	}
	return uri, nil
}

var errNoURI = errors.New("no SIP URI, expected sip:host or sips:host")

// param returns a parameter of a URI. The case of its name does not matter (RFC 3261, 19.1.4).
func param(uri sipgo.Uri, name string) (value string, ok bool) {
	for _, p := range uri.UriParams {
		if strings.EqualFold(p.K, name) {
			return p.V, true
		}
	}
	return "", false
}
