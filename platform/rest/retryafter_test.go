package rest

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfterForms(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		values []string
		want   time.Duration // 0: not readable
	}{
		{[]string{"42"}, 42 * time.Second},
		{[]string{"1.5"}, 1500 * time.Millisecond},
		{[]string{".5"}, time.Second}, // the least
		{[]string{"30.0"}, 30 * time.Second},
		{[]string{"30s"}, 30 * time.Second},
		{[]string{"30 Seconds"}, 30 * time.Second},
		{[]string{"2 minutes"}, 2 * time.Minute},
		{[]string{"1500ms"}, 1500 * time.Millisecond},
		{[]string{"1m30s"}, 90 * time.Second},
		{[]string{"10, 20"}, 20 * time.Second},
		{[]string{"20", "10"}, 20 * time.Second},
		{[]string{"soon, 20"}, 20 * time.Second},
		{[]string{"2026-05-04T12:00:42Z"}, 42 * time.Second},
		{[]string{"2026-05-04t14:00:42.5+02:00"}, 42500 * time.Millisecond},
		{[]string{"Mon, 04 May 2026 12:00:42 GMT"}, 42 * time.Second},
		{[]string{"Monday, 04-May-26 12:00:42 GMT"}, 42 * time.Second},
		{[]string{"1e3"}, 0},
		{[]string{"99999999999999999999999999"}, retryAfterLimit},
		{[]string{"1 day"}, 0},
		{[]string{"-5"}, 0},
		{[]string{"NaN"}, 0},
		{[]string{"soon"}, 0},
		{[]string{""}, 0},
		{nil, 0},
	} {
		if got, ok := retryAfter(http.Header{"Retry-After": test.values}, now); got != test.want || ok != (test.want != 0) {
			t.Errorf("retryAfter(%q) = %v, %v, want %v", test.values, got, ok, test.want)
		}
	}
}

func TestRetryAfterDate(t *testing.T) {
	ours := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	date := func(d time.Duration) string { return ours.Add(d).Format(http.TimeFormat) }
	for _, test := range []struct {
		name, text, theirs string
		want               time.Duration
	}{
		{"by our clock", date(time.Minute), "", time.Minute},
		{"by theirs, an hour ahead", date(time.Hour + 20*time.Second), date(time.Hour), 20 * time.Second},
		{"past", date(-time.Minute), "", time.Second},
		{"far away", date(24 * time.Hour), "", 5 * time.Minute},
	} {
		h := http.Header{"Retry-After": {test.text}, "Date": {test.theirs}}
		if got, ok := retryAfter(h, ours); !ok || got != test.want {
			t.Errorf("%s: wait = %v, %v, want %v", test.name, got, ok, test.want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"42", "0", "-1", "9999999999999999999999", "Wed, 21 Oct 2015 07:28:00 GMT", "1.5", "", " 7 ", "soon"} {
		f.Add(seed, "Wed, 21 Oct 2015 07:27:00 GMT")
	}
	f.Fuzz(func(t *testing.T, text, date string) {
		h := http.Header{"Retry-After": {text}, "Date": {date}}
		wait, ok := retryAfter(h, time.Unix(0, 0))
		if ok && (wait < time.Second || wait > 5*time.Minute) || !ok && wait != 0 {
			t.Errorf("retryAfter(%q) = %v, %v, want 1s to 5m", text, wait, ok)
		}
	})
}
