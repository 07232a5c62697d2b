// The exporter's configuration for the scenes: the default intervals in fast motion, and no threshold.

package alerts_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ccaas-exporter/ccaas_exporter/platform/cxone"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// configuration collects the parts of a configuration file.
type configuration struct {
	genesys, cxone, targets, hooks strings.Builder
}

func (c *configuration) add(s world, w *simulator.World, publicKey string) {
	id, secret := w.Credentials(s.site)
	base := w.URL(s.site)
	if s.site == "us" {
		fmt.Fprintf(&c.cxone, `  - {name: %s, issuer: %q, token_url: "%s/authentication/v1/token/access-key", access_key_id: %q, access_key_secret: %q, feeds: {%s}}
`, s.account, base, base, id, secret, s.intervals())
	} else {
		fmt.Fprintf(&c.genesys, `  - {name: %s, region: eu-central-1, api_url: %q, login_url: %q, client_id: %q, client_secret: %q, stream: {enabled: %t}, feeds: {%s}}
`, s.account, base, base, id, secret, s.stream, s.intervals())
	}
	if s.target != "" {
		c.target(s, w)
	}
	if s.hook != "" {
		fmt.Fprintf(&c.hooks, `    - name: %s
      kind: voice_quality
      account: %s
      signature: {url: "http://RECEIVER/webhook/%s", keys: [{consumer_id: %s, key_version: "1", file: %q}]}
`, s.hook, s.account, s.hook, s.hook, publicKey)
	}
}

// target adds the SIP target of a scene.
func (c *configuration) target(s world, w *simulator.World) {
	carriers := w.Carriers(s.site)
	carrier, security := carriers[0], ""
	if s.target == "dead" {
		carrier.Address = "127.0.0.1:9" // discard: nothing answers
	} else if i := slices.IndexFunc(carriers, func(c simulator.Carrier) bool { return c.Transport == s.target }); i >= 0 {
		carrier = carriers[i]
	}
	if carrier.Transport == "tls" {
		security = fmt.Sprintf(", tls_config: {ca: %q}", w.CarrierCA())
	}
	fmt.Fprintf(&c.targets, "  - {name: %s, account: %s, trunk: %q, uri: \"sip:%s\", transport: %s, every: 2500ms%s}\n",
		s.account, s.account, carrier.Trunk, carrier.Address, carrier.Transport, security)
}

// intervals are the defaults, in fast motion, of the feeds that the scene needs. The others are off.
func (s *world) intervals() string {
	defaults := settings.Intervals(genesys.DefaultConfig().Feeds)
	if s.site == "us" {
		defaults = settings.Intervals(cxone.DefaultConfig().Feeds)
	}
	needed := append(strings.Fields(s.feeds), "health")
	var list []string
	for _, feed := range slices.Sorted(maps.Keys(defaults)) {
		every := "off"
		if slices.Contains(needed, feed) {
			every = fmt.Sprintf("%dms", defaults[feed].Milliseconds()/worldMotion)
		}
		list = append(list, feed+": "+every)
	}
	return strings.Join(list, ", ")
}

// yaml is the file, with the address of the webhook receiver.
func (c *configuration) yaml(receiver string) []byte {
	var b strings.Builder
	for _, part := range []struct {
		head string
		list *strings.Builder
	}{
		{"genesys:\n", &c.genesys},
		{"cxone:\n", &c.cxone},
		{"sip_targets:\n", &c.targets},
		{"webhooks:\n  listen_address: " + receiver + "\n  hooks:\n", &c.hooks},
	} {
		if part.list.Len() > 0 {
			b.WriteString(part.head + part.list.String())
		}
	}
	return []byte(strings.ReplaceAll(b.String(), "RECEIVER", receiver))
}
