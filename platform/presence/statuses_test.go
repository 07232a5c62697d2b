package presence_test

import (
	"net/http"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

const (
	bulkPath  = "/api/v2/users/presences/bulk"
	usersPath = "/api/v2/users"
)

// refused is an answer to so many requests of a method.
func refused(method string, status int, code string, times int) simulator.Fault {
	f := simulator.Fault{Method: method, Path: usersPath, Status: status, Code: code, Times: times}
	if status == http.StatusTooManyRequests {
		f.Header = http.Header{"Retry-After": {"1"}}
	}
	return f
}

// batchStatuses answer the batch of four agents in every documented way.
func batchStatuses() map[string]func(t *testing.T) {
	const n = 4
	tests := map[string]func(t *testing.T){}
	// Whatever is refused for a while, in the end all are protected.
	for name, tc := range map[string]struct {
		fault          simulator.Fault
		result, reason string // that is counted
	}{
		"400 as a whole":                {refused(http.MethodPut, 400, "max.user.presences", 1), "written", "bad_response"},
		"400 with a code of its own":    {refused(http.MethodPut, 400, "bad.request", 1), "written", "bad_response"},
		"403 with a code of its own":    {refused(http.MethodPut, 403, "not.authorized", 1), "written", "forbidden"},
		"404 with a code of its own":    {refused(http.MethodPut, 404, "not.found", 1), "written", "not_found"},
		"409 once":                      {refused(http.MethodPut, 409, "presenceservice.conflict", 1), "written", "bad_response"},
		"429":                           {refused(http.MethodPut, 429, "too.many.requests.retry.after", 1), "written", "rate_limited"},
		"500":                           {refused(http.MethodPut, 500, "internal.server.error", 1), "unconfirmed", "server_error"},
		"503":                           {refused(http.MethodPut, 503, "service.unavailable", 1), "unconfirmed", "server_error"},
		"the connection is torn down":   {simulator.Fault{Method: http.MethodPut, Path: bulkPath, Reset: true, Times: 1}, "unconfirmed", "network"},
		"an answer that is none at all": {simulator.Fault{Method: http.MethodPut, Path: bulkPath, Body: "<html>", Times: 1}, "unconfirmed", "bad_response"},
	} {
		tests[name] = func(t *testing.T) {
			f := staffed(t, n, nil)
			f.w.Inject("emea", tc.fault)
			f.contacts(t)
			until(t, "all are protected, and what became of it is counted", func() bool { // which may come later
				return f.shows("busy") == n && f.value(t, "changes_total", "protect", tc.result) >= n
			})
			if got := f.value(t, "requests_total", "bulk", tc.reason); got != 1 {
				t.Errorf("%v requests failed with %s, want 1", got, tc.reason)
			}
		}
	}
	// What is refused to the client at all stops every write.
	for _, code := range []string{"presence.not.authorized.update.other.user.presence", "missing.permissions"} {
		tests["403 "+code] = func(t *testing.T) {
			f := staffed(t, n, nil)
			f.w.Inject("emea", refused(http.MethodPut, 403, code, 0))
			f.contacts(t)
			until(t, "a request is refused", func() bool { return f.value(t, "changes_total", "protect", "failed") == n })
			f.passes(t, 5)
			if got := f.value(t, "requests_total", "bulk"); got != 1 || f.shows("on_queue") != n {
				t.Errorf("%v requests, want 1", got)
			}
		}
	}
	return tests
}

// oneOfABatch treat one agent of four otherwise: the others are protected all the same.
func oneOfABatch() map[string]func(t *testing.T) {
	const n, odd = 4, 2
	tests := map[string]func(t *testing.T){}
	for name, tc := range map[string]struct {
		fault     simulator.WriteFault
		times     int
		protected int
		failed    float64 // changes
		asked     int     // times at most, of the odd one
	}{
		"403 in a division":                    {simulator.WriteForbidden, 0, n - 1, 1, 3},
		"404":                                  {simulator.WriteGone, 0, n - 1, 1, 3},
		"409 while the earlier update runs":    {simulator.WriteBusy, 4, n, 0, 5},
		"left out of a 200":                    {simulator.WriteLeftOut, 1, n, 0, 2},
		"written, and left out of the answer":  {simulator.WriteUnshown, 1, n, 0, 1},
		"another user's presence in its place": {simulator.WriteStranger, 1, n, 0, 2},
	} {
		tests[name] = func(t *testing.T) {
			f := staffed(t, n, nil)
			f.w.FailWrites("emea", f.emea[odd].ID, tc.fault, tc.times)
			f.contacts(t)
			until(t, "the others are protected, or all", func() bool {
				return f.shows("busy") == tc.protected && f.value(t, "changes_total", "protect", "failed") == tc.failed
			})
			f.passes(t, 5)
			if got := f.asked(odd); got > tc.asked {
				t.Errorf("the odd one was asked for %d times, want %d at most", got, tc.asked)
			}
			for i := range n {
				if i != odd && f.asked(i) > 3 { // the batch and its halves
					t.Errorf("agent %d was asked for %d times, want 3 at most", i, f.asked(i))
				}
			}
		}
	}
	tests["a late echo"] = func(t *testing.T) {
		f := staffed(t, n, nil)
		f.w.DelayEchoes("emea", 4*soon)
		f.contacts(t)
		until(t, "all are protected", func() bool { return f.shows("busy") == n })
		f.passes(t, 3)
		for i := range n {
			if f.asked(i) != 1 {
				t.Errorf("agent %d was asked for %d times, want 1", i, f.asked(i))
			}
		}
	}
	return tests
}

// singleStatuses answer in every documented way what gives the queue back to an agent.
func singleStatuses() map[string]func(t *testing.T) {
	tests := map[string]func(t *testing.T){}
	for name, tc := range map[string]struct {
		fault  simulator.Fault
		end    string // system presence
		reason string // of the failed request
	}{
		"403 on queue": {refused(http.MethodPatch, 403, "presence.not.authorized.update.on.queue", 0), "available", "forbidden"},
		"409":          {refused(http.MethodPatch, 409, "presenceservice.conflict", 1), "on_queue", "bad_response"},
		"429":          {refused(http.MethodPatch, 429, "too.many.requests.retry.after", 1), "on_queue", "rate_limited"},
		"500":          {refused(http.MethodPatch, 500, "internal.server.error", 1), "on_queue", "server_error"},
		"403 person":   {refused(http.MethodPatch, 403, "missing.any.division.permissions", 0), "busy", "forbidden"},
		"404":          {refused(http.MethodPatch, 404, "presenceservice.usernotfound", 0), "busy", "not_found"},
		"400":          {refused(http.MethodPatch, 400, "bad.request", 0), "busy", "bad_response"},
	} {
		tests[name] = func(t *testing.T) {
			f := staffed(t, 1, nil)
			f.contacts(t)
			until(t, "the agent is protected", func() bool { return f.shows("busy") == 1 })
			f.w.Inject("emea", tc.fault)
			f.onUS(t, 0, simulator.EndContact)
			until(t, "the request fails", func() bool { return f.value(t, "requests_total", "single", tc.reason) > 0 })
			until(t, "the agent has "+tc.end, func() bool { return f.shows(tc.end) == 1 })
			f.passes(t, 5)
			if got := f.value(t, "requests_total", "single", tc.reason); got != 1 || f.shows(tc.end) != 1 {
				t.Errorf("%v requests failed, and %d have %s, want 1 and 1", got, f.shows(tc.end), tc.end)
			}
		}
	}
	return tests
}
