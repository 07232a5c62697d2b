package sip

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

func TestTargetDefaults(t *testing.T) {
	var got []Target
	err := yaml.Unmarshal([]byte("- {name: a, uri: 'sip:sbc.example.org', alive: [2xx, 404, 480-499], timeout: 1s}\n"), &got)
	if err != nil {
		t.Fatal(err)
	}
	want := DefaultTarget
	want.Name, want.URI, want.Timeout = "a", "sip:sbc.example.org", model.Duration(time.Second)
	want.Alive = []Codes{{200, 299}, {404, 404}, {480, 499}}
	if diff := cmp.Diff([]Target{want}, got); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	text, err := yaml.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var again []Target
	if err := yaml.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("written and read again (-want +got):\n%s", diff)
	}
}

func TestCodes(t *testing.T) {
	for _, text := range []string{"", "2", "1xx", "7xx", "100", "199-200", "200-", "200-700", "300-200", "2xx-3xx", "-200", "20 0"} {
		var c Codes
		if err := yaml.Unmarshal([]byte("'"+text+"'"), &c); err == nil {
			t.Errorf("%q = %v, want an error", text, c)
		}
	}
}

func TestAlive(t *testing.T) {
	usual, few := DefaultTarget, Target{Alive: []Codes{{200, 299}, {503, 503}}}
	for code, want := range map[int][2]bool{
		200: {true, true}, 302: {true, false}, 401: {true, false}, 404: {true, false}, 408: {false, false}, 407: {true, false},
		500: {false, false}, 503: {false, true}, 599: {false, false}, 603: {true, false},
	} {
		if got := [2]bool{usual.alive(code), few.alive(code)}; got != want {
			t.Errorf("%d is alive = %v, want %v", code, got, want)
		}
	}
}

func TestValidate(t *testing.T) {
	authority := newAuthority(t).pem()
	for name, tc := range map[string]struct {
		change func(*Target)
		want   string
	}{
		"good": {func(*Target) {}, ""},
		"all good": {func(t *Target) {
			t.Account, t.Trunk, t.URI, t.Transport = "emea", "North", "sips:a@[2001:db8::1]:1;x=y", TLS
		}, ""},
		"no name":           {func(t *Target) { t.Name = " " }, "name: missing"},
		"no URI":            {func(t *Target) { t.URI = "" }, "uri: missing"},
		"another scheme":    {func(t *Target) { t.URI = "http://example.org" }, "uri: no SIP URI, expected sip:host or sips:host"},
		"no host":           {func(t *Target) { t.URI = "sip:a@" }, "uri: no SIP URI, expected sip:host or sips:host"},
		"wildcard":          {func(t *Target) { t.URI = "sip:*" }, "uri: no SIP URI, expected sip:host or sips:host"},
		"a header in it":    {func(t *Target) { t.URI = "sip:h\r\nX: y" }, "uri: no SIP URI, expected sip:host or sips:host"},
		"password":          {func(t *Target) { t.URI = "sip:a:canary@h" }, "uri: holds a password, which every hop could read"},
		"URI headers":       {func(t *Target) { t.URI = "sip:h?Subject=x" }, "uri: holds headers, which a request's URI must not"},
		"port":              {func(t *Target) { t.URI = "sip:h:70000" }, "uri: its port is above 65535"},
		"maddr":             {func(t *Target) { t.URI = "sip:h;maddr=192.0.2.1" }, "uri: maddr is not supported: name the proxy as outbound_proxy"},
		"two transports":    {func(t *Target) { t.URI, t.Transport = "sip:h;transport=tcp", UDP }, "uri: names another transport than udp"},
		"no such one":       {func(t *Target) { t.Transport = "sctp" }, "transport: not known, expected udp, tcp or tls"},
		"sips in clear":     {func(t *Target) { t.URI, t.Transport = "sips:h", UDP }, `transport: "udp" with a sips: URI, expected tls`},
		"proxy":             {func(t *Target) { t.OutboundProxy = "proxy.example.org" }, "outbound_proxy: no SIP URI, expected sip:host or sips:host"},
		"preference":        {func(t *Target) { t.Prefer = "ipv6" }, "preferred_ip_protocol: not known, expected ip4 or ip6"},
		"user":              {func(t *Target) { t.FromUser = "a b" }, "from_user: no user of a SIP URI"},
		"domain":            {func(t *Target) { t.FromDomain = "a>b" }, "from_domain: no host"},
		"agent":             {func(t *Target) { t.UserAgent = "x\r\ny" }, "user_agent: expected 1 to 128 printable ASCII characters"},
		"two authorities":   {func(t *Target) { t.TLS.CA, t.TLS.CAFile = authority, "f" }, "tls_config: ca and ca_file, expected at most one"},
		"no certificate":    {func(t *Target) { t.TLS.CA = "ca" }, "tls_config.ca: expected certificates in PEM form"},
		"half a pair":       {func(t *Target) { t.TLS.CertFile = "f" }, "tls_config: cert_file and key_file are given together or not at all"},
		"nothing":           {func(t *Target) { t.Requests = 0 }, "requests: 0 is not within 1 to 100"},
		"a flood":           {func(t *Target) { t.Spacing = 0 }, "spacing: 0s is not within 10ms to 10s"},
		"impatient":         {func(t *Target) { t.Timeout = 0 }, "timeout: 0s is not within 50ms to 32s"},
		"too often":         {func(t *Target) { t.Every = 0 }, "every: 0s is not within 1s to 24h0m0s"},
		"trunk, no account": {func(t *Target) { t.Trunk = "North" }, "trunk: only with an account"},
		"several problems":  {func(t *Target) { t.Name, t.Requests = "", 101 }, "name: missing|requests: 101 is not within 1 to 100"},
	} {
		tgt := target("sip:sbc.example.org")
		tc.change(&tgt)
		if got := joined(tgt.Validate()); got != tc.want {
			t.Errorf("%s: problems = %q, want %q", name, got, tc.want)
		}
	}
}

func joined(problems []error) string {
	var all []string
	for _, err := range problems {
		all = append(all, err.Error())
	}
	return strings.Join(all, "|")
}

func TestValidateTargets(t *testing.T) {
	good, same, lost := target("sip:a"), target("sip:b"), target("sip:c")
	lost.Name, lost.Account = "lost", "apac"
	got := joined(ValidateTargets([]Target{good, same, lost}, []string{"emea"}))
	if want := `[1].name: "sbc" is also the name of sip_targets[0]|[2].account: there is no account "apac"`; got != want {
		t.Errorf("problems = %q, want %q", got, want)
	}
}

func TestLimitsValidate(t *testing.T) {
	if got := joined(DefaultLimits.Validate()); got != "" {
		t.Errorf("problems of the defaults = %q", got)
	}
	want := "probes_per_second: 0 is not within 0 to 10000|concurrent_probes: 0 is not within 1 to 10000"
	if got := joined(Limits{}.Validate()); got != want {
		t.Errorf("problems = %q, want %q", got, want)
	}
}
