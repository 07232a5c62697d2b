package settings

import (
	"errors"
	"math"
	"testing"
)

func TestRateLimit(t *testing.T) {
	for _, test := range []struct {
		limit   RateLimit
		vendors float64
		want    string
	}{
		{RateLimit{240, 30}, 300, ""},
		{RateLimit{300, 1}, 300, ""},
		{RateLimit{9999, 1}, 0, ""},
		{RateLimit{301, 0}, 300, "requests_per_minute: 301 is above the platform's limit of 300\nburst: 0 is not positive"},
		{RateLimit{0, 1}, 0, "requests_per_minute: 0 is not positive"},
		{RateLimit{math.NaN(), 1}, 300, "requests_per_minute: NaN is not positive"},
	} {
		got := ""
		if err := errors.Join(test.limit.Validate(test.vendors)...); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%+v: problems = %q, want %q", test.limit, got, test.want)
		}
	}
}
