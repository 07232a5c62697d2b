package genesys

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// errorBody is the platform's, with a person in every place that may name one.
func errorBody(status int, code string) string {
	return fmt.Sprintf(`{"message":"canary jane.doe@example.com %[3]s","code":%[2]q,"status":%[1]d,"entityName":"canary",
		"messageParams":{"user":"canary"},"contextId":"5f2f","details":[],"errors":[]}`, status, code, userID(1))
}

// TestRefusals: what the platform's code says, of one change and of a batch. No error repeats the platform's words.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		status      int
		code        string
		reason      platform.Reason
		single, all platform.Refusal // of a single write and of a batch of one; of a batch of more
	}{
		{403, "presence.not.authorized.update.other.user.presence", "forbidden", "all", "all"},
		{403, "missing.permissions", "forbidden", "all", "all"},
		{403, "missing.any.permissions", "forbidden", "all", "all"},
		{403, "presence.not.authorized.update.on.queue", "forbidden", "on_queue", "on_queue"},
		{403, "missing.division.permission", "forbidden", "person", "batch"},
		{403, "missing.any.division.permissions", "forbidden", "person", "batch"},
		{403, "not.authorized", "forbidden", "person", "batch"},
		{404, "presenceservice.usernotfound", "not_found", "gone", "batch"},
		{404, "not.found", "not_found", "gone", "batch"},
		{409, "presenceservice.conflict", "bad_response", "busy", "batch"},
		{400, "endpoint.does.not.support.on.queue", "bad_response", "batch", "batch"},
		{400, "max.user.presences", "bad_response", "batch", "batch"},
		{409, "conflict", "bad_response", "busy", "batch"},
		{400, "bad.request", "bad_response", "person", "batch"},
		{413, "request.entity.too.large", "bad_response", "person", "batch"},
		{401, "bad.credentials", "auth", "", ""},
		{429, "too.many.requests.retry.after", "rate_limited", "", ""},
		{500, "internal.server.error", "server_error", "", ""},
		{503, "service.unavailable", "server_error", "", ""},
	} {
		o := newOrganization(t)
		o.fails(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(test.status)
			fmt.Fprint(w, errorBody(test.status, test.code))
		})
		w, _ := o.writer(t, nil)
		for _, write := range []struct {
			name string
			send func() error
			want platform.Refusal
		}{
			{"batch", func() error { _, err := w.WriteMany(t.Context(), toBusy(3)); return err }, test.all},
			{"batch of one", func() error { _, err := w.WriteMany(t.Context(), toBusy(1)); return err }, test.single},
			{"single", func() error { _, err := w.WriteOne(t.Context(), toBusy(1)[0]); return err }, test.single},
		} {
			err := write.send()
			if platform.ReasonOf(err) != test.reason || platform.RefusalOf(err) != write.want {
				t.Errorf("%s with %d %s = %v: reason %s, refusal %q, want %s, %q", write.name, test.status, test.code, err,
					platform.ReasonOf(err), platform.RefusalOf(err), test.reason, write.want)
			}
			if err == nil || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), userID(1)) {
				t.Errorf("%s with %d: the error is none or names a person: %v", write.name, test.status, err)
			}
			if test.status != 429 && !strings.Contains(err.Error(), test.code) {
				t.Errorf("%s with %d: the error does not hold the code %s: %v", write.name, test.status, test.code, err)
			}
		}
	}
}

// TestRefusalInDetails reads a code that stands in the details of a fault only.
func TestRefusalInDetails(t *testing.T) {
	o := newOrganization(t)
	o.fails(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"code":"bad.request","details":[{"errorCode":"x"},{"errorCode":"presenceservice.usernotfound"}]}`)
	})
	w, _ := o.writer(t, nil)
	if _, err := w.WriteOne(t.Context(), toBusy(1)[0]); platform.RefusalOf(err) != platform.RefusedGone {
		t.Errorf("WriteOne = %v, refusal %q, want gone", err, platform.RefusalOf(err))
	}
}

// TestWritesAreSentOnce: whatever becomes of a write, it is not sent again. A pause that the platform asks for holds for the
// next write too, without a request.
func TestWritesAreSentOnce(t *testing.T) {
	for name, fault := range map[string]struct {
		answer http.HandlerFunc
		reason platform.Reason
		next   int // requests after a second write
	}{
		"cut off":             {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, platform.ReasonNetwork, 2},
		"bad gateway":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, platform.ReasonServerError, 2},
		"service unavailable": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, platform.ReasonServerError, 2},
		"rate limited": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "42")
			w.WriteHeader(http.StatusTooManyRequests)
		}, platform.ReasonRateLimited, 1},
	} {
		o := newOrganization(t)
		w, _ := o.writer(t, nil)
		o.fails(fault.answer)
		requests := 0
		for i, write := range []func() error{
			func() error { _, err := w.WriteMany(t.Context(), toBusy(2)); return err },
			func() error { _, err := w.WriteOne(t.Context(), toBusy(1)[0]); return err },
		} {
			if err := write(); platform.ReasonOf(err) != fault.reason || platform.RefusalOf(err) != "" {
				t.Errorf("%s: write %d = %v, want %s", name, i, err, fault.reason)
			}
			requests += len(o.asked())
			if want := []int{1, fault.next}[i]; requests != want {
				t.Errorf("%s: %d requests after write %d, want %d", name, requests, i, want)
			}
		}
	}
}
