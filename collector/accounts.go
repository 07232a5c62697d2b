package collector

import (
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// accountState is the state of an account with the number of series that were dropped of it so far.
type accountState struct {
	feed.AccountState
	dropped map[string]uint64
}

// accountFamilies name an account and where it lives.
var accountFamilies = slices.Concat(
	table(self[accountState],
		gauge("ccaas_account_info", by("api_host"),
			"1 for every account, with the host of its API; absent until the account's region is known.",
			func(s *accountState, e emit) { e(1, s.Info.APIHost) }),
	),
	table(func(s *accountState) []string { return slices.Compact(slices.Sorted(slices.Values(s.Cohorts))) },
		gauge("ccaas_region_cohort_info", by("cohort"),
			"1 for every agent cohort that is expected to route to the account's region; absent where none is configured.",
			func(cohort *string, e emit) { e(1, *cohort) }),
	),
)
