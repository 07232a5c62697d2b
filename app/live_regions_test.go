package app

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// loginHosts plays the login hosts of all regions behind a proxy. One region knows a client.
type loginHosts struct {
	proxy *httptest.Server

	mu    sync.Mutex
	asked []string
}

func newLoginHosts(t *testing.T, knowing, id, secret string) *loginHosts {
	t.Helper()
	hosts := &loginHosts{}
	tls := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hosts.mu.Lock()
		hosts.asked = append(hosts.asked, r.Host)
		hosts.mu.Unlock()
		user, password, _ := r.BasicAuth()
		w.Header().Set("Content-Type", "application/json")
		if r.Host == knowing && r.Method == http.MethodPost && user == id && password == secret {
			_, _ = io.WriteString(w, `{"access_token":"t","token_type":"bearer","expires_in":86399}`)
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_client","description":"client not found"}`)
	}))
	t.Cleanup(tls.Close)
	hosts.proxy = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		there, err := new(net.Dialer).DialContext(r.Context(), "tcp", tls.Listener.Addr().String())
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			there.Close()
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
		var both sync.WaitGroup
		both.Go(func() { _, _ = io.Copy(there, here); there.Close() })
		both.Go(func() { _, _ = io.Copy(here, there); here.Close() })
		both.Wait()
	}))
	t.Cleanup(hosts.proxy.Close)
	return hosts
}

func (h *loginHosts) distinct() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	slices.Sort(h.asked)
	return slices.Compact(slices.Clone(h.asked))
}

func TestLiveCheckAsksOtherRegions(t *testing.T) {
	hosts := newLoginHosts(t, "login.mypurecloud.ie", "the-client", "CANARY-secret")
	config := fmt.Sprintf(`genesys:
  - name: emea
    region: eu-central-1
    client_id: the-client
    client_secret: CANARY-secret
    http: {proxy_url: %q, tls_config: {insecure_skip_verify: true}}
`, hosts.proxy.URL)
	report, _ := checkWorld(t, config)
	if diff := cmp.Diff([]string{"login.mypurecloud.de"}, hosts.distinct()); diff != "" {
		t.Errorf("login hosts asked without --check.regions (-want +got):\n%s", diff)
	}
	if got := report.texts("login_refused"); len(got) != 1 || !strings.Contains(got[0], "--check.regions") {
		t.Errorf("findings = %q, want one that names --check.regions", got)
	}
	report, text := checkWorld(t, config, "--check.regions")
	want := []string{"emea health,edges,trunks,definitions,presence,queues,calls,service_level,quota,credential,events: the login host refuses the client: the region is wrong. " +
		"The login host of eu-west-1 knows this client"}
	if diff := cmp.Diff(want, report.texts("login_refused")); diff != "" {
		t.Errorf("findings (-want +got):\n%s\n%s", diff, text)
	}
	if got := len(hosts.distinct()); got != 18 {
		t.Errorf("%d login hosts were asked, want all 18", got)
	}
	if strings.Contains(text, "CANARY") {
		t.Errorf("the report shows a secret:\n%s", text)
	}
}
