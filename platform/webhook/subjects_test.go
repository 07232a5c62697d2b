package webhook

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMTLS sends requests with certificates that bear a name of one type only.
func TestMTLS(t *testing.T) {
	spiffe, err := url.Parse("spiffe://nice/gateway")
	if err != nil {
		t.Fatal(err)
	}
	known := &x509.Certificate{Raw: []byte("known")}
	r := newReceiver(t, t.Output(), "{name: voice, kind: voice_quality, account: us, mtls: {subjects: ['cn:nice', 'dns:Gateway.example.org', "+
		"'subject:cn = whole, O=Example', 'uri:spiffe://nice/gateway', 'email:ops@Example.org', 'sha256:"+fmt.Sprintf("%X", sha256.Sum256(known.Raw))+"']}}")
	later := time.Now().Add(time.Hour)
	for name, tc := range map[string]struct {
		leaf       *x509.Certificate
		unverified bool
		status     int
	}{
		"common name":              {leaf: &x509.Certificate{Subject: pkix.Name{CommonName: "nice"}}, status: 200},
		"DNS name":                 {leaf: &x509.Certificate{DNSNames: []string{"x", "gateway.Example.org"}}, status: 200},
		"URI":                      {leaf: &x509.Certificate{URIs: []*url.URL{spiffe}}, status: 200},
		"mail address":             {leaf: &x509.Certificate{EmailAddresses: []string{"ops@example.org"}}, status: 200},
		"whole subject":            {leaf: &x509.Certificate{Subject: pkix.Name{CommonName: "whole", Organization: []string{"Example"}}}, status: 200},
		"fingerprint":              {leaf: known, status: 200},
		"part of a subject":        {leaf: &x509.Certificate{Subject: pkix.Name{CommonName: "whole"}}, status: 404},
		"a comma in a name":        {leaf: &x509.Certificate{Subject: pkix.Name{CommonName: "whole,O=Example"}}, status: 404},
		"another name":             {leaf: &x509.Certificate{Subject: pkix.Name{CommonName: "nicer"}}, status: 404},
		"a common name as DNS":     {leaf: &x509.Certificate{DNSNames: []string{"nice"}}, status: 404},
		"a common name as mail":    {leaf: &x509.Certificate{EmailAddresses: []string{"nice"}}, status: 404},
		"a DNS name as common":     {leaf: &x509.Certificate{Subject: pkix.Name{CommonName: "gateway.example.org"}}, status: 404},
		"a subject as common name": {leaf: &x509.Certificate{Subject: pkix.Name{CommonName: "CN=whole,O=Example"}}, status: 404},
		"mail of another case":     {leaf: &x509.Certificate{EmailAddresses: []string{"OPS@example.org"}}, status: 404},
		"another fingerprint":      {leaf: &x509.Certificate{Raw: []byte("other")}, status: 404},
		"without a name":           {leaf: &x509.Certificate{}, status: 404},
		"not verified":             {leaf: &x509.Certificate{Subject: pkix.Name{CommonName: "nice"}}, unverified: true, status: 404},
		"expired since":            {leaf: &x509.Certificate{Subject: pkix.Name{CommonName: "nice"}, NotAfter: time.Now().Add(-time.Second)}, status: 404},
		"no certificate":           {status: 404},
	} {
		request := unsigned(strings.NewReader(call(1)))
		if tc.leaf != nil {
			if tc.leaf.NotAfter.IsZero() {
				tc.leaf.NotAfter = later
			}
			request.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{tc.leaf}}
			if !tc.unverified {
				request.TLS.VerifiedChains = [][]*x509.Certificate{{tc.leaf}}
			}
		}
		if got := serve(r, request).Code; got != tc.status {
			t.Errorf("%s = %d, want %d", name, got, tc.status)
		}
	}
}

func TestParseSubject(t *testing.T) {
	digits := strings.Repeat("a1", 32)
	pairs := strings.TrimSuffix(strings.Repeat("A1:", 32), ":")
	const form = ", expected cn:NAME, dns:NAME, uri:URI, email:ADDRESS, subject:DN or sha256:FINGERPRINT"
	const noDN = `: no distinguished name such as CN=gateway,O=Example; a comma in a name is written \,`
	for text, want := range map[string]struct {
		subject subject
		err     string
	}{
		"cn:nice gateway":                   {subject{"cn", "nice gateway"}, ""},
		" dns: Gateway.Example.org. ":       {subject{"dns", "gateway.example.org"}, ""},
		"uri:spiffe://nice/gateway":         {subject{"uri", "spiffe://nice/gateway"}, ""},
		"email:Ops@Example.ORG":             {subject{"email", "Ops@example.org"}, ""},
		"sha256:" + digits:                  {subject{"sha256", digits}, ""},
		"sha256:" + pairs:                   {subject{"sha256", digits}, ""},
		`subject:cn = a\, b , o=Example`:    {subject{"subject", `CN=a\, b,O=Example`}, ""},
		`subject:CN=a + UID=b,O=c\ `:        {subject{"subject", `CN=a+UID=b,O=c\ `}, ""},
		"nice":                              {err: `"nice"` + form},
		"spiffe://nice/gateway":             {err: `"spiffe://nice/gateway"` + form},
		"CN:nice":                           {err: `"CN:nice"` + form},
		"cn:":                               {err: `"cn:": nothing follows the type`},
		"dns:*.example.org":                 {err: `"dns:*.example.org": no DNS name`},
		"uri:gateway":                       {err: `"uri:gateway": no URI with a scheme`},
		"email:gateway":                     {err: `"email:gateway": no mail address`},
		"sha256:a1":                         {err: `"sha256:a1": no SHA-256 fingerprint: expected 64 hexadecimal digits`},
		"subject:gateway":                   {err: `"subject:gateway"` + noDN},
		`subject:CN=a,O="Example, Limited"`: {err: `"subject:CN=a,O=\"Example, Limited\""` + noDN},
	} {
		got, err := parseSubject(text)
		message := ""
		if err != nil {
			message = err.Error()
		}
		if diff := cmp.Diff(want.subject, got, cmp.AllowUnexported(subject{})); diff != "" || message != want.err {
			t.Errorf("parseSubject(%q): %q, want %q (-want +got):\n%s", text, message, want.err, diff)
		}
	}
}

// FuzzSubject reads configured subjects, and holds distinguished names against certificates that bear them.
func FuzzSubject(f *testing.F) {
	for _, seed := range []string{"cn:a", "dns:a.b", "uri:a:b", "email:a@b", "sha256:00", `subject:CN=a\,b+X=c, O=d\\ `, "subject:CN=\\", "subject:=,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := parseSubject(text); err == nil {
			again, err := parseSubject(s.kind + ":" + s.value)
			if err != nil || again != s {
				t.Errorf("parseSubject(%q) = %q, read again %q, %v", text, s, again, err)
			}
		}
		c := &x509.Certificate{Subject: pkix.Name{CommonName: text, Organization: []string{"Example"}}}
		s, err := parseSubject("subject:" + c.Subject.String())
		if err != nil {
			return // a " in a name
		}
		if !s.in(c) {
			t.Errorf("%q is not in the certificate of which it is the name: %q", s.value, c.Subject)
		}
		other := &x509.Certificate{Subject: pkix.Name{CommonName: text + "x", Organization: []string{"Example"}}}
		if s.in(other) {
			t.Errorf("%q is in the certificate of %q", s.value, other.Subject)
		}
	})
}
