package settings

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// Account is what the configuration says of an account on any platform. Vendors' configurations embed it.
type Account struct {
	Name    string  `yaml:"name"`              // label account; unique over all platforms
	Cohorts Cohorts `yaml:"cohorts,omitempty"` // groups of agents that are expected to route here
	// MaxAge is how long a snapshot is exported, by feed; the larger of 5 minutes and 2.5 intervals where none is given.
	MaxAge map[string]model.Duration `yaml:"max_age,omitempty"`
	Queues QueueFilter               `yaml:"queues,omitempty"` // those that are watched
}

// healthFeed is the feed without which no plane has a status.
const healthFeed = "health"

// Label returns the account's name: its label in every series.
func (a Account) Label() string { return a.Name }

// ExpectedCohorts returns the cohorts that are expected to route here.
func (a Account) ExpectedCohorts() Cohorts { return a.Cohorts }

// LogWarnings logs what works but may not be meant.
func (a Account) LogWarnings(log *slog.Logger) {
	for _, warning := range a.Queues.Warnings() {
		log.Warn("a queue pattern may not be meant so", "pattern", "queues."+warning)
	}
}

// MaxAges returns the configured maximum ages, by feed.
func (a Account) MaxAges() map[string]time.Duration {
	ages := make(map[string]time.Duration, len(a.MaxAge))
	for feed, age := range a.MaxAge {
		ages[feed] = time.Duration(age)
	}
	return ages
}

// Validate returns every problem, each beginning with its key. Intervals are those of all feeds that the account can have.
func (a Account) Validate(intervals map[string]time.Duration) (problems []error) {
	if strings.TrimSpace(a.Name) == "" {
		problems = append(problems, errors.New("name: missing"))
	}
	problems = append(problems, a.Cohorts.validate()...)
	for _, feed := range slices.Sorted(maps.Keys(a.MaxAge)) {
		age := a.MaxAge[feed]
		if interval, known := intervals[feed]; !known {
			problems = append(problems, fmt.Errorf("max_age.%s: no such feed", feed))
		} else if age <= 0 || time.Duration(age) < interval {
			problems = append(problems, fmt.Errorf("max_age.%s: %v is shorter than the feed's interval (%v)", feed, age, Interval(interval)))
		}
	}
	if interval, known := intervals[healthFeed]; known && interval == 0 {
		problems = append(problems, fmt.Errorf("feeds.%s: off would leave both planes without a status", healthFeed))
	}
	return append(problems, Under("queues", a.Queues.Validate())...)
}

// Under returns problems that lie below a key.
func Under(key string, problems []error) (below []error) {
	for _, err := range problems {
		below = append(below, fmt.Errorf("%s.%w", key, err))
	}
	return below
}

// Intervals returns the fields of a struct of Interval by their YAML keys: the feeds of a platform with their intervals.
func Intervals(feeds any) map[string]time.Duration {
	intervals := map[string]time.Duration{}
	for field, value := range reflect.ValueOf(feeds).Fields() {
		if interval, ok := reflect.TypeAssert[Interval](value); ok {
			key, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			intervals[key] = time.Duration(interval)
		}
	}
	return intervals
}
