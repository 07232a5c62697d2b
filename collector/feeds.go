package collector

import (
	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

func feeds(s *accountState) []feed.State { return s.Feeds }

// feedFamilies describe the runs of an account's feeds, and so whether its other metrics can be trusted. They alone are
// exported before the account's region is known.
var feedFamilies = table(feeds,
	gauge("ccaas_feed_up", by("feed"),
		"1 when the feed's last run succeeded or its stream is connected, else 0; absent until a run has ended or the stream has connected.",
		ended(func(f *feed.State, e emit) { e.truth(f.Up, f.Name) })),
	gauge("ccaas_feed_last_success_timestamp_seconds", by("feed"),
		"Unix time of the last success of a run of the feed; absent until one has succeeded.",
		func(f *feed.State, e emit) { e.time(f.Succeeded, f.Name) }),
	gauge("ccaas_feed_last_attempt_timestamp_seconds", by("feed"),
		"Unix time at which the last run of the feed began; absent until one has.",
		func(f *feed.State, e emit) { e.time(f.Attempted, f.Name) }),
	gauge("ccaas_feed_duration_seconds", by("feed"),
		"Duration of the feed's last run that ended; absent until one has.",
		ended(func(f *feed.State, e emit) { e(f.Duration.Seconds(), f.Name) })),
	gauge("ccaas_feed_minimum_interval_seconds", by("feed"),
		"Minimum interval between two runs of the feed at the moment; absent for a stream.",
		func(f *feed.State, e emit) {
			if f.MinInterval > 0 {
				e(f.MinInterval.Seconds(), f.Name)
			}
		}),
	counter("ccaas_feed_runs_total", by("feed"),
		"Runs of the feed that have ended.",
		func(f *feed.State, e emit) { e(float64(f.Runs), f.Name) }),
	counter("ccaas_feed_failures_total", by("feed", "reason"),
		"Runs of the feed that have failed, by reason.",
		func(f *feed.State, e emit) {
			for _, reason := range platform.Reasons {
				e(float64(f.Failures[reason]), f.Name, string(reason))
			}
		}),
)

// ended reads a feed once a run of it has ended, or once it is connected.
func ended(read func(*feed.State, emit)) func(*feed.State, emit) {
	return func(f *feed.State, e emit) {
		if f.Runs > 0 || f.Up {
			read(f, e)
		}
	}
}

// violationFamilies count, by feed, the responses that the vendor's documents do not describe.
var violationFamilies = table(feeds,
	counter("ccaas_schema_violations_total", by("feed"),
		"Responses or entities that violate the documented schema, by feed.",
		func(f *feed.State, e emit) { e(float64(f.Violations), f.Name) }),
)

// namedCount is a count and what it is of.
type namedCount struct {
	name  string
	count uint64
}

func namedCounts(counts map[string]uint64) (list []namedCount) {
	for name, count := range counts {
		list = append(list, namedCount{name, count})
	}
	return list
}

// unknownFamilies count the vendor's words that the exporter does not know.
var unknownFamilies = table(func(s *accountState) []namedCount { return namedCounts(s.Unknowns) },
	counter("ccaas_unknown_values_total", by("field"),
		"Enum values in responses that the exporter does not know, by field.",
		func(t *namedCount, e emit) { e(float64(t.count), t.name) }),
)
