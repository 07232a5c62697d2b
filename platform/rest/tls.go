package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"sync"

	promconfig "github.com/prometheus/common/config"
)

// Transport returns a pool of connections that are made as the settings say. Files that the settings name are read again
// when they change.
func (h HTTPConfig) Transport() (http.RoundTripper, error) {
	tlsConfig, err := promconfig.NewTLSConfig(&h.TLSConfig)
	if err != nil {
		return nil, fmt.Errorf("tls_config: %w", err)
	}
	pool := func(c *tls.Config) (http.RoundTripper, error) { return h.pool(c), nil }
	var files promconfig.TLSRoundTripperSettings
	for _, file := range []struct {
		path   string
		usable func([]byte) bool
		reader *promconfig.SecretReader
	}{
		{h.TLSConfig.CAFile, holdsCertificate, &files.CA},
		{h.TLSConfig.CertFile, holdsCertificate, &files.Cert},
		{h.TLSConfig.KeyFile, holdsPEM, &files.Key},
	} {
		if file.path != "" {
			*file.reader = &tlsFile{path: file.path, usable: file.usable}
		}
	}
	if files == (promconfig.TLSRoundTripperSettings{}) {
		return pool(tlsConfig)
	}
	return promconfig.NewTLSRoundTripper(tlsConfig, files, pool)
}

func holdsCertificate(content []byte) bool { return x509.NewCertPool().AppendCertsFromPEM(content) }

func holdsPEM(content []byte) bool {
	block, _ := pem.Decode(content)
	return block != nil
}

// tlsFile is a file that is read with each request, so that a renewed one is used without a restart. While it is missing
// or not usable, as happens when it is being replaced, its content before counts. It is a promconfig.SecretReader.
type tlsFile struct {
	path   string
	usable func([]byte) bool

	mu   sync.Mutex
	good string
}

// Fetch returns the content.
func (f *tlsFile) Fetch(context.Context) (string, error) {
	content, err := os.ReadFile(f.path)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil && string(content) != f.good && f.usable(content) {
		f.good = string(content)
	}
	if f.good == "" {
		return string(content), err
	}
	return f.good, nil
}

// Description names the file in errors.
func (f *tlsFile) Description() string { return "file " + f.path }

// Immutable reports that the content may change.
func (f *tlsFile) Immutable() bool { return false }
