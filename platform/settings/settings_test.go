package settings

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
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
		cohorts Cohorts
		want    string
	}{
		{nil, ""},
		{Cohorts{{Name: "sales"}, {Name: "service", Queues: []string{"Service *"}, Region: "eu-central-1"}}, ""},
		{Cohorts{{Name: "sales"}, {Name: " "}, {Name: "sales"}}, "cohorts[1]: empty\ncohorts[2]: \"sales\" is listed twice"},
		{
			Cohorts{{Name: "sales", Queues: []string{"a", "[z-a"}, Region: " x"}},
			"cohorts[0].queues[1]: \"[z-a\" is no pattern, expected a name with * ? [a-z]\ncohorts[0].region: \" x\" begins or ends with a blank",
		},
	} {
		if diff := cmp.Diff(test.want, lines(Account{Name: "a", Cohorts: test.cohorts}.Validate(nil))); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.cohorts, diff)
		}
	}
}

// TestCohortForms reads cohorts that are names, and such that are more, strictly; and writes them as they can be read again.
func TestCohortForms(t *testing.T) {
	const text = "- sales\n- name: service\n  queues: [Service *]\n  region: eu-central-1\n- 7\n"
	read := func(text string) (c Cohorts) {
		t.Helper()
		if err := yaml.Unmarshal([]byte(text), &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	want := Cohorts{{Name: "sales"}, {Name: "service", Queues: []string{"Service *"}, Region: "eu-central-1"}, {Name: "7"}}
	if diff := cmp.Diff(want, read(text)); diff != "" {
		t.Errorf("cohorts (-want +got):\n%s", diff)
	}
	written, err := yaml.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, read(string(written))); diff != "" {
		t.Errorf("written and read again (-want +got):\n%s", diff)
	}
	for text, wrong := range map[string]string{
		"cohorts: [{name: a, queue: b}]":  "cohorts[0].queue: unknown key (line 1)",
		"cohorts: [[a]]":                  "cohorts[0]: found a list, expected a mapping (line 1)",
		"cohorts: [{name: a, queues: b}]": "cohorts[0].queues: found text, expected a list (line 1)",
	} {
		mapping, err := ReadMapping([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		problems := Prune(mapping, reflect.TypeFor[Account](), "")
		if len(problems) != 1 || problems[0].Error() != wrong {
			t.Errorf("%s = %v, want %s", text, problems, wrong)
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

// TestHealthOff refuses an account without the feed that gives both planes a status.
func TestHealthOff(t *testing.T) {
	for _, test := range []struct {
		health time.Duration
		want   string
	}{
		{0, "[feeds.health: off would leave both planes without a status]"},
		{time.Minute, "[]"},
	} {
		problems := Account{Name: "us"}.Validate(map[string]time.Duration{"health": test.health, "agents": 0})
		if got := fmt.Sprint(problems); got != test.want {
			t.Errorf("health every %v: Validate = %s, want %s", test.health, got, test.want)
		}
	}
}

func TestAccountLogWarnings(t *testing.T) {
	var log bytes.Buffer
	Account{Queues: QueueFilter{Include: []string{"[DE] *", "Sales"}}}.LogWarnings(slog.New(slog.NewTextHandler(&log, nil)))
	want := `level=WARN msg="a queue pattern may not be meant so" pattern="queues.include[0]: \"[DE] *\": brackets without a range such as [a-z] stand for themselves: [DE]"`
	if _, got, _ := strings.Cut(strings.TrimSpace(log.String()), " "); got != want {
		t.Errorf("log = %s, want %s", got, want)
	}
}
