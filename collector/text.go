package collector

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
)

// Handler serves pages. Most scrapers ask for a text format, plain or gzipped: they get what did not change since the
// last scrape as it was written then. Every other scraper is served by promhttp, which writes the page anew.
type Handler struct {
	// Self gathers families that no account has.
	Self prometheus.Gatherer

	writers sync.Pool // *gzip.Writer
}

// text is a chunk in a text format.
type text struct {
	format  expfmt.Format
	about   []byte // the lines about the family
	samples []byte
}

// Serve answers a request with a page of accounts. One account that fails hides no other; what failed is logged.
func (h *Handler) Serve(w http.ResponseWriter, r *http.Request, accounts *Collector, log promhttp.Logger) {
	format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	encoding := strings.Join(r.Header.Values("Accept-Encoding"), ",")
	ofText := format.FormatType() == expfmt.TypeTextPlain || format.FormatType() == expfmt.TypeOpenMetrics
	if !ofText || encoding != "" && encoding != "gzip" {
		promhttp.HandlerFor(Join(h.Self, accounts), promhttp.HandlerOpts{
			EnableOpenMetrics: true, ErrorHandling: promhttp.ContinueOnError, ErrorLog: log,
		}).ServeHTTP(w, r)
		return
	}
	self, failed := Join(h.Self).Gather()
	all, err := accounts.page(func(chunks []*chunk) error { // every account at once
		var errs []error
		var scratch bytes.Buffer
		for _, c := range chunks {
			if _, err := c.in(format, &scratch); err != nil {
				errs = append(errs, err)
			}
		}
		return errors.Join(errs...)
	})
	if err := errors.Join(failed, err); err != nil {
		log.Println("error gathering metrics:", err)
	}
	header := w.Header()
	header.Set("Content-Type", string(format))
	header["Vary"] = append(header["Vary"], "Accept", "Accept-Encoding")
	var to io.Writer = w
	if encoding == "gzip" {
		header.Set("Content-Encoding", "gzip")
		zipped, ok := h.writers.Get().(*gzip.Writer)
		if !ok {
			zipped = gzip.NewWriter(nil)
		}
		defer h.writers.Put(zipped)
		zipped.Reset(w)
		defer zipped.Close()
		to = zipped
	}
	if err := send(to, format, self, all); err != nil {
		log.Println("error encoding and sending metric family:", err)
	}
	for _, chunks := range all {
		for _, c := range chunks {
			c.release()
		}
	}
}

// send writes families and a page in the order of their names.
func send(to io.Writer, format expfmt.Format, families []*dto.MetricFamily, all page) error {
	out := bufio.NewWriterSize(to, 32<<10)
	encoder := expfmt.NewEncoder(out, format)
	var errs []error
	sendFamilies := func(before func(name string) bool) {
		for len(families) > 0 && before(families[0].GetName()) {
			errs = append(errs, encoder.Encode(families[0]))
			families = families[1:]
		}
	}
	for _, name := range all.names() {
		sendFamilies(func(other string) bool { return other < name })
		for i, c := range all[name] {
			sent, _ := c.in(format, new(bytes.Buffer)) // an error was logged when the page was gathered
			if i == 0 {
				_, _ = out.Write(sent.about) // the error comes again with Flush
			}
			_, _ = out.Write(sent.samples)
		}
	}
	sendFamilies(func(string) bool { return true })
	if closer, ok := encoder.(expfmt.Closer); ok {
		errs = append(errs, closer.Close())
	}
	return errors.Join(append(errs, out.Flush())...)
}

// in returns the chunk in a text format: as it was sent last, if that was the format. With an error nothing of it is sent: a
// family that breaks off would spoil the page. It may overwrite scratch.
func (c *chunk) in(format expfmt.Format, scratch *bytes.Buffer) (*text, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sent != nil && c.sent.format == format {
		return c.sent, nil
	}
	scratch.Reset()
	err := guard.Func(func() error {
		if c.metrics == nil {
			c.metrics = c.render()
		}
		return expfmt.NewEncoder(scratch, format).Encode(familyOf(c.family, c.metrics))
	})()
	if err != nil {
		return &text{format: format}, err
	}
	all := bytes.Clone(scratch.Bytes())
	about := 0
	for about < len(all) && all[about] == '#' { // no sample begins like that
		about += bytes.IndexByte(all[about:], '\n') + 1
	}
	c.sent, c.metrics = &text{format, all[:about], all[about:]}, nil
	return c.sent, nil
}

// release forgets what was sent for the first time: much of it is replaced before the next scrape.
func (c *chunk) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.again {
		c.sent, c.again = nil, true
	}
}
