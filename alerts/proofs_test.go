// For every alert: what makes it fire, and its nearest innocent neighbour, which does not.

package alerts_test

import (
	"maps"
	"slices"
	"testing"
)

// scenesOf names the accounts of simulated worlds (scenes) that prove an alert: the exporter watches them with its default
// settings while a real Prometheus evaluates the rules. An alert that is not here is proven by its promtool cases alone: the
// worlds have no weeks behind them, no pairs, no cohorts, and always an exporter.
var scenesOf = map[string]struct{ fires, innocent string }{
	"CcaasPlatformCritical":           {"critical", "blip"},
	"CcaasPlatformDegraded":           {"slow", "brisk"},
	"CcaasControlPlaneSlow":           {"slow", "brisk"},
	"CcaasRegionLatencyDivergence":    {"slow", "calm"},
	"CcaasDataPlaneCritical":          {"dead", "outage"},
	"CcaasDataPlaneDegraded":          {"outage", "calm"},
	"CcaasPlaneDivergence":            {"dead", "all-dead"},
	"CcaasComponentsDown":             {"critical", "blip"},
	"CcaasComponentsDegraded":         {"slow", "brisk"},
	"CcaasComponentFlapping":          {"flapping", "critical"},
	"CcaasTrunkDown":                  {"outage", "edge"},
	"CcaasTrunkDegraded":              {"outage", "calm"},
	"CcaasTrunkProxyUnreachable":      {"outage", "calm"},
	"CcaasEdgeOffline":                {"edge", "draining"},
	"CcaasTrunkProbeDisagreement":     {"contradicted", "agreed"},
	"CcaasMediaPathLoss":              {"contradicted", "calm"},
	"CcaasMediaPathJitter":            {"uneven", "lossy"},
	"CcaasMediaPathLatency":           {"uneven", "lossy"},
	"CcaasVoiceQualityLow":            {"sound-bad", "sound-good"},
	"CcaasAgentsNotResponding":        {"ringing", "ringing-few"},
	"CcaasAgentsDropped":              {"dropping", "dropping-few"},
	"CcaasQueueStalled":               {"stalled", "calm"},
	"CcaasRateLimited":                {"limited", "limited-once"},
	"CcaasBudgetExhausted":            {"starved", "calm"},
	"CcaasFeedStale":                  {"stale", "blip"},
	"CcaasAuthFailing":                {"refused", "token"},
	"CcaasTokenExpiring":              {"token", "renewed"},
	"CcaasCredentialExpiring":         {"expiring", "crowded"},
	"CcaasOrganizationQuotaNearLimit": {"crowded", "crowded-once"},
	"CcaasClockSkew":                  {"ahead", "ahead-little"},
	"CcaasStreamDown":                 {"deaf", "streaming"},
	"CcaasWebhookSilent":              {"silent", "sound-good"},
	"CcaasAccountAbsent":              {"gone", "calm"},
	"CcaasExporterDown":               {"gone", "calm"},
}

// TestEveryAlertIsProven makes sure that something shows each alert firing and its nearest innocent neighbour.
func TestEveryAlertIsProven(t *testing.T) {
	unproven := maps.Clone(scenesOf)
	for _, a := range readAlerts(t) {
		of, inWorlds := unproven[a.name]
		delete(unproven, a.name)
		switch {
		case !inWorlds && (len(unitCases(t, a.name, true)) == 0 || len(unitCases(t, a.name, false)) == 0):
			t.Errorf("%s: want a case of its unit tests that sees it firing, and one that never does", a.name)
		case inWorlds:
			for _, scene := range []string{of.fires, of.innocent} {
				if !slices.ContainsFunc(scenes, func(s world) bool { return s.account == scene }) {
					t.Errorf("%s: there is no scene %q", a.name, scene)
				}
			}
		}
	}
	for name := range unproven {
		t.Errorf("there is no alert %q", name)
	}
}

// unitCases returns the cases of an alert's unit tests that see it firing, or that never do.
func unitCases(t *testing.T, alert string, firing bool) (names []string) {
	t.Helper()
	for _, file := range glob(t, "tests/"+alert+".*") { // NAME.yml, and NAME.days.yml where an alert has one
		for _, test := range readUnitTests(t, file) {
			fires := false
			for _, moment := range test.AlertRuleTest {
				fires = fires || moment.Alertname == alert && len(moment.ExpAlerts) > 0
			}
			if fires == firing {
				names = append(names, test.Name)
			}
		}
	}
	return names
}
