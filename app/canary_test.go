package app

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// TestSecretsNeverShow lets everything go wrong that a secret takes part in, and looks for the secrets in all that the
// exporter says.
func TestSecretsNeverShow(t *testing.T) {
	t.Parallel()
	u := startUnder(t, simulator.Options{})
	const canary = "canary-7f3a=="
	_, emea := u.world.Credentials("emea")
	_, us := u.world.Credentials("us")
	var said strings.Builder
	look := func() {
		for _, path := range []string{"/metrics", "/config", "/sd", "/metrics?account=" + canary, "/", "/api/status"} {
			_, body := u.get(t, path, "Accept", "application/openmetrics-text")
			said.WriteString(body)
		}
	}
	look()
	for _, f := range []simulator.Fault{
		{Path: "/oauth/token", Status: 401, Body: `{"error":"invalid_client","description":"` + canary + `"}`},
		{Path: "/oauth/token", Status: 500, Body: canary},
		{Path: "/oauth/token", Status: 200, Body: `{"access_token":"` + canary + `","token_type":"bearer","expires_in":"x"}`},
		{Path: "/oauth/token", Status: 302, Header: http.Header{"Location": {"http://127.0.0.1:1/?" + canary}}},
		{Path: "/authentication/v1/token/access-key", Status: 401, Body: canary},
		{Path: "/authentication/v1/token/access-key", Status: 200, Body: `{"access_token":"` + canary + `.x.y"}`},
		{Path: "/", Status: 401, Body: canary},
		{Path: "/", Reset: true},
	} {
		remove := []func(){u.world.Inject("emea", f), u.world.Inject("us", f)}
		u.world.RevokeTokens("emea")
		u.world.RevokeTokens("us")
		look()
		if status, body := u.do(t, "POST", "/-/reload"); status != 200 {
			t.Errorf("reload = %d %s", status, body)
		}
		for _, r := range remove {
			r()
		}
		// A changed file restarts the accounts, so that each fault meets fresh ones.
		content, err := os.ReadFile(u.configuration)
		if err != nil {
			t.Fatal(err)
		}
		content = append(content, fmt.Sprintf("# %d\n", len(content))...)
		if err := os.WriteFile(u.configuration, []byte(strings.ReplaceAll(string(content), "burst: 290", "burst: 289")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(u.configuration, []byte("genesys: [{client_secret: [canary-7f3a==], client_id: {canary-7f3a==: 1}}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, body := u.do(t, "POST", "/-/reload")
	said.WriteString(strings.ReplaceAll(body, "client_id.canary-7f3a==", "")) // a key is no secret
	said.WriteString(u.log.String())
	for _, secret := range []string{canary, emea, us, "demo-secret", "demo-token"} {
		if i := strings.Index(said.String(), secret); i >= 0 {
			t.Errorf("a secret shows: …%s…", said.String()[max(0, i-200):min(said.Len(), i+100)])
		}
	}
	if !strings.Contains(said.String(), `reason="auth"`) {
		t.Error("the faults left no trace: the test looks at nothing")
	}
}
