package platform_test

import (
	"fmt"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// A client translates an answer of its platform into a snapshot. What it does not know it counts, and never guesses.
func Example() {
	snapshot := platform.Snapshot{
		Trunks: []platform.Trunk{{
			Name: "Carrier North", Instances: 5, Connected: 4,
			Condition: platform.Condition{Status: platform.Degraded},
		}},
		Agents: []platform.AgentCount{{State: platform.AgentReady, Count: 12}},
	}
	snapshot.Unknown("routing_status", "RESTING", "routingStatus.status") // a word that is not in the vendor's documents

	trunk := snapshot.Trunks[0]
	fmt.Printf("%s: %s, %d of %d instances connected\n", trunk.Name, trunk.Status, trunk.Connected, trunk.Instances)
	fmt.Println(snapshot.Unknowns)
	fmt.Println(platform.SnakeCase("OnQueue"))
	// Output:
	// Carrier North: degraded, 4 of 5 instances connected
	// map[routing_status:1]
	// on_queue
}
