package sip

import (
	"crypto/tls"
	"net"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestTransport: the next hop decides, and the way to a sips: URI is TLS or none.
func TestTransport(t *testing.T) {
	const unknown = "names a transport that is not known, expected udp, tcp or tls"
	for _, tc := range []struct{ uri, proxy, set, want, problem string }{
		{"sip:h", "", "", UDP, ""},
		{"sips:h", "", "", TLS, ""},
		{"SIPS:h", "", "", TLS, ""},
		{"sip:h;transport=TCP", "", "", TCP, ""},
		{"sip:h;Transport=tcp", "", "", TCP, ""},
		{"sip:h;transport=tls", "", "", TLS, ""},
		{"sip:h", "", TCP, TCP, ""},
		{"sips:h;transport=tcp", "", "", TLS, ""},
		{"sips:h;transport=tcp", "", TLS, TLS, ""},
		{"sips:h;transport=udp", "", "", "", "uri: names another transport than tls"},
		{"sips:h", "", UDP, "", `transport: "udp" with a sips: URI, expected tls`},
		{"sip:h;transport=tcp", "", UDP, "", "uri: names another transport than udp"},
		{"sip:h;transport=sctp", "", "", "", "uri: " + unknown},
		{"sip:h", "", "sctp", "", "transport: not known, expected udp, tcp or tls"},

		{"sip:h;transport=tcp", "sip:proxy", "", UDP, ""}, // what the target wants is the proxy's business
		{"sip:h;transport=sctp", "sip:proxy;transport=TCP", "", TCP, ""},
		{"sip:h", "sips:proxy", "", TLS, ""},
		{"sips:h", "sip:proxy", "", TLS, ""},
		{"sips:h", "sip:proxy;transport=tls", "", TLS, ""},
		{"sips:h", "sip:proxy;transport=tcp", "", "", "outbound_proxy: names another transport than tls"},
		{"sip:h", "sips:proxy;transport=udp", "", "", "outbound_proxy: names another transport than tls"},
		{"sip:h", "sips:proxy", UDP, "", `transport: "udp" with a sips: URI, expected tls`},
		{"sips:h", "sip:proxy", TCP, "", `transport: "tcp" with a sips: URI, expected tls`},
		{"sip:h", "sip:proxy;transport=ws", "", "", "outbound_proxy: " + unknown},
	} {
		tgt := target(tc.uri)
		tgt.OutboundProxy, tgt.Transport = tc.proxy, tc.set
		r, problems := tgt.route()
		if got := joined(problems); got != tc.problem {
			t.Errorf("problems of %+v = %q, want %q", tc, got, tc.problem)
		}
		if got := joined(tgt.Validate()); got != tc.problem {
			t.Errorf("problems of the whole target %+v = %q, want %q", tc, got, tc.problem)
		}
		if tc.problem == "" && r.transport != tc.want {
			t.Errorf("transport of %+v = %s, want %s", tc, r.transport, tc.want)
		}
		if _, err := NewProber(new(net.Resolver)).Probe(t.Context(), tgt); tc.problem != "" && (err == nil || err.Error() != tc.problem) {
			t.Errorf("probe of %+v: error = %v, want %q", tc, err, tc.problem)
		}
	}
}

// TestSecureProxy: requests to a sips: proxy, and those for a sips: target through any proxy, are seen over TLS only.
func TestSecureProxy(t *testing.T) {
	ca := newAuthority(t)
	server := &tls.Config{Certificates: []tls.Certificate{load(ca.issueAt(time.Now().Add(time.Hour)))}}
	for _, tc := range []struct{ uri, scheme string }{{"sip:carrier.invalid", "sips:"}, {"sips:carrier.invalid", "sip:"}} {
		p := overStream(t, server, always(200))
		tgt := target(tc.uri)
		tgt.OutboundProxy, tgt.TLS.CAFile, tgt.Timeout = tc.scheme+p.address, ca.file, DefaultTarget.Timeout
		if r := probe(t, tgt); !r.Success || r.Phases["tls"] == 0 {
			t.Errorf("%s through %s: %+v, want a success over TLS", tc.uri, tgt.OutboundProxy, r)
		}
	}
}

// TestFromDomain: a peer that accepts only hosts it knows finds the domain in From and in Contact.
func TestFromDomain(t *testing.T) {
	p := overUDP(t, func(_ int, request string) []reply {
		for _, header := range []string{"From", "Contact"} {
			if !strings.HasPrefix(line(request, header), "<sip:ccaas-exporter@sbc.example.com") {
				return []reply{{text: respond(request, 403)}}
			}
		}
		return []reply{{text: respond(request, 200)}}
	})
	tgt := target("sip:" + p.address)
	tgt.FromDomain = "sbc.example.com"
	if r := probe(t, tgt); r.Code != 200 {
		t.Errorf("result = %+v, want a 200 of the peer that checks the domain", r)
	}
}

// canary is a password that must appear nowhere.
const canary = "cAnArY"

// malformed are spellings of a URI with a password: each way to break each of several right ones.
func malformed() (all []string) {
	whole := []string{
		"sip:user:" + canary + "@host", "sips:user:" + canary + "@[2001:db8::1]:5061;transport=tls", "sip:user:" + canary + "@192.0.2.1:5060?Subject=x",
	}
	for _, uri := range whole {
		all = append(all, uri, uri+" ", " "+uri, uri+"\r\nX: y", uri+"\x00", uri+"@again", uri+":99999", uri+"%zz", uri+";maddr=h", uri+";transport="+canary,
			"<"+uri+">", `"`+uri+`"`, "*"+uri, "é"+uri, strings.Repeat(uri, 9), url.QueryEscape(uri))
		for _, cut := range []string{"sip", ":", "user", "@", "host", "]", "["} {
			all = append(all, strings.ReplaceAll(uri, cut, ""), strings.ReplaceAll(uri, cut, cut+cut), strings.ReplaceAll(uri, cut, cut+" "),
				strings.ReplaceAll(uri, cut, cut+"\n"), strings.ReplaceAll(uri, cut, cut+"/"))
		}
		for i := range len(uri) {
			if strings.Contains(uri[i:], ":"+canary) {
				all = append(all, uri[i:], "sip:"+uri[i:], uri[:i]+"\t"+uri[i:])
			}
		}
		all = append(all, uri[:strings.Index(uri, canary)+len(canary)]) // no host
	}
	return all
}

// TestNoPasswordInErrors puts each spelling into each key of a target that may hold a URI or a part of one, and looks for
// the password in what the validation and the prober say.
func TestNoPasswordInErrors(t *testing.T) {
	keys := reflect.TypeFor[Target]()
	checked := 0
	for i := range keys.NumField() {
		key := keys.Field(i)
		if key.Type.Kind() != reflect.String || key.Name == "Name" || key.Name == "Account" || key.Name == "Trunk" {
			continue // names are no URIs, and shown in labels
		}
		for _, spelling := range malformed() {
			tgt := target("sip:127.0.0.1:1")
			tgt.Account = "emea"
			reflect.ValueOf(&tgt).Elem().Field(i).SetString(spelling)
			problems := ValidateTargets([]Target{tgt}, []string{"emea"})
			if key.Name == "URI" || key.Name == "OutboundProxy" {
				if problems == nil {
					t.Errorf("%s: %q is accepted", key.Name, spelling)
				}
				_, err := NewProber(new(net.Resolver)).Probe(t.Context(), tgt)
				problems = append(problems, err)
			}
			for _, err := range problems {
				if err == nil || strings.Contains(err.Error(), canary) {
					t.Errorf("%s: %q: error = %v, want one without the password", key.Name, spelling, err)
				}
			}
			checked++
		}
	}
	if checked < 500 {
		t.Errorf("%d cases were checked, want hundreds", checked)
	}
}
