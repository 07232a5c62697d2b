// Which receiver the Alertmanager example notifies of which alert.

package alerts_test

import (
	"strings"
	"testing"
)

const example = "alertmanager.example.yml"

func TestAlertmanagerConfig(t *testing.T) {
	if testing.Short() {
		return // amtool is a program
	}
	if out, err := output(t.Context(), "", tool(t, "amtool"), "check-config", example); err != nil {
		t.Errorf("amtool check-config: %v\n%s", err, out)
	}
}

func TestRoutes(t *testing.T) {
	if testing.Short() {
		return // amtool is a program
	}
	tests := []struct {
		labels string
		want   string
	}{
		{"alertname=CcaasExporterAbsent severity=critical", "pagerduty-monitoring"},
		{"alertname=CcaasAccountAbsent severity=critical platform=genesys account=emea region_code=eu-central-1", "pagerduty-monitoring"},
		{"alertname=CcaasExporterDown severity=warning instance=a:10054 job=ccaas_exporter", "slack"},
		{"alertname=CcaasTrunkDown severity=critical platform=genesys account=emea region_code=eu-central-1", "pagerduty-emea"},
		{"alertname=CcaasTrunkDown severity=critical platform=genesys account=de region_code=eusc-de-east-1", "pagerduty-emea"},
		{"alertname=CcaasPlatformCritical severity=critical platform=genesys account=gulf region_code=me-central-1", "pagerduty-emea"},
		{"alertname=CcaasTrunkDown severity=critical platform=genesys account=americas region_code=us-east-1", "pagerduty-americas"},
		{"alertname=CcaasTrunkDown severity=critical platform=genesys account=brazil region_code=sa-east-1", "pagerduty-americas"},
		{"alertname=CcaasTrunkDown severity=critical platform=genesys account=apac region_code=ap-southeast-2", "pagerduty-worldwide"},
		{"alertname=CcaasAgentsDropped severity=critical platform=cxone account=us region_code=na1", "pagerduty-americas"},
		{"alertname=CcaasAgentsDropped severity=critical platform=cxone account=uk region_code=uk1", "pagerduty-emea"},
		{"alertname=CcaasAgentsDropped severity=critical platform=cxone account=au region_code=au1", "pagerduty-worldwide"},
		{"alertname=CcaasAuthFailing severity=critical platform=cxone account=us", "pagerduty-worldwide"},
		{"alertname=CcaasFeedStale severity=warning platform=genesys account=emea region_code=eu-central-1", "slack-genesys"},
		{"alertname=CcaasFeedStale severity=warning platform=cxone account=us region_code=na1", "slack-cxone"},
		{"alertname=CcaasQueueStalled severity=critical platform=cxone account=us region_code=na1 queue=Sales channel=voice", "pagerduty-americas"},
		{"alertname=CcaasStreamDown severity=warning platform=genesys account=emea region_code=eu-central-1", "slack-genesys"},
		{"alertname=CcaasTrunkProbeDisagreement severity=warning platform=genesys account=emea region_code=eu-central-1", "slack-genesys"},
		{"alertname=CcaasWebhookSilent severity=warning platform=cxone account=us region_code=na1 hook=voice", "slack-cxone"},
		{"alertname=CcaasVoiceQualityLow severity=warning platform=cxone account=us region_code=na1", "slack-cxone"},
		{"alertname=CcaasComponentFlapping severity=info platform=genesys account=emea region_code=eu-central-1", "ticket"},
		{"alertname=CcaasTrunkDown severity=critical platform=genesys account=staging region_code=us-east-1", "slack"},
		{"alertname=CcaasPresenceDoubleBooked severity=critical pair=us-emea", "pagerduty-worldwide"},
		{"alertname=CcaasPresenceWritesFailing severity=warning pair=us-emea", "slack"},
		{"alertname=SomethingElse", "slack"},
	}
	amtool := tool(t, "amtool")
	for _, test := range tests {
		args := append([]string{"config", "routes", "test", "--config.file=" + example}, strings.Fields(test.labels)...)
		out, err := output(t.Context(), "", amtool, args...)
		if got := strings.TrimSpace(out); err != nil || got != test.want {
			t.Errorf("%s goes to %q (%v), want %q", test.labels, got, err, test.want)
		}
	}
}
