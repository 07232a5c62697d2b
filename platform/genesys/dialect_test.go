package genesys

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

func TestFault(t *testing.T) {
	for body, want := range map[string]rest.Fault{
		`{"message":"Missing permission(s): [telephony:plugin:all]","code":"missing.any.permissions","status":403,"contextId":"c"}`: {
			Code: "missing.any.permissions", Message: "Missing permission(s): [telephony:plugin:all]",
		},
		`{"code":"general.bad.request","message":"bad","details":[{"errorCode":"REFERENCED_KEY_DOES_NOT_EXIST","fieldName":"edgeId"}]}`: {
			Code: "general.bad.request", Message: "bad", Details: []string{"REFERENCED_KEY_DOES_NOT_EXIST"},
		},
		`{"error":{"a":1},"message":"still read","details":"none"}`: {Message: "still read"},
		`{"error":"invalid_client","description":"client not found","error_description":"client not found"}`: {
			Code: "invalid_client", Message: "client not found",
		},
		`{"error":"invalid_request","description":"Rate limit exceeded the maximum"}`: {
			Code: "invalid_request", Message: "Rate limit exceeded the maximum", RateLimited: true,
		},
		`{"error":"invalid_request","description":"no grant_type"}`: {Code: "invalid_request", Message: "no grant_type"},
		`<html>`: {},
		``:       {},
	} {
		if diff := cmp.Diff(want, fault(nil, []byte(body))); diff != "" {
			t.Errorf("fault(%s) (-want +got):\n%s", body, diff)
		}
	}
}

func TestWindow(t *testing.T) {
	for _, test := range []struct {
		headers http.Header
		want    rest.Window
		ok      bool
	}{
		{http.Header{"inin-ratelimit-count": {"1"}, "Inin-RateLimit-Allowed": {"180"}, "ININ-RATELIMIT-RESET": {"61"}}, rest.Window{Allowed: 180, Remaining: 179, Reset: 61 * time.Second}, true},
		{http.Header{"inin-ratelimit-count": {"1"}, "inin-ratelimit-allowed": {"180"}}, rest.Window{Allowed: 180, Remaining: 179}, true},
		{http.Header{"inin-ratelimit-count": {"-1"}, "inin-ratelimit-allowed": {"180"}}, rest.Window{}, false},
		{http.Header{"inin-ratelimit-allowed": {"180"}}, rest.Window{}, false},
		{http.Header{}, rest.Window{}, false},
	} {
		h := http.Header{}
		for name, values := range test.headers {
			h.Set(name, values[0])
		}
		got, ok := window(h)
		if diff := cmp.Diff(test.want, got); ok != test.ok || diff != "" {
			t.Errorf("window(%v): %v, want %v (-want +got):\n%s", h, ok, test.ok, diff)
		}
	}
}

func FuzzFault(f *testing.F) {
	for _, seed := range []string{
		`{"message":"m","code":"c","details":[{"errorCode":"E"}]}`, `{"error":"e","error_description":"d"}`, `{"error":1,"details":[1]}`, `[]`, `<html>`, "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got := fault(nil, body)
		var known struct{ Message string }
		if json.Unmarshal(body, &known) == nil && known.Message == "plain" && got.Message != "plain" {
			t.Errorf("message = %q, want plain", got.Message)
		}
	})
}

func FuzzWindow(f *testing.F) {
	for _, seed := range [][3]string{{"1", "180", "61"}, {"300", "300", "5"}, {"", "", ""}, {"-1", "1e9", "x"}, {"5", "0", "1"}, {"999", "1", "4294967296"}} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, count, allowed, reset string) {
		h := http.Header{}
		h.Set("inin-ratelimit-count", count)
		h.Set("ININ-RateLimit-Allowed", allowed)
		h.Set("inin-ratelimit-reset", reset)
		if w, ok := window(h); !ok && w != (rest.Window{}) || w.Allowed < 0 || w.Remaining > w.Allowed || w.Reset < 0 {
			t.Errorf("window(%q, %q, %q) = %+v, %v", count, allowed, reset, w, ok)
		}
	})
}
