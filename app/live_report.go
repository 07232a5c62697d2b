package app

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/prometheus/common/version"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// The results of a row.
const (
	liveOK      = "ok"
	liveFailed  = "failed"
	liveSkipped = "not checked"
)

// liveReport is what a check found out. Its JSON is an interface for other programs.
type liveReport struct {
	Version  string    `json:"version"`
	Works    bool      `json:"works"`
	Seconds  float64   `json:"seconds"`
	Calls    int       `json:"calls"`
	Rows     []liveRow `json:"rows"`
	Findings []finding `json:"findings"`
}

// liveRow is one feed of an account, or one thing that webhooks need.
type liveRow struct {
	Account    string         `json:"account"`
	Platform   string         `json:"platform,omitempty"`
	Feed       string         `json:"feed"`
	Result     string         `json:"result"` // ok, failed, not checked
	Reason     string         `json:"reason,omitempty"`
	Found      []found        `json:"found"`
	Detail     string         `json:"detail,omitempty"`
	Seconds    float64        `json:"seconds"`
	Calls      int            `json:"calls"`
	Unknowns   map[string]int `json:"unknown_values"` // by field
	Violations int            `json:"schema_violations"`
	Places     []livePlace    `json:"anomalies"` // where both are
}

// finding is something to do, or to know.
type finding struct {
	Problem bool     `json:"problem"` // something that is configured does not work
	Code    string   `json:"code"`
	Account string   `json:"account,omitempty"`
	Feeds   []string `json:"feeds"`
	Text    string   `json:"text"`
}

func newLiveReport(warnings []string) *liveReport {
	r := &liveReport{Version: version.Version, Rows: []liveRow{}, Findings: []finding{}}
	for _, warning := range warnings {
		r.find(finding{Problem: true, Code: "file", Text: warning})
	}
	return r
}

// add adds an account.
func (r *liveReport) add(k *accountCheck) {
	for _, run := range k.runs {
		row := liveRow{
			Account: k.source.Name, Platform: k.source.Platform, Feed: run.feed.Name, Result: liveOK, Found: run.found, Detail: run.detail,
			Seconds: rounded(run.took), Calls: run.calls, Unknowns: run.anomalies.Unknowns, Violations: run.anomalies.Violations,
			Places: livePlaces(run.anomalies),
		}
		switch {
		case !run.done:
			row.Result = liveSkipped
		case run.err != nil:
			row.Result, row.Reason = liveFailed, reasonOf(run.err)
		}
		r.addRow(row)
	}
	for _, f := range k.findings() {
		r.find(f)
	}
}

// reasonOf is why a run failed, in one word.
func reasonOf(err error) string {
	if text, ok := streamReasons[err]; ok {
		return text
	}
	return string(platform.ReasonOf(err))
}

var streamReasons = map[error]string{
	errEnded: "ended", errNotConnected: "timeout", errNoHeartbeat: "no_heartbeat", errSilentProbe: "no_answer",
}

func (r *liveReport) addRow(row liveRow) {
	if row.Found == nil {
		row.Found = []found{}
	}
	if row.Unknowns == nil {
		row.Unknowns = map[string]int{}
	}
	if row.Places == nil {
		row.Places = []livePlace{}
	}
	r.Calls += row.Calls
	r.Rows = append(r.Rows, row)
}

// find adds a finding. One that differs in its feed alone is added to the one before.
func (r *liveReport) find(f finding) {
	for i := range r.Findings {
		same := &r.Findings[i]
		if same.Account == f.Account && same.Code == f.Code && same.Text == f.Text {
			same.Feeds = append(same.Feeds, f.Feeds...)
			return
		}
	}
	if f.Feeds == nil {
		f.Feeds = []string{}
	}
	r.Findings = append(r.Findings, f)
}

// finish sorts problems before remarks and judges the whole.
func (r *liveReport) finish(took time.Duration) {
	slices.SortStableFunc(r.Findings, func(a, b finding) int {
		switch {
		case a.Problem == b.Problem:
			return 0
		case a.Problem:
			return -1
		}
		return 1
	})
	r.Seconds = rounded(took)
	r.Works = r.problems() == 0 && !slices.ContainsFunc(r.Rows, func(row liveRow) bool { return row.Result != liveOK })
}

func (r *liveReport) problems() (n int) {
	for _, f := range r.Findings {
		if f.Problem {
			n++
		}
	}
	return n
}

func (r *liveReport) writeJSON(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// writeText writes a table, then what to do and what to know, then a sum.
func (r *liveReport) writeText(out io.Writer) error {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ACCOUNT\tFEED\tRESULT\tFOUND\tTIME\tCALLS")
	account := ""
	for _, row := range r.Rows {
		shown := cmp.Or(row.Account, "-")
		if shown == account {
			shown = ""
		} else {
			account = shown
		}
		result := row.Result
		if row.Reason != "" {
			result += ": " + row.Reason
		}
		took := "-" // a look at files, or nothing
		if row.Seconds > 0 {
			took = short(seconds(row.Seconds))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\n", shown, row.Feed, result, row.foundText(), took, row.Calls)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	r.writeFindings(&b, true, "What does not work, and what to do")
	r.writeFindings(&b, false, "What to know")
	failed := 0
	for _, row := range r.Rows {
		if row.Result != liveOK {
			failed++
		}
	}
	sum := "everything works"
	if failed > 0 {
		sum = fmt.Sprintf("%s, %s", plural(len(r.Rows)-failed, "works", "work"), plural(failed, "does not", "do not"))
	} else if !r.Works {
		sum = "every feed works, but see above"
	}
	fmt.Fprintf(&b, "\n%s in %s with %s: %s.\n", plural(len(r.Rows), "check", "checks"), short(seconds(r.Seconds)), plural(r.Calls, "call", "calls"), sum)
	_, err := io.WriteString(out, b.String())
	return err
}

// rounded is a duration in seconds, to a tenth of a millisecond.
func rounded(d time.Duration) float64 { return math.Round(d.Seconds()*1e4) / 1e4 }

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func plural(n int, one, many string) string {
	if n == 1 {
		many = one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (row liveRow) foundText() string {
	parts := make([]string, 0, len(row.Found)+1)
	for _, f := range row.Found {
		parts = append(parts, f.String())
	}
	if row.Detail != "" {
		parts = append(parts, row.Detail)
	}
	return strings.Join(parts, ", ")
}

// textWidth is how wide the sentences below the table are.
const textWidth = 100

func (r *liveReport) writeFindings(b *strings.Builder, problems bool, title string) {
	for _, f := range r.Findings {
		if f.Problem != problems {
			continue
		}
		if title != "" {
			fmt.Fprintf(b, "\n%s:\n", title)
			title = ""
		}
		head := strings.TrimSpace(f.Account + " " + strings.Join(f.Feeds, ", "))
		if head != "" {
			head += ": "
		}
		b.WriteString(wrap(head+f.Text, "- ", "  ", textWidth))
	}
}

// wrap breaks a text into lines of at most width columns, if its words allow.
func wrap(text, first, rest string, width int) string {
	var b strings.Builder
	line, prefix := first, first
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == prefix:
			line += word
		case len([]rune(line))+1+len([]rune(word)) > width:
			b.WriteString(line + "\n")
			line, prefix = rest+word, rest
		default:
			line += " " + word
		}
	}
	return b.String() + line + "\n"
}
