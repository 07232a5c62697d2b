package cxone

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

func TestFault(t *testing.T) {
	for _, test := range []struct {
		body, header string
		want         rest.Fault
	}{
		{`{"error":"not_found","errorDescription":"no such agent"}`, "", rest.Fault{Code: "not_found", Message: "no such agent"}},
		{`{"error":"invalid_client","error_description":"unknown key"}`, "bad", rest.Fault{Code: "invalid_client", Message: "unknown key"}},
		{``, "bad skill", rest.Fault{Message: "bad skill"}},
		{`{"error":["a"],"errorDescription":"still read"}`, "", rest.Fault{Message: "still read"}},
		{`<html>`, "", rest.Fault{}},
	} {
		h := http.Header{}
		h.Set("icStatusDescription", test.header)
		if diff := cmp.Diff(test.want, fault(h, []byte(test.body))); diff != "" {
			t.Errorf("fault(%s, %q) (-want +got):\n%s", test.body, test.header, diff)
		}
	}
}

func FuzzFault(f *testing.F) {
	for _, seed := range []string{`{"error":"e","error_description":"d"}`, `{"error":1}`, `[]`, `<html>`, ""} {
		f.Add([]byte(seed), "text")
	}
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		h := http.Header{"Icstatusdescription": {header}}
		if got := fault(h, body); len(got.Details) > 0 || got.RateLimited {
			t.Errorf("fault(%q, %q) = %+v", body, header, got)
		}
	})
}
