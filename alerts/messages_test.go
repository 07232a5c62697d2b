// What the messages of the Alertmanager example say of an alert, beside its name: where its board and its runbook are.

package alerts_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// messages returns the templates that list the alerts of a message, by receiver.
func messages(t *testing.T) map[string]string {
	t.Helper()
	var config struct {
		Receivers []struct {
			Name      string
			Slack     []struct{ Text string }               `yaml:"slack_configs"`
			PagerDuty []struct{ Details map[string]string } `yaml:"pagerduty_configs"`
		}
	}
	readYAML(t, example, &config)
	found := map[string]string{}
	for _, r := range config.Receivers {
		for _, c := range r.Slack {
			found[r.Name] = c.Text
		}
		for _, c := range r.PagerDuty {
			found[r.Name] = c.Details["alerts"]
		}
	}
	return found
}

func TestMessagesLinkBoardAndRunbook(t *testing.T) {
	texts := messages(t)
	if len(texts) == 0 {
		t.Fatalf("%s: no receiver sends to Slack or PagerDuty", example)
	}
	for receiver, text := range texts {
		for _, annotation := range []string{".Annotations.dashboard", ".Annotations.runbook_url"} {
			if !strings.Contains(text, annotation) {
				t.Errorf("%s: receiver %s does not mention %s", example, receiver, annotation)
			}
		}
	}
}

// TestGrafanaAddressStandsOnce keeps the placeholder to one place, which users replace.
func TestGrafanaAddressStandsOnce(t *testing.T) {
	content, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(content), `"https://grafana.example.com"`); got != 1 {
		t.Errorf("%s has the address of Grafana %d times, want 1", example, got)
	}
}

const twoAlerts = `{"alerts": [
	{"status": "firing", "annotations": {
		"summary": "cxone us: queue Sales stands still",
		"dashboard": "/d/ccaas-agents?var-account=us&var-queue=Sales",
		"runbook_url": "https://example.com/CcaasQueueStalled.md"}},
	{"status": "resolved", "annotations": {"summary": "an alert of others"}}
]}`

func TestMessages(t *testing.T) {
	if testing.Short() {
		return // amtool is a program
	}
	folder := t.TempDir()
	data := writeFile(t, folder, "data.json", []byte(twoAlerts))
	writeFile(t, folder, "none.tmpl", nil)
	want := `cxone us: queue Sales stands still
Board: https://grafana.example.com/d/ccaas-agents?var-account=us&var-queue=Sales
Runbook: https://example.com/CcaasQueueStalled.md
Resolved: an alert of others
`
	for receiver, text := range messages(t) {
		got, err := output(t.Context(), "", tool(t, "amtool"), "template", "render",
			"--template.glob="+filepath.Join(folder, "*.tmpl"), "--template.data="+data, "--template.text="+text)
		if err != nil {
			t.Fatalf("amtool template render: %v\n%s", err, got)
		}
		if diff := cmp.Diff(want, strings.TrimRight(got, "\n")+"\n"); diff != "" {
			t.Errorf("message of %s (-want +got):\n%s", receiver, diff)
		}
	}
}
