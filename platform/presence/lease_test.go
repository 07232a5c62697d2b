package presence

import (
	"testing"
	"time"
)

func TestLease(t *testing.T) {
	now := time.Now()
	l := leaseFor(now, 10*time.Second)
	for _, test := range []struct {
		at   time.Time
		want bool
	}{
		{now, true},
		{now.Add(9 * time.Second), true},
		{now.Add(10 * time.Second), false},
		{now.Round(0).Add(time.Minute), false}, // by the wall clock alone, as after a suspended machine
	} {
		if got := l.valid(test.at); got != test.want {
			t.Errorf("valid(%v later) = %v, want %v", test.at.Sub(now), got, test.want)
		}
	}
	if (lease{}).valid(now) {
		t.Error("the zero lease is valid")
	}
}
