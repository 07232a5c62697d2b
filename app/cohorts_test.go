package app

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

const withCohorts = `
genesys:
  - {name: emea, region: eu-central-1, client_id: id, client_secret: x, cohorts: [names-only, {name: sales, queues: ["Sales *"]}, {name: moved, queues: [Moved], region: eu-west-1}]}
  - {name: dublin, region: eu-west-1, client_id: id, client_secret: x}
  - {name: americas, region: us-east-1, client_id: id, client_secret: x, cohorts: [{name: us-sales, queues: [Sales EN]}, {name: night, queues: [Night]}]}
cxone:
  - {name: us, access_key_id: id, access_key_secret: x, cohorts: [{name: night, queues: [Night]}]}
`

// TestCohortsOfQueues asks which cohorts the queues of each account hold contacts of, and whether they are expected there.
func TestCohortsOfQueues(t *testing.T) {
	config, err := parseConfig([]byte(withCohorts), platforms())
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]*feed.Source{}
	for _, s := range config.accountSettings() {
		source := &feed.Source{}
		s.expectCohorts(source)
		sources[s.account.Label()] = source
	}
	for _, tc := range []struct {
		account, region, queue string
		want                   []platform.QueueCohort
	}{
		{"emea", "eu-central-1", "sales de", []platform.QueueCohort{{Name: "sales", Account: "emea", Expected: true}}},
		{"us", "na1", "Sales DE", []platform.QueueCohort{{Name: "sales", Account: "emea"}}},
		{"us", "na1", "Billing", nil},
		// Its own cohort claims the queue, though the name fits another account's too.
		{"americas", "us-east-1", "Sales EN", []platform.QueueCohort{{Name: "us-sales", Account: "americas", Expected: true}}},
		{"americas", "us-east-1", "Sales DE", []platform.QueueCohort{{Name: "sales", Account: "emea"}}},
		// A region of its own: not where the cohort is listed, but wherever that region is.
		{"emea", "eu-central-1", "Moved", []platform.QueueCohort{{Name: "moved", Account: "emea", Region: "eu-west-1"}}},
		{"dublin", "eu-west-1", "Moved", []platform.QueueCohort{{Name: "moved", Account: "emea", Region: "eu-west-1", Expected: true}}},
		{"emea", "EU-WEST-1", "Moved", []platform.QueueCohort{{Name: "moved", Account: "emea", Region: "eu-west-1", Expected: true}}},
		// Listed twice: one row, of the first.
		{"emea", "eu-central-1", "Night", []platform.QueueCohort{{Name: "night", Account: "americas"}}},
		{"us", "na1", "Night", []platform.QueueCohort{{Name: "night", Account: "us", Expected: true}}},
	} {
		for range 2 { // matched, then remembered
			if diff := cmp.Diff(tc.want, sources[tc.account].Assign(tc.region, tc.queue)); diff != "" {
				t.Errorf("queue %s of %s in %s (-want +got):\n%s", tc.queue, tc.account, tc.region, diff)
			}
		}
	}
	expected := []platform.CohortRegion{{Name: "sales"}, {Name: "moved", Region: "eu-west-1"}}
	if diff := cmp.Diff(expected, sources["emea"].Expected); diff != "" {
		t.Errorf("expected regions (-want +got):\n%s", diff)
	}
}

// TestNamesAlone restarts no other account: cohorts without queues concern no other account.
func TestNamesAlone(t *testing.T) {
	config, err := parseConfig([]byte("genesys: [{name: emea, region: eu-central-1, client_id: id, client_secret: x, cohorts: [sales]}]\n"), platforms())
	if err != nil {
		t.Fatal(err)
	}
	source := &feed.Source{}
	config.accountSettings()[0].expectCohorts(source)
	if source.Assign != nil || source.Expected != nil {
		t.Errorf("source = %+v, want neither queues nor regions", source)
	}
}
