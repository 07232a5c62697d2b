package collector_test

import (
	"fmt"
	"strings"

	"github.com/prometheus/common/expfmt"

	"github.com/ccaas-exporter/ccaas_exporter/collector"
	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// fixed is an account whose state never changes.
type fixed feed.AccountState

func (f fixed) Name() string             { return f.Account }
func (f fixed) State() feed.AccountState { return feed.AccountState(f) }

// A collector renders what accounts may export at this moment.
func Example() {
	account := fixed{
		Platform: "example", Account: "emea", Info: feed.Info{RegionCode: "eu-central-1"},
		Snapshots: []*platform.Snapshot{{Trunks: []platform.Trunk{{Name: "Carrier North", Instances: 5}}}},
	}
	families, err := collector.New([]collector.Account{account}, collector.Options{}).Gather()
	if err != nil {
		fmt.Println(err)
	}
	var page strings.Builder
	for _, family := range families {
		if family.GetName() == "ccaas_trunk_instances" {
			_, _ = expfmt.MetricFamilyToText(&page, family)
		}
	}
	fmt.Print(page.String())
	// Output:
	// # HELP ccaas_trunk_instances Instances of a trunk; absent with its status.
	// # TYPE ccaas_trunk_instances gauge
	// ccaas_trunk_instances{account="emea",platform="example",region_code="eu-central-1",trunk="Carrier North"} 5
}
