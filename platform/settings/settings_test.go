package settings

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
)

// lines are the problems as a user reads them.
func lines(problems []error) string {
	if len(problems) == 0 {
		return ""
	}
	return errors.Join(problems...).Error()
}

func TestAccountCohorts(t *testing.T) {
	for _, test := range []struct {
		cohorts []string
		want    string
	}{
		{nil, ""},
		{[]string{"sales", "service"}, ""},
		{[]string{"sales", " ", "sales"}, "cohorts[1]: empty\ncohorts[2]: \"sales\" is listed twice"},
	} {
		if diff := cmp.Diff(test.want, lines(Account{Name: "a", Cohorts: test.cohorts}.Validate(nil))); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.cohorts, diff)
		}
	}
}

func TestAccountMaxAge(t *testing.T) {
	feeds := map[string]time.Duration{"health": 15 * time.Second, "calls": 0} // calls is off
	for _, test := range []struct {
		ages map[string]model.Duration
		want string
	}{
		{nil, ""},
		{map[string]model.Duration{"health": model.Duration(15 * time.Second), "calls": 1}, ""},
		{
			map[string]model.Duration{"trunks": 1, "health": model.Duration(14 * time.Second), "calls": 0},
			"max_age.calls: 0s is shorter than the feed's interval (off)\n" +
				"max_age.health: 14s is shorter than the feed's interval (15s)\nmax_age.trunks: no such feed",
		},
	} {
		if diff := cmp.Diff(test.want, lines(Account{Name: "a", MaxAge: test.ages}.Validate(feeds))); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.ages, diff)
		}
	}
}

func TestThresholds(t *testing.T) {
	bad := Thresholds{DataPlaneDegraded: 2, DataPlaneCritical: -1}
	var got []string
	for _, err := range bad.Validate() {
		got = append(got, err.Error())
	}
	want := "api_latency_degraded: 0s is not positive|data_plane_degraded: 2 is no share, expected 0 to 1|data_plane_critical: -1 is no share, expected 0 to 1"
	if strings.Join(got, "|") != want {
		t.Errorf("problems = %q, want %q", got, want)
	}
	always := DefaultThresholds
	always.DataPlaneCritical = 1
	if got, want := lines(always.Validate()), "data_plane_critical: 1 is always reached, expected less"; got != want {
		t.Errorf("problems = %q, want %q", got, want)
	}
	if problems := DefaultThresholds.Validate(); problems != nil {
		t.Errorf("problems of the defaults = %v, want none", problems)
	}
}
