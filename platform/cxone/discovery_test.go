package cxone

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

func TestDecodeLocation(t *testing.T) {
	const issuer = DefaultIssuer
	recorded := string(sample(t, "cxone-configuration"))
	endpoint := func(url string) string { return `{"area":"na1","api_endpoint":"` + url + `"}` }
	login := func(url string) string {
		return `{"area":"na1","api_endpoint":"https://h","auth_endpoint":"` + url + `"}`
	}
	for _, test := range []struct {
		name, body, issuer, override string
		want                         location
		problem                      string
	}{
		{"recorded", recorded, issuer, "", location{"na1", "https://api-na1.niceincontact.com", "https://na1.nice-incontact.com"}, ""},
		{"override", recorded, issuer, "https://proxy.example.org", location{"na1", "https://proxy.example.org", "https://na1.nice-incontact.com"}, ""},
		{"slash", endpoint("https://api-na1.niceincontact.com/"), issuer, "", location{"na1", "https://api-na1.niceincontact.com", ""}, ""},
		{"upper case", `{"Area":"EU1","API_Endpoint":"https://h"}`, issuer, "", location{"eu1", "https://h", ""}, ""},
		{"test issuer", endpoint("http://127.0.0.1:99"), "http://127.0.0.1:98", "", location{"na1", "http://127.0.0.1:99", ""}, ""},
		{"login", login("https://auth.example.org/"), issuer, "", location{"na1", "https://h", "https://auth.example.org"}, ""},
		{"login in plain text", login("http://auth.example.org"), issuer, "", location{"na1", "https://h", ""}, ""},
		{"login in plain text, as the issuer", login("http://auth.example.org"), "http://i", "", location{"na1", "https://h", "http://auth.example.org"}, ""},
		{"login with a user", login("https://a:b@h"), issuer, "", location{"na1", "https://h", ""}, ""},
		{"login with a path", login("https://h/login"), issuer, "", location{"na1", "https://h", ""}, ""},
		{"plain text host", endpoint("http://api-na1.niceincontact.com"), issuer, "", location{}, "api_endpoint"},
		{"user", endpoint("https://a:b@h"), issuer, "", location{}, "api_endpoint"},
		{"path", endpoint("https://h/x"), issuer, "", location{}, "api_endpoint"},
		{"query", endpoint("https://h?x=1"), issuer, "", location{}, "api_endpoint"},
		{"empty query", endpoint("https://h?"), issuer, "", location{}, "api_endpoint"},
		{"fragment", endpoint("https://h#x"), issuer, "", location{}, "api_endpoint"},
		{"scheme", endpoint("file:///etc/passwd"), issuer, "", location{}, "api_endpoint"},
		{"no scheme", endpoint("api-na1.niceincontact.com"), issuer, "", location{}, "api_endpoint"},
		{"missing", `{"area":"na1"}`, issuer, "", location{}, "api_endpoint"},
		{"no area", `{"api_endpoint":"https://h"}`, issuer, "", location{}, "no area"},
		{"area is no word", `{"area":"na1.evil/","api_endpoint":"https://h"}`, issuer, "", location{}, "no area"},
		{"area is no text", `{"area":1,"api_endpoint":"https://h"}`, issuer, "", location{}, "no area"},
		{"empty", ``, issuer, "", location{}, "no area"},
		{"no object", `[]`, issuer, "", location{}, "expected an object"},
	} {
		got, err := decodeLocation(answer(test.body), test.issuer, test.override)
		if got != test.want || (err == nil) != (test.problem == "") || err != nil && !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%s: decodeLocation = %+v, %v, want %+v, %q", test.name, got, err, test.want, test.problem)
		}
	}
}

func FuzzLocation(f *testing.F) {
	seeds(f, "cxone-configuration", "openid-configuration")
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decodeLocation(answer(string(body)), DefaultIssuer, "")
		if err == nil && (!strings.HasPrefix(got.api, "https://") || !settings.PlainHost(got.api) || !areaForm.MatchString(got.region) ||
			got.login != "" && (!strings.HasPrefix(got.login, "https://") || !settings.PlainHost(got.login))) {
			t.Errorf("decodeLocation(%q) = %+v", body, got)
		}
	})
}

