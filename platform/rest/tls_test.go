package rest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// certificate makes a self-signed certificate for the loopback address, and what a CA file holds of it.
func certificate(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// secure serves with a certificate.
func secure(t *testing.T, c tls.Certificate) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{c}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

// TestRenewedCA replaces the CA file of a client and of a bare transport at work.
func TestRenewedCA(t *testing.T) {
	before, beforeCA := certificate(t)
	after, afterCA := certificate(t)
	old, renewed := secure(t, before), secure(t, after)
	file := filepath.Join(t.TempDir(), "ca.pem")
	write := func(content []byte) {
		t.Helper()
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(beforeCA)
	config := HTTPConfig{TLSConfig: promconfig.TLSConfig{CAFile: file}}
	c, err := New(Options{HTTP: config})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	transport, err := config.Transport()
	if err != nil {
		t.Fatal(err)
	}
	bare := &http.Client{Transport: transport}
	defer bare.CloseIdleConnections()
	ask := func(step, url string, want platform.Reason) {
		t.Helper()
		wantReason(t, c.Do(t.Context(), Request{Operation: step, Method: http.MethodPost, URL: url, Anonymous: true}, nil), want)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := bare.Do(request)
		if (err == nil) != (want == "") {
			t.Errorf("%s: the bare transport answers %v, want %q", step, err, want)
		}
		if err == nil {
			finish(resp.Body)
		}
	}
	ask("as started", old, "")
	ask("not renewed yet", renewed, platform.ReasonNetwork)
	write(afterCA)
	ask("renewed", renewed, "")
	ask("the old one does not count any more", old, platform.ReasonNetwork)
	write(afterCA[:40])
	ask("half written", renewed, "")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	ask("missing", renewed, "")
}
