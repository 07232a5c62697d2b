package webhook

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// watched is the content of a key file. The file is read again at the next request once it has changed, and at every
// request while it cannot be used: then the hook admits no sender.
type watched[T any] struct {
	path  string
	parse func([]byte) (T, error)

	mu    sync.Mutex
	info  os.FileInfo // of what was read; nil = nothing yet, or nothing that can be relied on
	value T
}

const (
	// maxKeyFile is the largest key file, in bytes.
	maxKeyFile = 64 << 10
	// settled is how old a change must be before a file that looks the same is the same: file systems keep times
	// coarsely, and two changes within one tick may have the same size.
	settled = 2 * time.Second
)

// read returns the content of the file as it is now. The error names the file, never its content.
func (w *watched[T]) read() (T, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	info, err := os.Stat(w.path)
	if err == nil && w.info != nil && os.SameFile(w.info, info) && w.info.ModTime().Equal(info.ModTime()) && w.info.Size() == info.Size() {
		return w.value, nil
	}
	w.info = nil
	var zero T
	if err != nil {
		return zero, err
	}
	content, err := readKeyFile(w.path)
	if err != nil {
		return zero, err
	}
	value, err := w.parse(content)
	if err != nil {
		return zero, fmt.Errorf("%s: %w", w.path, err)
	}
	if w.value = value; time.Since(info.ModTime()) > settled {
		w.info = info
	}
	return value, nil
}

func readKeyFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err == nil && len(content) > maxKeyFile {
		err = fmt.Errorf("%s: larger than %d bytes", path, maxKeyFile)
	}
	return content, err
}

// verify reports whether a signature is that of a text.
type verify func(text, signature []byte) bool

// algorithms that a signature can have.
var algorithms = []string{"rsa-sha256", "ecdsa-sha256", "ed25519", "hmac-sha256"}

// keyParser returns what makes a file of an algorithm into a verify.
func keyParser(algorithm string) func([]byte) (verify, error) {
	if algorithm == "hmac-sha256" {
		return parseHMAC
	}
	return func(content []byte) (verify, error) {
		key, err := parsePublicKey(content)
		if err != nil {
			return nil, err
		}
		return verifierOf(algorithm, key)
	}
}

func verifierOf(algorithm string, key crypto.PublicKey) (verify, error) {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if algorithm != "rsa-sha256" {
			break
		}
		if key.N.BitLen() < 2048 {
			return nil, errors.New("an RSA key of less than 2048 bits")
		}
		return func(text, signature []byte) bool {
			digest := sha256.Sum256(text)
			return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) == nil
		}, nil
	case *ecdsa.PublicKey:
		if algorithm != "ecdsa-sha256" {
			break
		}
		return func(text, signature []byte) bool {
			digest := sha256.Sum256(text)
			return ecdsa.VerifyASN1(key, digest[:], signature)
		}, nil
	case ed25519.PublicKey:
		if algorithm != "ed25519" {
			break
		}
		return func(text, signature []byte) bool { return ed25519.Verify(key, text, signature) }, nil
	}
	return nil, fmt.Errorf("a key that is not for %s", algorithm)
}

// parsePublicKey reads PEM: PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE. The validity of a certificate is not looked at:
// the file is trusted because it is configured.
func parsePublicKey(content []byte) (crypto.PublicKey, error) {
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, errors.New("no PEM")
	}
	switch block.Type {
	case "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		return certificate.PublicKey, nil
	}
	return nil, errors.New("no PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE in PEM")
}

// parseHMAC takes the content as the secret, but for line ends after it.
func parseHMAC(content []byte) (verify, error) {
	for len(content) > 0 && (content[len(content)-1] == '\n' || content[len(content)-1] == '\r') {
		content = content[:len(content)-1]
	}
	if len(content) < leastSecret {
		return nil, errors.New("shorter than 16 bytes")
	}
	return func(text, signature []byte) bool {
		mac := hmac.New(sha256.New, content)
		mac.Write(text)
		return hmac.Equal(mac.Sum(nil), signature)
	}, nil
}

// Check loads the keys of the hook. The error names a file, never its content.
func (h *HookConfig) Check() error {
	_, err := newAuthenticator(h)
	return err
}
