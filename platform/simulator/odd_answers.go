// Odd answers: forms of refusals, bodies and lists that the documents allow or that were seen in the wild, ready for a test.

package simulator

import (
	"net/http"
	"strconv"
	"time"
)

// WithBOM is a Fault.Rewrite that puts a UTF-8 byte order mark before the body.
func WithBOM(body []byte) []byte { return append([]byte("\xef\xbb\xbf"), body...) }

// RateLimitFaults lists 429 answers by the form in which they say how long to wait. The forms down to reset ask for wait.
//
//	seconds, date, date RFC 850, date asctime   Retry-After as HTTP allows it
//	fraction                                    seconds with a decimal point, which HTTP does not allow
//	message                                     only the text of the body says it, as Genesys Cloud did before 2021
//	reset                                       only inin-ratelimit-reset says it
//	none, empty, negative, nonsense, past       nothing usable: the client has to choose
//	huge                                        a year: the client has to limit it
func RateLimitFaults(wait time.Duration, now time.Time) map[string]Fault {
	seconds := strconv.Itoa(int(wait.Seconds()))
	at := now.Add(wait).UTC()
	fault := func(header, value string) Fault {
		return Fault{Status: http.StatusTooManyRequests, Code: "too.many.requests", Header: http.Header{header: {value}}}
	}
	retry := func(value string) Fault { return fault("Retry-After", value) }
	return map[string]Fault{
		"seconds":      retry(seconds),
		"date":         retry(at.Format(http.TimeFormat)),
		"date RFC 850": retry(at.Format("Monday, 02-Jan-06 15:04:05 GMT")),
		"date asctime": retry(at.Format(time.ANSIC)),
		"fraction":     retry(strconv.FormatFloat(wait.Seconds(), 'f', 1, 64)),
		"message": {
			Status: http.StatusTooManyRequests,
			Body: `{"message":"Rate limit exceeded the maximum. Retry the request in [` + seconds + `] seconds",` +
				`"code":"too.many.requests.retry.after","status":429,"details":[],"errors":[]}`,
		},
		"reset":    fault("Inin-Ratelimit-Reset", seconds),
		"none":     {Status: http.StatusTooManyRequests, Code: "too.many.requests"},
		"empty":    retry(""),
		"negative": retry("-5"),
		"nonsense": retry("soon"),
		"past":     retry(now.Add(-time.Hour).UTC().Format(http.TimeFormat)),
		"huge":     retry(strconv.Itoa(365 * 24 * 3600)),
	}
}

// ListShape is how the CXone tenant forms its lists. The zero value is the usual form.
type ListShape struct {
	PageLimit int  // rows of a page at most, whatever top asks for; 0 = no limit
	NoTotal   bool // totalRecords is left out: only _links.next shows that there is more
	NoLinks   bool // _links is left out
	Empty     bool // there are no rows
	Null      bool // a list without rows is null instead of []
}

// ShapeLists makes the tenant form its lists as a ListShape says, from the next request on.
func (w *World) ShapeLists(shape ListShape) { w.tenant.shape.Store(&shape) }

// OddAgents are agents of a Genesys org in combinations that the usual day does not show. They are counted instead of
// agents in usual ones, as far as there are enough of those.
type OddAgents struct {
	InteractingOnBreak    int // routing status INTERACTING, presence BREAK
	CommunicatingOffQueue int // routing status COMMUNICATING, not on queue by presence
	UnknownRouting        int // routing status UNKNOWN, on queue by presence
}

// SetOddAgents changes the agents that analytics/agents/status/counts of a Genesys site counts. It reports whether the site
// is a Genesys org.
func (w *World) SetOddAgents(name string, odd OddAgents) bool {
	for _, o := range w.orgs {
		if o.name == name {
			o.odd.Store(&odd)
			return true
		}
	}
	return false
}

// move takes up to n from one count and gives them to another.
func move(from, to *int, n int) {
	n = max(0, min(n, *from))
	*from -= n
	*to += n
}
