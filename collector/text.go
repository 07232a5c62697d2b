package collector

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// Handler serves pages. Most scrapers ask for a text format, plain or gzipped, and get it as it is rendered, family by family.
// Every other scraper is served by promhttp.
type Handler struct {
	// Self gathers families that no account has.
	Self prometheus.Gatherer

	spare atomic.Pointer[sender] // from the scrape before; nil = in use
}

// Serve answers a request with a page of the accounts that refresh returns. What is about the program itself is gathered while
// the accounts are refreshed. One account that fails hides no other; what failed is logged.
func (h *Handler) Serve(w http.ResponseWriter, r *http.Request, refresh func() *Collector, log promhttp.Logger) {
	format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	encoding := strings.Join(r.Header.Values("Accept-Encoding"), ",")
	ofText := format.FormatType() == expfmt.TypeTextPlain || format.FormatType() == expfmt.TypeOpenMetrics
	if !ofText || encoding != "" && encoding != "gzip" {
		promhttp.HandlerFor(Join(h.Self, refresh()), promhttp.HandlerOpts{
			EnableOpenMetrics: true, ErrorHandling: promhttp.ContinueOnError, ErrorLog: log,
		}).ServeHTTP(w, r)
		return
	}
	var self []*dto.MetricFamily
	var failed error
	var gathering sync.WaitGroup
	gathering.Go(func() { self, failed = Join(h.Self).Gather() })
	all, err := refresh().page()
	gathering.Wait()
	if err := errors.Join(failed, err); err != nil {
		log.Println("error gathering metrics:", err)
	}
	header := w.Header()
	header.Set("Content-Type", string(format))
	header["Vary"] = append(header["Vary"], "Accept", "Accept-Encoding")
	out := h.spare.Swap(nil)
	if out == nil {
		out = newSender()
	}
	defer h.spare.Store(out)
	var to io.Writer = w
	if encoding == "gzip" {
		header.Set("Content-Encoding", "gzip")
		out.zipped.Reset(w)
		defer out.zipped.Close()
		to = out.zipped
	}
	if err := out.send(to, format, self, all); err != nil {
		log.Println("error encoding and sending metric family:", err)
	}
}

// sender sends pages, one after the other.
type sender struct {
	zipped *gzip.Writer
	out    *bufio.Writer
	texts  map[familyFormat]*familyText
	memory scratch
	lines  []byte // of a chunk
}

func newSender() *sender {
	zipped, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // an error is of another level
	return &sender{zipped: zipped, out: bufio.NewWriterSize(nil, 32<<10), texts: map[familyFormat]*familyText{}}
}

// send writes families and a page in the order of their names. With an error it writes everything else.
func (s *sender) send(to io.Writer, format expfmt.Format, families []*dto.MetricFamily, all page) error {
	s.out.Reset(to)
	encoder := expfmt.NewEncoder(s.out, format)
	var errs []error
	sendFamilies := func(before func(name string) bool) {
		for len(families) > 0 && before(families[0].GetName()) {
			errs = append(errs, encoder.Encode(families[0]))
			families = families[1:]
		}
	}
	for _, name := range all.names() {
		sendFamilies(func(other string) bool { return other < name })
		errs = append(errs, s.sendChunks(format, all[name]))
	}
	sendFamilies(func(string) bool { return true })
	if closer, ok := encoder.(expfmt.Closer); ok {
		errs = append(errs, closer.Close())
	}
	return errors.Join(append(errs, s.out.Flush())...)
}

// sendChunks writes the chunks of one family. One that cannot be rendered is left out whole: a family that breaks off would
// spoil the page.
func (s *sender) sendChunks(format expfmt.Format, chunks []chunk) error {
	of := familyFormat{chunks[0].Family, format}
	text := s.texts[of]
	if text == nil {
		text = newFamilyText(of)
		s.texts[of] = text
	}
	var errs []error
	begun := false
	for _, c := range chunks {
		lines, err := text.append(s.lines[:0], c, &s.memory)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if !begun && len(lines) > 0 {
			begun = true
			_, _ = s.out.Write(text.about) // the error comes again with Flush
		}
		_, _ = s.out.Write(lines)
		s.lines = lines
	}
	return errors.Join(errs...)
}
