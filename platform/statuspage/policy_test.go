package statuspage

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

const policed = `
policy: {critical: [api, "Voice*"], minimum_degraded: 4, depends_on: [{component: discovery, on: [api]}]}
documents:
  - name: gateway
    url: https://a.example
    format: components
    policy:
      minimum_down: 3
      critical: ["media*"]
      flaps: {changes: 2, window: 1h, suppress: true}
      depends_on: [{component: Voice Edge, on: [Media Gateway, api]}]
  - {name: plain, url: "https://b.example", format: document}
`

func TestPolicies(t *testing.T) {
	c, err := decode(policed)
	if err != nil {
		t.Fatal(err)
	}
	if problems := c.Validate(nil); len(problems) > 0 {
		t.Errorf("Validate = %v, want no problem", problems)
	}
	want := []platform.Policy{
		{Name: "default", MinimumDown: 1, MinimumDegraded: 4, FlapChanges: 6, FlapWindow: 30 * time.Minute},
		{Name: "gateway", MinimumDown: 3, MinimumDegraded: 2, FlapChanges: 2, FlapWindow: time.Hour, FlapSuppress: true},
	}
	if diff := cmp.Diff(want, c.Policy.PoliciesOf(c.Documents)); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[:1], c.Policy.PoliciesOf(c.Documents[1:])); diff != "" {
		t.Errorf("of an account without the document (-want +got):\n%s", diff)
	}
}

// TestWeigh weighs components by the policy that governs them: that of their document by its own names, the default one by
// full names.
func TestWeigh(t *testing.T) {
	c, err := decode(policed)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		feed, own, full string
		want            platform.Weight
	}{
		{"health", "api", "api", platform.Weight{Policy: "default", Alone: true}},
		{"health", "auth", "auth", platform.Weight{Policy: "default"}},
		{"health", "discovery", "discovery", platform.Weight{Policy: "default", DependsOn: []string{"api"}}},
		{"status_page/gateway", "voice / EMEA", "voice / EMEA", platform.Weight{Policy: "default", Alone: true}},
		{"document/gateway", "Media Gateway", "gateway/Media Gateway", platform.Weight{Policy: "gateway", Alone: true}},
		{"document/gateway", "Voice Edge", "gateway/Voice Edge", platform.Weight{Policy: "gateway", DependsOn: []string{"Media Gateway", "api"}}},
		{"document/gateway", "api", "gateway/api", platform.Weight{Policy: "gateway"}},
		{"document/plain", "api", "plain/api", platform.Weight{Policy: "default"}},
		{"document/plain", "voice", "voice", platform.Weight{Policy: "default", Alone: true}},
	} {
		component := platform.Component{Name: tc.full}
		c.Policy.Weigh(c.Documents, tc.feed, tc.own, &component)
		if diff := cmp.Diff(platform.Component{Name: tc.full, Weight: tc.want}, component); diff != "" {
			t.Errorf("%s of %s (-want +got):\n%s", tc.own, tc.feed, diff)
		}
	}
}

// TestPolicyDefaults are what the alerting rules did before there were policies.
func TestPolicyDefaults(t *testing.T) {
	want := PolicyConfig{
		MinimumDown: 1, MinimumDegraded: 2, Critical: []string{"api", "auth"},
		Flaps: Flaps{Changes: 6, Window: model.Duration(30 * time.Minute)},
	}
	for _, text := range []string{"policy: {}", "status_pages: []", "policy: {flaps: {}}"} {
		c, err := decode(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, c.Policy); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestPolicyProblems(t *testing.T) {
	document := func(policy string) string {
		return "documents: [{name: d, url: 'https://a.example', format: document, policy: " + policy + "}]"
	}
	for text, want := range map[string]string{
		"policy: {minimum_down: 0, minimum_degraded: -1}":                                                        "policy.minimum_down: 0, expected 1 to 100000\npolicy.minimum_degraded: -1, expected 1 to 100000",
		"policy: {flaps: {changes: 100001, window: 20m}}":                                                        "policy.flaps.changes: 100001, expected 0 to 100000\npolicy.flaps.window: 20m, expected one of 10m, 30m and 1h",
		document("{critical: ['[a-']}"):                                                                          `documents[0].policy.critical[0]: "[a-" is no pattern, expected a name with * ? [a-z]`,
		document("{depends_on: [{on: [a]}]}"):                                                                    "documents[0].policy.depends_on[0].component: missing",
		document("{depends_on: [{component: a, on: ['']}]}"):                                                     "documents[0].policy.depends_on[0].on[0]: empty",
		document("{depends_on: [{component: a}]}"):                                                               "documents[0].policy.depends_on[0].on: missing",
		document("{depends_on: [{component: a, on: [b]}, {component: a, on: [c]}]}"):                             `documents[0].policy.depends_on[1].component: "a" is listed twice`,
		document("{depends_on: [{component: a, on: [a]}]}"):                                                      `policy.depends_on: "a" depends on itself`,
		document("{depends_on: [{component: a, on: [b]}, {component: b, on: [c]}, {component: c, on: [d, a]}]}"): `policy.depends_on: "a" depends on itself`,
		// Over two policies, one of which names the document's component in full.
		document("{depends_on: [{component: a, on: [api]}]}") + "\npolicy: {depends_on: [{component: api, on: [d/a]}]}": `policy.depends_on: "a" depends on itself`,
	} {
		c, err := decode(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := ""
		if err := errors.Join(c.Validate(nil)...); err != nil {
			got = err.Error()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
