package collector

import (
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// scrape is what is rendered anew on each scrape: the view, and what was dropped of the account so far.
type scrape struct {
	feed.AccountState
	dropped map[string]uint64
}

// accountFamilies tell who an account is.
var accountFamilies = slices.Concat(
	table(self[scrape],
		gauge("ccaas_account_info", by("api_host"),
			"1 for every account, with the host of its API; absent until the account's region is known.",
			func(s *scrape, e emit) { e(1, s.Info.APIHost) }),
	),
	table(func(s *scrape) []string { return slices.Compact(slices.Sorted(slices.Values(s.Cohorts))) },
		gauge("ccaas_region_cohort_info", by("cohort"),
			"1 for every agent cohort that is expected to route to the account's region; absent where none is configured.",
			func(cohort *string, e emit) { e(1, *cohort) }),
	),
)
