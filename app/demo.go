package app

import (
	"context"
	"fmt"
	"strings"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// demoFlags choose what is simulated.
type demoFlags struct {
	on            bool
	platformsOnly bool
	scenario      string
	listen        string
}

func (f demoFlags) start(ctx context.Context) (*simulator.World, error) {
	world, err := simulator.NewWorld(simulator.Options{Scenario: f.scenario})
	if err != nil {
		return nil, err
	}
	return world, world.Start(context.WithoutCancel(ctx), f.listen) // until it is closed: the exporter ends first
}

// demoConfig is a configuration file for the simulated platforms. The health documents stand for a customer's gateway:
// they are not part of the vendors' APIs.
func demoConfig(w *simulator.World) string {
	id := func(name string) string { id, _ := w.Credentials(name); return id }
	secret := func(name string) string { _, secret := w.Credentials(name); return secret }
	return fmt.Sprintf(`# Simulated platforms. Nothing here is a secret.
genesys:
  - name: emea
    region: eu-central-1
    api_url: %[1]s
    login_url: %[1]s
    client_id: %[2]q
    client_secret: %[3]q
    cohorts: [{name: emea-sales, queues: ["Sales *"]}, {name: emea-service, queues: ["Service *"], region: eu-central-1}]
    stream: {enabled: true, conversations: true}
  - name: americas
    region: us-east-1
    api_url: %[4]s
    login_url: %[4]s
    client_id: %[5]q
    client_secret: %[6]q
    cohorts: [{name: americas-service, queues: ["Sales *", "Service *"]}]
cxone:
  - name: us
    issuer: %[7]s
    token_url: %[7]s/authentication/v1/token/access-key
    access_key_id: %[8]q
    access_key_secret: %[9]q
    cohorts: [{name: us-sales, queues: ["Reservations *"]}]
health:
  status_pages:
    - {name: genesys, url: "%[10]s/api/v2/summary.json", every: 60s, accounts: [emea, americas]}
  documents:
    - {name: gateway, url: "%[10]s/api/v2/system/health", format: document, every: 5s, accounts: [emea]}
    - name: details
      path: /api/v2/health/details
      format: components
      expand: details
      every: 5s
      accounts: [emea]
      data_components: [Media Gateway, SIP Proxy, Voice Edge, Recording Store]
      policy:
        minimum_degraded: 3
        critical: [Media Gateway, API Gateway]
        flaps: {changes: 4, window: 10m}
        depends_on:
          - {component: SIP Proxy, on: [Media Gateway]}
          - {component: Voice Edge, on: [Media Gateway]}
          - {component: Recording Store, on: [Media Gateway]}
          - {component: Authentication, on: [API Gateway]}
`,
		w.URL("emea"), id("emea"), secret("emea"),
		w.URL("americas"), id("americas"), secret("americas"),
		w.URL("us"), id("us"), secret("us"), w.URL("status")) + demoPresence(w) + demoTargets(w)
}

// demoPresence compares agents who work in both us and emea, and decides what a sync would write.
func demoPresence(w *simulator.World) string {
	id, secret := w.WriterCredentials("emea")
	return fmt.Sprintf(`presence:
  - name: us-emea
    source: us
    target: emea
    sync:
      dry_run: true
      client_id: %q
      client_secret: %q
      rules:
        - {state: engaged, presence: CXone Interaction}
        - {state: after_contact_work, presence: CXone Interaction}
        - {state: not_responding, presence: Away}
        - {state: unavailable, presence: Away}
        - {state: ready, release: previous}
        - {state: offline, leave: true}
`, id, secret)
}

// demoTargets are the simulated carriers.
func demoTargets(w *simulator.World) string {
	var b strings.Builder
	b.WriteString("sip_targets:\n")
	for _, account := range []string{"emea", "americas"} {
		for i, c := range w.Carriers(account) {
			security := ""
			if c.Transport == "tls" {
				security = fmt.Sprintf(", tls_config: {ca: %q}", w.CarrierCA())
			}
			fmt.Fprintf(&b, "  - {name: %s-carrier-%d, account: %s, trunk: %q, uri: \"sip:%s\", transport: %s, every: 5s%s}\n",
				account, i+1, account, c.Trunk, c.Address, c.Transport, security)
		}
	}
	return b.String()
}