// script answers discovery from a list, the last entry for ever.
type script struct {
	answers []error // nil: found
	asked   int
}

func (s *script) ask(context.Context) (location, error) {
	err := s.answers[min(s.asked, len(s.answers)-1)]
	s.asked++
	time.Sleep(time.Second)
	return location{region: "na1", api: "https://h"}, err
}

// TestTenancy follows discovery over time: asked by one at a time, again after 10 s while nothing is known, hourly once
// it is, after a minute when that fails, and never forgetting what it knew.
func TestTenancy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := errors.New("down")
		s := &script{answers: []error{down, nil, down, nil}}
		tenancy := newTenancy(DefaultConfig(), s.ask)
		defer tenancy.lookup.Close()
		refresh := func() error { return tenancy.refresh(t.Context())(t.Context()) }
		expect := func(when string, asked int, region string, want error) {
			t.Helper()
			if got := refresh(); s.asked != asked || tenancy.region() != region || !errors.Is(got, want) {
				t.Errorf("%s: asked %d times, region %q, %v; want %d, %q, %v",
					when, s.asked, tenancy.region(), got, asked, region, want)
			}
		}
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				if _, err := tenancy.find(t.Context()); !errors.Is(err, down) {
					t.Errorf("find = %v, want the failure", err)
				}
			})
		}
		all.Wait()
		expect("five at once", 1, "", down)
		time.Sleep(11 * time.Second)
		for range 3 {
			if p, err := tenancy.find(t.Context()); err != nil || p.api != "https://h" {
				t.Errorf("find = %+v, %v", p, err)
			}
		}
		expect("known", 2, "na1", nil)
		for range 59 {
			_ = refresh()
			time.Sleep(time.Minute)
		}
		expect("within the hour", 2, "na1", nil)
		time.Sleep(time.Minute)
		if err := refresh(); !errors.Is(err, down) {
			t.Errorf("refresh = %v, want the failure", err)
		}
		_ = refresh()
		expect("failed after an hour", 3, "na1", down)
		time.Sleep(time.Minute)
		_ = refresh()
		expect("back", 4, "na1", nil)
	})
}

// TestTenancyWait: who waits for another's question stops waiting when its own time is up.
func TestTenancyWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenancy := newTenancy(DefaultConfig(), (&script{answers: []error{nil}}).ask)
		defer tenancy.lookup.Close()
		tenancy.refresh(t.Context())
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := tenancy.find(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("find = %v, want the end of its time", err)
		}
		time.Sleep(2 * time.Second)
	})
}

func TestDiscoveryStatus(t *testing.T) {
	for _, test := range []struct {
		err   error
		known bool
		want  platform.Status
	}{
		{nil, true, platform.Operational},
		{&rest.Error{Status: 503}, true, platform.Degraded},
		{&rest.Error{Status: 503}, false, platform.Critical},
		{context.DeadlineExceeded, true, platform.Degraded},
		{&rest.Error{Status: 404}, true, platform.Unknown},
		{&rest.Error{Status: 429}, false, platform.Unknown},
		{&rest.Error{Status: 503, Login: true}, false, platform.Unknown},
		{errors.New("cxone-configuration names no area"), false, platform.Unknown},
	} {
		if got := discoveryStatus(test.err, test.known); got != test.want {
			t.Errorf("discoveryStatus(%v, %v) = %v, want %v", test.err, test.known, got, test.want)
		}
	}
}

// TestDiscoveryPanics: a document that brings the decoder down is a failure of discovery and nothing else.
func TestDiscoveryPanics(t *testing.T) {
	tenancy := newTenancy(DefaultConfig(), func(context.Context) (location, error) { panic("canary") })
	defer tenancy.lookup.Close()
	if _, err := tenancy.find(t.Context()); err == nil || !strings.Contains(err.Error(), "canary") || tenancy.region() != "" {
		t.Errorf("find = %v in region %q, want the panic as an error", err, tenancy.region())
	}
}
