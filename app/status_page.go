package app

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

//go:embed status_page.html
var statusPage string

// most is how many rows a table of the page shows, accounts aside; /api/status has them all.
const most = 100

// longSilence is how old the last scrape may be before the page says so.
const longSilence = 2 * time.Minute

// statusView is the status as the page shows it.
type statusView struct {
	*status
	Metrics string // the path of the metrics, relative to the page
}

// servePage serves the status as HTML. It needs no script and loads nothing.
func (a *app) servePage(telemetryPath string, world *simulator.World) http.HandlerFunc {
	page := newStatusPage()
	return a.serveStatusAs("text/html; charset=utf-8", world, func(w io.Writer, s *status) error {
		return page.Execute(w, statusView{s, strings.TrimPrefix(telemetryPath, "/")})
	})
}

// newStatusPage parses the template, which executes a statusView.
func newStatusPage() *template.Template {
	return template.Must(template.New("page").Funcs(pageFuncs()).Parse(statusPage))
}

// serveStatus serves the status as JSON.
func (a *app) serveStatus(world *simulator.World) http.HandlerFunc {
	return a.serveStatusAs("application/json", world, func(w io.Writer, s *status) error { return json.NewEncoder(w).Encode(s) })
}

// serveStatusAs serves the status of the accounts that the query names, or of all, as write writes it.
func (a *app) serveStatusAs(contentType string, world *simulator.World, write func(io.Writer, *status) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		asked, err := query(r, "account")
		if err != nil {
			say(w, http.StatusBadRequest, err.Error())
			return
		}
		s, known := a.status(world, asked["account"])
		if !known {
			say(w, http.StatusNotFound, "unknown account")
			return
		}
		var body bytes.Buffer
		if err := write(&body, s); err != nil {
			a.log.Error("status not rendered", "err", err)
			say(w, http.StatusInternalServerError, "the status cannot be written")
			return
		}
		protect(w.Header(), contentType)
		_, _ = w.Write(body.Bytes())
	}
}

// protect lets a browser run and load nothing, keep nothing and be framed by nothing.
func protect(h http.Header, contentType string) {
	h.Set("Content-Type", contentType)
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // no-referrer would make the origin of the form null, which is refused
	h.Set("Cache-Control", "no-store")
}

// backToPage answers a form of the page with the page, and anything else with a text.
func backToPage(w http.ResponseWriter, r *http.Request, text string) {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		say(w, http.StatusOK, text)
		return
	}
	w.Header().Set("Location", "../") // relative to the browser's address, which may have a prefix
	w.WriteHeader(http.StatusSeeOther)
}

// pageFuncs are what the page's template calls.
func pageFuncs() template.FuncMap {
	scaled := func(format string, factor float64) func(*float64) string {
		return func(v *float64) string {
			if v == nil {
				return "–"
			}
			return fmt.Sprintf(format, *v*factor)
		}
	}
	return template.FuncMap{
		"clock":        func(t time.Time) string { return t.UTC().Format(time.TimeOnly) },
		"milliseconds": scaled("%.1f ms", 1000),
		"seconds":      scaled("%.1f s", 1),
		"percent":      scaled("%.0f %%", 100),
		"number": func(n any) any {
			v := reflect.ValueOf(n)
			switch {
			case v.Kind() != reflect.Pointer:
			case v.IsNil():
				return "–"
			default:
				v = v.Elem()
			}
			if v.CanFloat() { // without an exponent
				return strconv.FormatFloat(v.Float(), 'f', -1, 64)
			}
			return v.Interface()
		},
		"first": func(rows any) any {
			v := reflect.ValueOf(rows)
			return v.Slice(0, min(v.Len(), most)).Interface()
		},
		"more": func(rows any) int { return max(0, reflect.ValueOf(rows).Len()-most) },
	}
}

// Worst is the worst status of any plane, unknown when nothing is known.
func (s *status) Worst() string {
	worst := level(platform.Unknown)
	for i := range s.Accounts {
		worst = max(worst, s.Accounts[i].worst())
	}
	return worst.String()
}

// Headline says in a few words how things are.
func (s *status) Headline() string {
	switch {
	case !s.Configured:
		return "No configuration is applied yet"
	case len(s.Accounts) == 0:
		return "No account is configured"
	}
	names := map[level][]string{}
	for i := range s.Accounts {
		worst := s.Accounts[i].worst()
		names[worst] = append(names[worst], visible(s.Accounts[i].Account))
	}
	var parts []string
	for _, l := range []level{level(platform.Critical), level(platform.Degraded), level(platform.Unknown), level(platform.Operational)} {
		const few = 3 // accounts that are named
		switch n := len(names[l]); {
		case n == len(s.Accounts) && n > 1:
			return fmt.Sprintf("All %d accounts are %s", n, l)
		case n == 1:
			parts = append(parts, names[l][0]+" is "+l.String())
		case n > few:
			parts = append(parts, fmt.Sprintf("%d accounts are %s", n, l))
		case n > 1:
			parts = append(parts, strings.Join(names[l][:n-1], ", ")+" and "+names[l][n-1]+" are "+l.String())
		}
	}
	return strings.Join(parts, ", ")
}

// visible leaves out the characters of a name that show nothing but may turn what follows around.
func visible(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf) {
			return -1
		}
		return r
	}, name)
}

// Notes are what to know before trusting the page.
func (s *status) Notes() (notes []string) {
	switch {
	case !s.Configured:
		notes = append(notes, "The exporter has started and waits for its configuration.")
	case !s.LastScrape.IsZero() && s.Time.Sub(s.LastScrape) > longSilence:
		notes = append(notes, "The last scrape came "+spell(s.Time.Sub(s.LastScrape))+" ago: what stands here may be as old, and what is too old is left out.")
	}
	if n := s.unread(); n > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d accounts were not asked yet: only a scrape asks a platform, this page never does. "+
			"Let Prometheus scrape the metrics, or open them once.", n, len(s.Accounts)))
	}
	return notes
}

// unread counts the accounts of which no poll has begun.
func (s *status) unread() (n int) {
	for i := range s.Accounts {
		if s.Accounts[i].LastPoll.IsZero() {
			n++
		}
	}
	return n
}

// moment is a time as seen from the page's.
type moment struct {
	at  time.Time
	now time.Time
}

// At returns a time for the template "ago", nil for the zero time.
func (s *status) At(t time.Time) *moment {
	if t.IsZero() {
		return nil
	}
	return &moment{t, s.Time}
}

// Stamp is the time itself.
func (m *moment) Stamp() string { return m.at.UTC().Format(time.RFC3339) }

// Ago is how long ago it is.
func (m *moment) Ago() string { return spell(m.now.Sub(m.at)) }

// Span is how long ago, or how far ahead, a time is.
func (s *status) Span(t time.Time) string { return spell(t.Sub(s.Time).Abs()) }

// Due says when something is due.
func (s *status) Due(t time.Time) string {
	switch {
	case t.IsZero():
		return "–"
	case !t.After(s.Time):
		return "at the next scrape"
	}
	return "in " + s.Span(t)
}

// Until says how long something holds.
func (s *status) Until(t time.Time) string {
	switch {
	case t.IsZero():
		return "–"
	case !t.After(s.Time):
		return "expired"
	}
	return s.Span(t)
}

// spell writes a duration in its two largest units, for people.
func spell(d time.Duration) string {
	d = max(0, d).Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%d d %d h", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
}
