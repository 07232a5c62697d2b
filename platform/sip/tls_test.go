package sip

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// authority signs certificates for tests.
type authority struct {
	tb          testing.TB
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	file        string
}

func newAuthority(tb testing.TB) authority {
	a := authority{tb: tb}
	a.certificate = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test CA"}, NotBefore: time.Now().Add(-48 * time.Hour),
		NotAfter: time.Now().Add(1000 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	var der []byte
	der, a.key = a.sign(a.certificate)
	a.file, _ = a.write("ca.pem", "ca.key", der, a.key)
	return a
}

// pem is the content of the authority's file.
func (a authority) pem() string {
	a.tb.Helper()
	content, err := os.ReadFile(a.file)
	if err != nil {
		a.tb.Fatal(err)
	}
	return string(content)
}

// sign makes a key and a certificate for it; the authority's own is signed by itself.
func (a authority) sign(template *x509.Certificate) ([]byte, *ecdsa.PrivateKey) {
	a.tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.tb.Fatal(err)
	}
	signer := a.key
	if signer == nil {
		signer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, signer)
	if err != nil {
		a.tb.Fatal(err)
	}
	return der, key
}

func (a authority) write(certName, keyName string, der []byte, key *ecdsa.PrivateKey) (certFile, keyFile string) {
	a.tb.Helper()
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		a.tb.Fatal(err)
	}
	folder := a.tb.TempDir()
	certFile, keyFile = filepath.Join(folder, certName), filepath.Join(folder, keyName)
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "EC PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			a.tb.Fatal(err)
		}
	}
	return certFile, keyFile
}

// issue writes a certificate for 127.0.0.1 and sbc.test that ends at expiry.
func (a authority) issue(expiry time.Time) (certFile, keyFile string) {
	a.tb.Helper()
	der, key := a.sign(&x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "sbc.test"}, DNSNames: []string{"sbc.test"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: expiry,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
	return a.write("cert.pem", "key.pem", der, key)
}

func load(tb testing.TB, certFile, keyFile string) tls.Certificate {
	tb.Helper()
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		tb.Fatal(err)
	}
	return pair
}

func TestTLS(t *testing.T) {
	ca := newAuthority(t)
	good, past := time.Now().Add(72*time.Hour).Truncate(time.Second), time.Now().Add(-time.Hour).Truncate(time.Second)
	certFile, keyFile := ca.issue(good)
	plain := &tls.Config{Certificates: []tls.Certificate{load(t, certFile, keyFile)}}
	expired := &tls.Config{Certificates: []tls.Certificate{load(ca.issueAt(past))}}
	strict := plain.Clone()
	strict.ClientAuth, strict.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	strict.ClientCAs.AddCert(parsed(t, ca.file))
	old := plain.Clone()
	old.MaxVersion = tls.VersionTLS12

	verified := outcome{Success: true, Code: 200, Requests: 5, Answers: 5, Phases: "resolve connect tls response"}
	refused := outcome{Loss: -1, Phases: "resolve connect tls"}
	for name, tc := range map[string]struct {
		server *tls.Config
		client TLSConfig
		want   outcome
		expiry time.Time
		err    string
	}{
		"trusted":            {plain, TLSConfig{CAFile: ca.file}, verified, good, ""},
		"inline authority":   {plain, TLSConfig{CA: ca.pem()}, verified, good, ""},
		"by another name":    {plain, TLSConfig{CAFile: ca.file, ServerName: "sbc.test"}, verified, good, ""},
		"wrong name":         {plain, TLSConfig{CAFile: ca.file, ServerName: "other.test"}, refused, good, "tls: "},
		"unknown authority":  {plain, TLSConfig{}, refused, good, "tls: "},
		"not checked":        {expired, TLSConfig{Insecure: true}, verified, past, ""},
		"expired":            {expired, TLSConfig{CAFile: ca.file}, refused, past, "expired"},
		"client certificate": {strict, TLSConfig{CAFile: ca.file, CertFile: certFile, KeyFile: keyFile}, verified, good, ""},
		"too old":            {old, TLSConfig{CAFile: ca.file, MinVersion: tls.VersionTLS13}, refused, time.Time{}, "tls: "},
		"no such file":       {plain, TLSConfig{CAFile: filepath.Join(t.TempDir(), "none")}, refused, time.Time{}, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := overStream(t, tc.server, always(200))
			tgt := target("sips:" + p.address)
			tgt.Timeout = DefaultTarget.Timeout
			tgt.TLS = tc.client
			r := probe(t, tgt)
			if diff := cmp.Diff(tc.want, outcomeOf(r)); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if !r.Expiry.Equal(tc.expiry) || !r.ShownExpiry.Equal(tc.expiry) {
				t.Errorf("expiry = %v, of what was shown %v, want %v", r.Expiry, r.ShownExpiry, tc.expiry)
			}
			if (r.Err == nil) != (tc.err == "") || r.Err != nil && !strings.Contains(r.Err.Error(), tc.err) {
				t.Errorf("error = %v, want %q in it", r.Err, tc.err)
			}
		})
	}
}

// TestExtraCertificate: a certificate that no verified chain needs does not end the chain.
func TestExtraCertificate(t *testing.T) {
	ca := newAuthority(t)
	good, past := time.Now().Add(72*time.Hour).Truncate(time.Second), time.Now().Add(-time.Hour).Truncate(time.Second)
	shown := load(ca.issueAt(good))
	shown.Certificate = append(shown.Certificate, load(ca.issueAt(past)).Certificate...)
	server := &tls.Config{Certificates: []tls.Certificate{shown}}
	for name, tc := range map[string]struct {
		client TLSConfig
		expiry time.Time
	}{
		"verified":  {TLSConfig{CAFile: ca.file}, good},
		"unchecked": {TLSConfig{Insecure: true}, past},
	} {
		p := overStream(t, server, always(200))
		tgt := target("sips:" + p.address)
		tgt.Timeout, tgt.TLS = DefaultTarget.Timeout, tc.client
		r := probe(t, tgt)
		if !r.Success || !r.Expiry.Equal(tc.expiry) || !r.ShownExpiry.Equal(past) {
			t.Errorf("%s: success, expiry, of what was shown = %v, %v, %v, want true, %v, %v", name, r.Success, r.Expiry, r.ShownExpiry, tc.expiry, past)
		}
	}
}

// issueAt is issue, for a certificate that is only loaded.
func (a authority) issueAt(expiry time.Time) (testing.TB, string, string) {
	certFile, keyFile := a.issue(expiry)
	return a.tb, certFile, keyFile
}

func parsed(tb testing.TB, file string) *x509.Certificate {
	tb.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	block, _ := pem.Decode(content)
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// TestClientCertificateMissing: TLS 1.3 refuses the client after its handshake, TLS 1.2 during it. Neither is a success.
func TestClientCertificateMissing(t *testing.T) {
	ca := newAuthority(t)
	server := &tls.Config{Certificates: []tls.Certificate{load(ca.issueAt(time.Now().Add(time.Hour)))}, ClientAuth: tls.RequireAnyClientCert}
	p := overStream(t, server, always(200))
	tgt := target("sips:" + p.address)
	tgt.TLS = TLSConfig{CAFile: ca.file}
	if r := probe(t, tgt); r.Success || r.Answered != 0 || r.Err == nil {
		t.Errorf("result = %+v, want no success and the reason", r)
	}
}
