package rest

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	retryAfterDefault = 15 * time.Second // pause after a 429 that does not say how long
	retryAfterLimit   = 5 * time.Minute  // longest pause that an answer can ask for
)

// retryAfter returns how long an answer asks to wait, between one second and five minutes, and whether it does. Of
// several values the longest counts. A date is compared with the answer's own Date when there is one, so that our clock
// does not need to be right.
func retryAfter(h http.Header, now time.Time) (wait time.Duration, ok bool) {
	if theirs, err := http.ParseTime(h.Get("Date")); err == nil {
		now = theirs
	}
	for _, text := range h.Values("Retry-After") {
		values := []string{text}
		if _, err := http.ParseTime(strings.TrimSpace(text)); err != nil { // else its comma belongs to the date
			values = strings.Split(text, ",")
		}
		for _, value := range values {
			if w, readable := parseRetryAfter(strings.TrimSpace(value), now); readable {
				wait, ok = max(wait, min(max(w, time.Second), retryAfterLimit)), true
			}
		}
	}
	return wait, ok
}

// number is a number with an optional unit, such as 42, 1.5, 30s, 500 ms or 2 minutes.
var number = regexp.MustCompile(`(?i)^([0-9]*\.?[0-9]+)\s*([a-z]*)$`)

var units = map[string]time.Duration{
	"": time.Second, "s": time.Second, "sec": time.Second, "secs": time.Second, "second": time.Second, "seconds": time.Second,
	"ms": time.Millisecond, "millisecond": time.Millisecond, "milliseconds": time.Millisecond,
	"m": time.Minute, "min": time.Minute, "mins": time.Minute, "minute": time.Minute, "minutes": time.Minute,
	"h": time.Hour, "hour": time.Hour, "hours": time.Hour,
}

// parseRetryAfter reads one value: seconds and the HTTP date as documented, and what else is in use.
func parseRetryAfter(text string, now time.Time) (time.Duration, bool) {
	if parts := number.FindStringSubmatch(text); parts != nil {
		n, _ := strconv.ParseFloat(parts[1], 64) // +Inf beyond all limits
		unit, known := units[strings.ToLower(parts[2])]
		return time.Duration(min(n*float64(unit), float64(retryAfterLimit))), known
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return d, true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		at, err = time.Parse(time.RFC3339, strings.ToUpper(text))
	}
	return at.Sub(now), err == nil
}
