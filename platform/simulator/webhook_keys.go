// The keys of the webhooks: made anew for each demo, so that none is in the program.

package simulator

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"net/http"
	"os"
	"path/filepath"
)

// GatewaySubject is the common name of the certificate that the tenant presents.
const GatewaySubject = "monitoring-gateway.simulated-tenant"

// WebhookKeys are those that subscriber and tenant share, in files for the receiver.
type WebhookKeys struct {
	PublicKeyFile         string // of Signer
	CAFile                string // of both certificates
	ServerFile, ServerKey string // for 127.0.0.1
	Signer                crypto.Signer
	clientCertificate     tls.Certificate
	certificates          *x509.CertPool
}

// NewWebhookKeys makes keys and certificates that are valid for certificateLife and writes the receiver's into a directory.
func NewWebhookKeys(dir string) (*WebhookKeys, error) {
	signer, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	k := &WebhookKeys{
		PublicKeyFile: filepath.Join(dir, "gateway.pub"), CAFile: filepath.Join(dir, "ca.crt"),
		ServerFile: filepath.Join(dir, "server.crt"), ServerKey: filepath.Join(dir, "server.key"),
		Signer: signer, certificates: x509.NewCertPool(),
	}
	authority, err := newAuthority("simulated subscriber")
	if err != nil {
		return nil, err
	}
	server, err := issue(authority, &x509.Certificate{
		Subject: pkix.Name{CommonName: "127.0.0.1"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	if err != nil {
		return nil, err
	}
	client, err := issue(authority, &x509.Certificate{
		Subject: pkix.Name{CommonName: GatewaySubject}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return nil, err
	}
	k.certificates.AddCert(authority.Leaf)
	k.clientCertificate = *client
	public, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(server.PrivateKey)
	if err != nil {
		return nil, err
	}
	for _, f := range []struct {
		path, kind string
		der        []byte
	}{
		{k.PublicKeyFile, "PUBLIC KEY", public},
		{k.CAFile, "CERTIFICATE", authority.Certificate[0]},
		{k.ServerFile, "CERTIFICATE", server.Certificate[0]},
		{k.ServerKey, "PRIVATE KEY", private},
	} {
		if err := os.WriteFile(f.path, pem.EncodeToMemory(&pem.Block{Type: f.kind, Bytes: f.der}), 0o600); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// Client trusts the receiver and presents the tenant's certificate, if it shall.
func (k *WebhookKeys) Client(present bool) *http.Client {
	config := &tls.Config{RootCAs: k.certificates, MinVersion: tls.VersionTLS12}
	if present {
		config.Certificates = []tls.Certificate{k.clientCertificate}
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}}
}
