// The inhibition rules of the example, tested in a real Alertmanager.

package alerts_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// Each test has an account of its own, so that all of them are in one Alertmanager at once.
var inhibitionTests = []struct {
	source  string // alerts that fire beside the target, with labels beyond platform and account
	targets string
	quiet   bool
}{
	{"CcaasPlatformCritical plane=control", "CcaasFeedStale feed=trunks", true},
	{"CcaasPlatformCritical plane=control", "CcaasTrunkDown plane=data trunk=a", true},
	{"CcaasPlatformCritical plane=control", "CcaasTrunkProxyUnreachable plane=data trunk=a proxy=p", true},
	{"CcaasPlatformCritical plane=control", "CcaasControlPlaneSlow plane=control", true},
	{"CcaasPlatformCritical plane=control", "CcaasComponentsDown plane=control component=api", true},
	{"CcaasPlatformCritical plane=control", "CcaasDataPlaneCritical plane=data", false},
	{"CcaasPlatformCritical plane=control", "CcaasAgentsDropped", false},
	{"CcaasPlatformCritical plane=control", "CcaasAuthFailing", false},
	{"CcaasPlatformCritical plane=control", "CcaasStreamDown", true},
	{"CcaasPlatformCritical plane=control", "CcaasWebhookSilent hook=voice", true},
	{"CcaasPlatformCritical plane=control", "CcaasTrunkProbeDisagreement plane=data trunk=a target=s", true},
	{"CcaasPlatformCritical plane=control", "CcaasQueueStalled queue=q channel=voice", false},
	{"CcaasPlatformCritical plane=control", "CcaasMediaPathLoss plane=data trunk=a target=s", false},
	{"CcaasPlatformCritical plane=control", "CcaasVoiceQualityLow plane=data", false},
	{"CcaasPlatformCritical plane=control", "CcaasNoCallsArriving", false},
	{"CcaasPlatformDegraded plane=control", "CcaasControlPlaneSlow plane=control", true},
	{"CcaasPlatformDegraded plane=control", "CcaasComponentsDegraded plane=data component=media_gateway", false},
	{"CcaasPlatformDegraded plane=control", "CcaasTrunkDown plane=data trunk=a", false},
	{"CcaasTrunkDown plane=data trunk=a", "CcaasTrunkProxyUnreachable plane=data trunk=a proxy=p", true},
	{"CcaasTrunkDown plane=data trunk=a", "CcaasTrunkDegraded plane=data trunk=a", true},
	{"CcaasTrunkDown plane=data trunk=a", "CcaasDataPlaneCritical plane=data", true},
	{"CcaasTrunkDown plane=data trunk=a", "CcaasDataPlaneDegraded plane=data", true},
	{"CcaasTrunkDown plane=data trunk=a", "CcaasPlaneDivergence plane=data", true},
	{"CcaasTrunkDown plane=data trunk=a", "CcaasTrunkDown plane=data trunk=b", false},
	{"CcaasTrunkDown plane=data trunk=a", "CcaasPlatformCritical plane=control", false},
	{"CcaasTrunkDown plane=data trunk=a", "CcaasComponentsDown plane=control component=auth", false},
	{"CcaasTrunkDown plane=data trunk=a", "CcaasTrunkProbeDisagreement plane=data trunk=a target=s", true},
	{"CcaasTrunkDown plane=data trunk=a", "CcaasTrunkProbeDisagreement plane=data trunk=b target=s", false},
	{"CcaasTrunkDown plane=data trunk=a", "CcaasMediaPathLoss plane=data trunk=a target=s", true},
	{"CcaasTrunkDown plane=data trunk=a", "CcaasMediaPathJitter plane=data trunk=b target=s", false},
	{"CcaasTrunkDown plane=data trunk=a", "CcaasMediaPathLatency plane=data trunk=a target=s", true},
	{"CcaasTrunkDown plane=data trunk=a", "CcaasMediaPathLoss plane=data target=s", false},
	{"CcaasTrunkDown plane=data trunk=a", "CcaasQueueStalled queue=q channel=voice", false},
	{"CcaasTrunkDown plane=data trunk=a", "CcaasNoCallsArriving", false},
	{"CcaasTrunkProxyUnreachable plane=data trunk=a proxy=p", "CcaasTrunkProbeDisagreement plane=data trunk=a target=s", true},
	{"CcaasTrunkProxyUnreachable plane=data trunk=a proxy=p", "CcaasTrunkProbeDisagreement plane=data trunk=b target=s", false},
	{"CcaasTrunkProbeDisagreement plane=data trunk=a target=s", "CcaasMediaPathLoss plane=data trunk=a target=s", true},
	{"CcaasTrunkProbeDisagreement plane=data trunk=a target=s", "CcaasMediaPathLoss plane=data trunk=a target=r", false},
	{"CcaasMediaPathLoss plane=data target=s", "CcaasMediaPathJitter plane=data target=s", true},
	{"CcaasMediaPathLoss plane=data target=s", "CcaasMediaPathJitter plane=data target=r", false},
	{"CcaasMediaPathLoss plane=data trunk=a target=s", "CcaasTrunkDegraded plane=data trunk=a", false},
	{"CcaasDataPlaneCritical plane=data", "CcaasTrunkProbeDisagreement plane=data trunk=a target=s", false},
	{"CcaasDataPlaneCritical plane=data", "CcaasEdgeOffline plane=data edge=e site=s", true},
	{"CcaasDataPlaneCritical plane=data", "CcaasPlaneDivergence plane=data", true},
	{"CcaasDataPlaneCritical plane=data", "CcaasTrunkDown plane=data trunk=a", false},
	{"CcaasEdgeOffline plane=data edge=e site=s", "CcaasTrunkDegraded plane=data trunk=a", true},
	{"CcaasEdgeOffline plane=data edge=e site=s", "CcaasTrunkDown plane=data trunk=a", false},
	{"CcaasAccountAbsent", "CcaasStreamDown", true},
	{"CcaasAccountAbsent", "CcaasAuthFailing", true},
	{"CcaasAccountAbsent", "CcaasTrunkDown plane=data trunk=a", false},
	{"CcaasAccountAbsent", "CcaasPlatformCritical plane=control", false},
	{"CcaasAuthFailing", "CcaasFeedStale feed=trunks", true},
	{"CcaasAuthFailing", "CcaasPlatformCritical plane=control", true},
	{"CcaasAuthFailing", "CcaasTrunkDown plane=data trunk=a", false},
	{"CcaasAuthFailing", "CcaasStreamDown", true},
	{"CcaasAuthFailing", "CcaasWebhookSilent hook=voice", false},
	{"CcaasRateLimited", "CcaasFeedStale feed=trunks", true},
	{"CcaasRateLimited", "CcaasPlatformCritical plane=control", false},
	{"CcaasComponentsDown plane=data component=c", "CcaasComponentsDegraded plane=data component=c", true},
	{"CcaasComponentsDown plane=data component=c", "CcaasComponentsDegraded plane=data component=d", false},
	{"CcaasPresenceSourceLost pair=p", "CcaasPresenceChangeStorm pair=p", true},
	{"CcaasPresenceSourceLost pair=p", "CcaasPresenceChangeStorm pair=q", false},
	{"CcaasPresenceSourceLost pair=p", "CcaasPresenceDoubleBooked pair=p", false},
	{"CcaasPresenceNoLeader pair=p", "CcaasPresenceWritesFailing pair=p", true},
	{"CcaasPresenceNoLeader pair=p", "CcaasPresenceDoubleBooked pair=p", false},
	{"CcaasPresenceWritesFailing pair=p", "CcaasPresenceChangeStorm pair=p", true},
	{"CcaasPresenceWritesFailing pair=p", "CcaasPresenceDoubleBooked pair=p", false},
}

