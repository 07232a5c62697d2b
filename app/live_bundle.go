package app

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/replay"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/shape"
)

// bundle is a report that can be sent to a stranger: the shapes of all answers, without a name, number, id, host or secret.
// Accounts and what people name are numbered.
type bundle struct {
	shaper *shape.Shaper

	mu      sync.Mutex
	numbers map[string]int // of accounts, and of what people name, by kind
	calls   []replay.Call
	summary bundleReport
}

// bundleReport is what the check found, in report.json.
type bundleReport struct {
	Version  string          `json:"version"`
	Go       string          `json:"go"`
	Rows     []liveRow       `json:"rows"`
	Findings []bundleFinding `json:"findings"`
}

// bundleFinding is a finding without its text, which may name files and accounts.
type bundleFinding struct {
	Code    string   `json:"code"`
	Account string   `json:"account"`
	Feeds   []string `json:"feeds"`
}

func newBundle() *bundle {
	return &bundle{shaper: shape.New(enumWords()...), numbers: map[string]int{}}
}

// numbered replaces a name that people gave by a number after its kind. The caller holds the lock.
func (b *bundle) numbered(kind, name string) string {
	key := kind + name
	if b.numbers[key] == 0 {
		n := 1
		for other := range b.numbers {
			if strings.HasPrefix(other, kind) {
				n++
			}
		}
		b.numbers[key] = n
	}
	return fmt.Sprintf("%s%d", kind, b.numbers[key])
}

func (b *bundle) account(name string) string {
	if name == "" {
		return ""
	}
	return b.numbered("account-", name)
}

// expect numbers an account: they are numbered in the order of the configuration.
func (b *bundle) expect(account string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.account(account)
}

// feedName leaves out the part of a feed's name that people gave.
func (b *bundle) feedName(name string) string {
	kind, own, named := strings.Cut(name, "/")
	if !named {
		return name
	}
	return b.numbered(kind+"/", own)
}

// exchange adds a call.
func (b *bundle) exchange(source feed.Source, feedName string, e rest.Exchange) {
	call := replay.Call{
		Platform: source.Platform, Operation: e.Operation, Method: e.Method, Status: e.Status,
		Latency: float64(e.Latency.Microseconds()) / 1000,
	}
	b.mu.Lock()
	call.Account, call.Feed = b.account(source.Name), b.feedName(feedName)
	b.mu.Unlock()
	own := strings.Contains(feedName, "/") // an address of the customer's
	if !own && e.Operation != "" {
		call.Path, call.Query = replay.PathOf(e.URL.Path), b.query(e.URL.Query())
	}
	if call.Operation == "" {
		call.Operation = replay.Login
	}
	if e.Err != nil {
		call.Failure = string(platform.ReasonNetwork)
	} else {
		call.Headers = b.headers(e.Header)
	}
	if e.Operation != "" || e.Status >= http.StatusBadRequest { // of a login that succeeds nothing is of use
		b.body(&call, e)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, call)
}

// body adds the shape of an answer.
func (b *bundle) body(call *replay.Call, e rest.Exchange) {
	if len(e.Body) == 0 {
		return
	}
	if e.Status >= http.StatusBadRequest {
		for _, name := range permissionName.FindAllString(string(e.Body[:min(len(e.Body), 4096)]), -1) {
			if b.shaper.Name(name) == name {
				call.Needs = append(call.Needs, name)
			}
		}
	}
	if !e.Cut {
		if s, ok := b.shaper.JSON(e.Body); ok {
			call.Body = s
			return
		}
	}
	call.Other = fmt.Sprintf("no JSON, %d bytes", len(e.Body))
	if e.Cut {
		call.Other = fmt.Sprintf("more than %d bytes", len(e.Body))
	}
}

func (b *bundle) query(values url.Values) map[string]string {
	query := map[string]string{}
	for key, list := range values {
		query[key] = b.value(strings.Join(list, ","))
	}
	return query
}

var (
	smallNumber = regexp.MustCompile(`^\d{1,6}$`)
	mediaType   = regexp.MustCompile(`(?i)^(application/(problem\+)?json|application/octet-stream|text/(html|plain))(; ?charset="?(utf-8|us-ascii|iso-8859-1)"?)?$`)
)

// value is a value of a query or a header, as it may be shown.
func (b *bundle) value(text string) string {
	if smallNumber.MatchString(text) || mediaType.MatchString(text) {
		return text
	}
	return b.shaper.Name(text)
}

// shownHeaders are those that may be shown.
var shownHeaders = []string{
	"Content-Type", "Content-Encoding", "Retry-After",
}

func (b *bundle) headers(h http.Header) map[string]string {
	shown := map[string]string{}
	for _, name := range slices.Concat(shownHeaders, limitHeaders()) {
		if value := h.Get(name); value != "" {
			shown[name] = b.value(value)
		}
	}
	return shown
}

// report adds what the check found.
func (b *bundle) report(r *liveReport) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.summary = bundleReport{Version: r.Version, Go: runtime.Version(), Findings: []bundleFinding{}}
	for _, row := range r.Rows {
		row.Account, row.Feed, row.Detail = b.account(row.Account), b.feedName(row.Feed), ""
		b.summary.Rows = append(b.summary.Rows, row)
	}
	for _, f := range r.Findings {
		shown := bundleFinding{Code: f.Code, Account: b.account(f.Account), Feeds: []string{}}
		for _, name := range f.Feeds {
			shown.Feeds = append(shown.Feeds, b.feedName(name))
		}
		b.summary.Findings = append(b.summary.Findings, shown)
	}
}

// write writes the files of the bundle.
func (b *bundle) write(to io.Writer) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	zipped := gzip.NewWriter(to)
	archive := tar.NewWriter(zipped)
	add := func(name string, v any) error {
		var content strings.Builder
		enc := json.NewEncoder(&content)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		if err := enc.Encode(v); err != nil {
			return err
		}
		err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(content.Len()), ModTime: time.Unix(0, 0)})
		if err == nil {
			_, err = io.WriteString(archive, content.String())
		}
		return err
	}
	errs := []error{add("report.json", b.summary)}
	for i := range b.calls {
		errs = append(errs, add(fmt.Sprintf("calls/%04d.json", i+1), &b.calls[i]))
	}
	return errors.Join(append(errs, archive.Close(), zipped.Close())...)
}

// bundleFile is the file of a bundle while the check runs.
type bundleFile struct{ *os.File }

// createBundle makes the file before the check begins. One that is there already is left alone.
func createBundle(path string) (*bundleFile, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		return &bundleFile{file}, nil
	}
	why := "it cannot be written here"
	info, missing := os.Stat(path)
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		why = number.Error()
	}
	switch {
	case missing == nil && info.IsDir():
		why = "it is a directory, expected a file to write"
	case errors.Is(err, fs.ErrExist):
		why = "there is such a file already"
	case errors.Is(err, fs.ErrNotExist):
		why = "its directory does not exist"
	}
	return nil, fmt.Errorf("--check.bundle: %s: %s", path, why)
}

// end writes a good bundle, or removes the file.
func (f *bundleFile) end(good bool, b *bundle) error {
	var err error
	if good {
		err = b.write(f)
	}
	err = errors.Join(err, f.Close())
	if !good || err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
