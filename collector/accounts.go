package collector

import (
	"cmp"
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
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
	table(expectedRegions,
		gauge("ccaas_cohort_expected_region_info", by("cohort", "expected_region"),
			"1 with the region where an agent cohort is expected: the configured one, else that of the account; absent for cohorts that are configured by their name alone.",
			func(c *platform.CohortRegion, e emit) { e(1, c.Name, c.Region) }),
	),
)

// expectedRegions are the regions of cohorts, with that of the account where the configuration names none.
func expectedRegions(s *accountState) (all []platform.CohortRegion) {
	for _, c := range s.Expected {
		c.Region = cmp.Or(c.Region, s.Info.RegionCode)
		all = append(all, c)
	}
	return all
}
