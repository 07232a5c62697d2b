// For every alert: what makes it fire, and its nearest innocent neighbour, which does not.

package alerts_test

import (
	"slices"
	"testing"
)

// evidence is where an alert is seen firing or silent. Of the two fields one is set.
type evidence struct {
	// scene is the account of a simulated world (scenes), which the exporter watches with its default settings while a real
	// Prometheus evaluates the rules.
	scene string
	// unit is the name of a promtool case in tests/, for what no world shows.
	unit string
}

func scene(name string) evidence { return evidence{scene: name} }
func unit(name string) evidence  { return evidence{unit: name} }

// proofs has a row for each alert.
var proofs = []struct {
	alert           string
	fires, innocent evidence
}{
	{"CcaasPlatformCritical", scene("critical"), scene("blip")},
	{"CcaasPlatformDegraded", scene("slow"), scene("brisk")},
	{"CcaasControlPlaneSlow", scene("slow"), scene("brisk")},
	{"CcaasRegionLatencyDivergence", scene("slow"), scene("calm")},
	{"CcaasDataPlaneCritical", scene("dead"), scene("outage")},
	{"CcaasDataPlaneDegraded", scene("outage"), scene("calm")},
	{"CcaasPlaneDivergence", scene("dead"), scene("all-dead")},
	{"CcaasComponentsDown", scene("critical"), scene("blip")},
	{"CcaasComponentsDegraded", scene("slow"), scene("brisk")},
	{"CcaasComponentFlapping", scene("flapping"), scene("critical")},
	{"CcaasTrunkDown", scene("outage"), scene("edge")},
	{"CcaasTrunkDegraded", scene("outage"), scene("calm")},
	{"CcaasTrunkProxyUnreachable", scene("outage"), scene("calm")},
	{"CcaasEdgeOffline", scene("edge"), scene("draining")},
	// Its window is longer than the worlds are watched.
	{"CcaasEdgeVersionsDiffer", unit("fires after 4 hours, resolves when all run one version"), unit("an update is in progress")},
	{"CcaasTrunkProbeDisagreement", scene("contradicted"), scene("agreed")},
	{"CcaasMediaPathLoss", scene("contradicted"), scene("calm")},
	{"CcaasMediaPathJitter", scene("uneven"), scene("lossy")},
	{"CcaasMediaPathLatency", scene("uneven"), scene("lossy")},
	{"CcaasVoiceQualityLow", scene("sound-bad"), scene("sound-good")},
	{"CcaasAgentsNotResponding", scene("ringing"), scene("ringing-few")},
	{"CcaasAgentsDropped", scene("dropping"), scene("dropping-few")},
	// Whose contacts a queue holds is configured, and the worlds have the default settings.
	{"CcaasCohortElsewhere", unit("fires after half of two windows, ends 5 minutes after the last contact"), unit("expected here")},
	{
		"CcaasCohortRegionSlow",
		unit("the region of one of three accounts is slow: its cohorts, and one of another account that is expected there"),
		unit("just below: all regions are alike"),
	},
	{"CcaasQueueStalled", scene("stalled"), scene("calm")},
	// The worlds have no week behind them.
	{"CcaasNoCallsArriving", unit("fires 15 minutes after the last contact, resolves with the next"), unit("just below: a contact every 14 minutes")},
	{"CcaasRateLimited", scene("limited"), scene("limited-once")},
	{"CcaasBudgetExhausted", scene("starved"), scene("calm")},
	{"CcaasFeedStale", scene("stale"), scene("blip")},
	{"CcaasAuthFailing", scene("refused"), scene("token")},
	{"CcaasTokenExpiring", scene("token"), scene("renewed")},
	// No world is 90 days old, and none reads a secret from a file.
	{"CcaasSecretOld", unit("fires after 90 days, resolves with the rotation"), unit("just below: rotated on the 90th day")},
	{"CcaasCredentialExpiring", scene("expiring"), scene("crowded")},
	{"CcaasOrganizationQuotaNearLimit", scene("crowded"), scene("crowded-once")},
	{"CcaasClockSkew", scene("ahead"), scene("ahead-little")},
	{"CcaasStreamDown", scene("deaf"), scene("streaming")},
	{"CcaasWebhookSilent", scene("silent"), scene("sound-good")},
	{"CcaasAccountAbsent", scene("gone"), scene("calm")},
	{"CcaasExporterDown", scene("gone"), scene("calm")},
	// The worlds have no pairs.
	{
		"CcaasPresenceDoubleBooked", unit("fires after half of two windows, ends when half of one is well"),
		unit("just below: five minutes of it, half of each window"),
	},
	{"CcaasPresenceSourceLost", unit("fires after 2 minutes, ends 5 minutes after the source is back"), unit("just below: lost for a moment")},
	{"CcaasPresenceWritesFailing", unit("fires when most requests fail, ends when they do not"), unit("just below: half of them fail")},
	{
		"CcaasPresenceChangeStorm", unit("fires when refusals rise in two windows, ends when they stop"),
		unit("a burst of a minute while it crosses the border of the windows"),
	},
	{"CcaasPresenceNoLeader", unit("fires after 2 minutes, ends with a writer"), unit("one of two exporters writes")},
	// The only Prometheus of the other rows must see an exporter.
	{"CcaasExporterAbsent", unit("fires after 5 minutes, resolves when one is back"), unit("just below: back in the fifth minute")},
}

// TestEveryAlertIsProven holds the table against the rules, the scenes and the promtool cases.
func TestEveryAlertIsProven(t *testing.T) {
	var alerts, rows []string
	for _, a := range readAlerts(t) {
		alerts = append(alerts, a.name)
	}
	for _, p := range proofs {
		rows = append(rows, p.alert)
		for _, e := range []struct {
			evidence
			firing bool
		}{{p.fires, true}, {p.innocent, false}} {
			switch {
			case e.scene != "":
				if !slices.ContainsFunc(scenes, func(s world) bool { return s.account == e.scene }) {
					t.Errorf("%s: there is no scene %q", p.alert, e.scene)
				}
			case !slices.Contains(unitCases(t, p.alert, e.firing), e.unit):
				t.Errorf("%s: no case %q of its unit tests sees it firing = %t", p.alert, e.unit, e.firing)
			}
		}
	}
	slices.Sort(alerts)
	slices.Sort(rows)
	if !slices.Equal(alerts, rows) {
		t.Errorf("the table has rows for %q, want one for each of %q", rows, alerts)
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