func TestInhibition(t *testing.T) {
	if testing.Short() {
		return // alertmanager is a program
	}
	t.Parallel()
	s := startAlertmanager(t)
	for i, test := range inhibitionTests {
		account := fmt.Sprintf("account-%d", i)
		s.post(t, account, test.source)
		s.post(t, account, test.targets)
		s.post(t, "another-"+account, test.targets)
	}
	eventually(t, patience, "all alerts are taken", func() bool { return len(s.states(t)) == len(inhibitionTests)*3 })
	states := s.states(t)
	for i, test := range inhibitionTests {
		account, name := fmt.Sprintf("account-%d", i), labelled(test.targets, "")["alertname"]
		if got := states[key(labelled(test.targets, account))] == "suppressed"; got != test.quiet {
			t.Errorf("%s beside %s: quiet = %t, want %t", test.targets, test.source, got, test.quiet)
		}
		if states[key(labelled(test.targets, "another-"+account))] == "suppressed" {
			t.Errorf("%s of another account than %s is quiet", name, test.source)
		}
	}

	s.post(t, "", "CcaasExporterAbsent")
	eventually(t, patience, "everything is quiet but CcaasExporterAbsent", func() bool {
		for alert, state := range s.states(t) {
			if (state == "suppressed") == strings.Contains(alert, "CcaasExporterAbsent") {
				return false
			}
		}
		return true
	})
}

func startAlertmanager(t *testing.T) *stack {
	t.Helper()
	s := &stack{inbox: openInbox(t)}
	folder := t.TempDir()
	address, _ := start(t, tool(t, "alertmanager"), "--config.file="+writeFile(t, folder, "alertmanager.yml", fastRoutes(t, s.inbox.url)),
		"--storage.path="+filepath.Join(folder, "am"), "--cluster.listen-address=")
	s.alertmanager = "http://" + address
	s.ready(t, s.alertmanager)
	return s
}

// labelled makes the labels of "NAME key=value …".
func labelled(text, account string) map[string]string {
	words := strings.Fields(text)
	labels := map[string]string{"alertname": words[0], "severity": "warning"}
	if account != "" {
		labels["platform"], labels["account"] = "genesys", account
	}
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		labels[name] = value
	}
	return labels
}

// key is the same for the same labels.
func key(labels map[string]string) string { return fmt.Sprint(labels) }

func (s *stack) post(t *testing.T, account, text string) {
	t.Helper()
	body, err := json.Marshal([]any{map[string]any{"labels": labelled(text, account)}})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.alertmanager+"/api/v2/alerts", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("POST /api/v2/alerts: %s", response.Status)
	}
}

// states are the states of all alerts by key.
func (s *stack) states(t *testing.T) map[string]string {
	t.Helper()
	states := map[string]string{}
	for _, a := range s.list(t) {
		states[key(a.Labels)] = a.Status.State
	}
	return states
}
