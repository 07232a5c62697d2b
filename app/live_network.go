package app

import (
	"compress/gzip"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// pathAdvice says what stands between this machine and a host, as far as the failure shows it; "" when it does not. None of the
// failure's own words is shown.
func pathAdvice(failed *rest.Error) string {
	if failed == nil {
		return ""
	}
	_, isName := errors.AsType[*net.DNSError](failed)
	dial, isDial := errors.AsType[*net.OpError](failed)
	_, isPlain := errors.AsType[tls.RecordHeaderError](failed)
	text := failed.Message
	switch {
	case failed.Status == http.StatusProxyAuthRequired, text == http.StatusText(http.StatusProxyAuthRequired):
		return "the proxy wants a login: name it in http.proxy_url, as in http://user:password@proxy:3128"
	case isDial && dial.Op == "proxyconnect":
		return "the proxy cannot be reached: look at http.proxy_url, or at HTTPS_PROXY in the environment"
	case isName:
		return "the name of the host is not known here: is it spelt right, is the region right, and does DNS work on this machine?"
	case errors.Is(failed, syscall.ECONNREFUSED):
		return "the host refuses the connection: is its port right, and is a firewall in the way?"
	case errors.Is(failed, http.ErrSchemeMismatch), isPlain:
		return "what answers there does not speak TLS: is the port right, or does the URL begin with http://?"
	case strings.Contains(text, "malformed HTTP"):
		return "what answers there does not speak HTTP: is the port right?"
	case errors.Is(failed, gzip.ErrHeader), errors.Is(failed, gzip.ErrChecksum):
		return "the answer is not compressed as it says: does a proxy change it?"
	case errors.Is(failed, io.ErrUnexpectedEOF), errors.Is(failed, io.EOF), errors.Is(failed, syscall.ECONNRESET):
		return "the connection ends before the answer is complete: does a proxy or a firewall cut it?"
	case failed.Status/100 == 3:
		return "the host answers with a redirect, which is not followed, for the token would go along: is the URL right?"
	case strings.HasPrefix(text, "answer of type "), failed.Login && failed.Status == 0 && failed.Reason() == string(platform.ReasonBadResponse):
		return "the answer is not the JSON that the platform documents: is the URL right, and does a proxy or a login page of the network answer in its place?"
	}
	return ""
}
