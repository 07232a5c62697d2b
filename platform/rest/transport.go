package rest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/common/version"
)

// pool makes a pool of connections.
func (h HTTPConfig) pool(c *tls.Config) http.RoundTripper {
	proxy := fromEnvironment(http.ProxyFromEnvironment)
	if h.ProxyURL.URL != nil {
		proxy = http.ProxyURL(h.ProxyURL.URL)
	}
	return &firstAlone{hosts: map[string]*underWay{}, Transport: &http.Transport{
		Proxy:                 proxy,
		TLSClientConfig:       c,
		TLSHandshakeTimeout:   10 * time.Second,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   8 * poolAccounts,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
		// A head fits in; what is longer goes past them. Each connection has both, used or idle.
		ReadBufferSize:  2 << 10,
		WriteBufferSize: 2 << 10,
		// A connection that a firewall forgot is noticed within 20 s instead of failing one request after another.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
	}}
}

// fromEnvironment keeps the proxy's URL, which may hold a password, out of the errors about it.
func fromEnvironment(proxy func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		u, err := proxy(r)
		if err != nil {
			return nil, errors.New("HTTPS_PROXY or HTTP_PROXY is no URL of a proxy")
		}
		return u, nil
	}
}

// newHTTPClient returns a client that sends through next. Timeouts come with each request's context.
func newHTTPClient(next http.RoundTripper, maxBody int64) *http.Client {
	return &http.Client{
		Transport:     &traveller{next: next, maxBody: maxBody},
		CheckRedirect: sameHost,
	}
}

// sameHost follows redirects to the same scheme and host only, so that the token and the secrets of a login go nowhere
// else.
func sameHost(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	if len(via) >= 5 || next.URL.Scheme != first.Scheme || next.URL.Host != first.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

// traveller adds the headers that every request has and limits every answer.
type traveller struct {
	next    http.RoundTripper
	maxBody int64
}

// RoundTrip sends a copy of the request with the headers added.
func (t *traveller) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", "ccaas_exporter/"+version.Version)
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", "application/json")
	}
	return observed(r, func(r *http.Request) (*http.Response, error) {
		resp, err := t.next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		resp.Body = &limitedBody{ReadCloser: resp.Body, left: t.maxBody, limit: t.maxBody}
		return resp, nil
	})
}

// CloseIdleConnections lets an http.Client reach the pool.
func (t *traveller) CloseIdleConnections() {
	closeIdle(t.next)
}

// limitError is the error of a body that is too large.
type limitError struct{ limit int64 }

func (e *limitError) Error() string {
	return fmt.Sprintf("answer is larger than max_body_bytes (%d)", e.limit)
}

// limitedBody fails with a limitError once more than limit bytes have come.
type limitedBody struct {
	io.ReadCloser
	left, limit int64
}

// Read reads at most what is left of the limit, and one byte more to see whether there is more.
func (b *limitedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, &limitError{b.limit}
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		return n - 1, &limitError{b.limit}
	}
	return n, err
}

// watchedBody remembers the read error that a decoder may hide in an error of its own. It leaves out a byte order mark
// at the beginning, which is no JSON.
type watchedBody struct {
	io.Reader
	begun bool
	err   error
}

// Read reads and remembers.
func (b *watchedBody) Read(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		body := bufio.NewReaderSize(b.Reader, 16)
		if mark, _ := body.Peek(len(utf8BOM)); bytes.Equal(mark, utf8BOM) { // an error comes again with the next Read
			_, _ = body.Discard(len(utf8BOM))
		}
		b.Reader = body
	}
	n, err := b.Reader.Read(p)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// finish reads what is left of a body, up to a limit, so that its connection can be used again, and closes it.
func finish(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 64<<10) // when it fails the connection is not used again, which is right
	_ = body.Close()
}
