package app

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/shape"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

var (
	bundlePath = flag.String("bundle", "testdata/bundle.tar.gz", "bundle of ccaas_exporter --check.bundle to run the clients on")
	newDefault = flag.Bool("bundle.make", false, "make testdata/bundle.tar.gz anew; no two are alike")
)

// replay plays the platforms of a bundle: each call is answered as it was recorded, with plausible values in the places of
// those that the bundle does not hold.
type replay struct {
	url string

	mu    sync.Mutex
	calls map[string][]bundleCall // by account, method and path
	used  map[string]int
}

// startReplay serves the calls of a bundle under a path for each account.
func startReplay(t *testing.T, calls []bundleCall) *replay {
	t.Helper()
	r := &replay{calls: map[string][]bundleCall{}, used: map[string]int{}}
	for _, c := range calls {
		key := replayKey(c)
		r.calls[key] = append(r.calls[key], c)
	}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// replayKey is where a call is answered. What the customer's own addresses were is under the name of the feed.
func replayKey(c bundleCall) string {
	switch {
	case c.Operation == "login":
		return c.Account + " login"
	case c.Path == "":
		return c.Method + " /" + c.Feed
	}
	return c.Account + " " + c.Method + " " + c.Path
}

// ServeHTTP answers the call that was recorded next for the path. The last one is repeated.
func (r *replay) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	account, _, _ := request.BasicAuth() // of a login, as the configuration of the replay has it
	path := request.URL.Path
	if token, ok := strings.CutPrefix(request.Header.Get("Authorization"), "Bearer "); ok {
		account = token
	}
	key := account + " " + request.Method + " " + newBundle().path(path)
	switch {
	case strings.HasSuffix(path, "/oauth/token"):
		key = account + " login"
	case strings.HasPrefix(path, "/login/"):
		account = strings.TrimPrefix(path, "/login/")
		key = account + " login"
	case account == "":
		key = request.Method + " " + path
	}
	call, ok := r.next(key)
	switch {
	case !ok:
		w.WriteHeader(http.StatusNotFound)
	case call.Failure != "":
		panic(http.ErrAbortHandler)
	case call.Operation == "login" && call.Status == http.StatusOK:
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"bearer","expires_in":3600}`, account)
	default:
		call.answer(w, request)
	}
}

func (r *replay) next(key string) (bundleCall, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls := r.calls[key]
	if len(calls) == 0 {
		return bundleCall{}, false
	}
	n := min(r.used[key], len(calls)-1)
	r.used[key]++
	return calls[n], true
}

// answer writes the answer as it was recorded.
func (c bundleCall) answer(w http.ResponseWriter, request *http.Request) {
	for name, value := range c.Headers {
		if !strings.HasPrefix(name, "Inin-") { // the limits of another day
			w.Header().Set(name, value)
		}
	}
	body, err := shape.Answer(c.Body, time.Now())
	if c.Body == nil || err != nil {
		body = []byte(c.Other)
	}
	body = aboutIntervalOf(request, body)
	w.WriteHeader(c.Status)
	_, _ = w.Write(body)
}

// aboutIntervalOf makes an answer that names its interval one about the interval that is asked for.
func aboutIntervalOf(request *http.Request, answer []byte) []byte {
	var asked struct{ Interval string }
	var fields map[string]any
	if json.NewDecoder(request.Body).Decode(&asked) != nil || json.Unmarshal(answer, &fields) != nil || fields["interval"] == nil {
		return answer
	}
	fields["interval"] = asked.Interval
	edited, err := json.Marshal(fields)
	if err != nil {
		return answer
	}
	return edited
}

// replayConfigs are the configurations of a platform's account, by its name and the address of the replay.
var replayConfigs = map[string]string{
	"genesys": "  - {name: %q, region: eu-central-1, api_url: %[2]q, login_url: %[2]q, client_id: %[1]q, client_secret: s, %[3]s}\n",
	"cxone":   "  - {name: %q, issuer: %[2]q, area: na1, api_url: %[2]q, token_url: \"%[2]s/login/%[1]s\", access_key_id: %[1]q, access_key_secret: s, %[3]s}\n",
}

// config is the configuration of everything in a report that can be replayed.
func (r *replay) config(t *testing.T, report bundleReport) string {
	t.Helper()
	pages := map[string][]string{} // with the accounts that follow them
	accounts, feeds := map[string][]string{}, map[string][]string{}
	for _, row := range report.Rows {
		kind, number, numbered := strings.Cut(row.Feed, "/")
		switch {
		case row.Platform == "":
			continue
		case kind == "status_page":
			pages[number] = append(pages[number], row.Account)
			continue
		case numbered:
			continue
		}
		if !slices.Contains(accounts[row.Platform], row.Account) {
			accounts[row.Platform] = append(accounts[row.Platform], row.Account)
		}
		feeds[row.Account] = append(feeds[row.Account], row.Feed)
	}
	var b strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(accounts)) {
		form, ok := replayConfigs[kind]
		if !ok {
			t.Logf("accounts of %s are not replayed: there is no configuration for it", kind)
			continue
		}
		b.WriteString(kind + ":\n")
		for _, account := range accounts[kind] {
			fmt.Fprintf(&b, form, account, r.url, feedsOf(t, kind, form, feeds[account]))
		}
	}
	if len(pages) > 0 {
		b.WriteString("health:\n  status_pages:\n")
	}
	for _, number := range slices.Sorted(maps.Keys(pages)) {
		fmt.Fprintf(&b, "    - {name: %[1]q, url: \"%[2]s/status_page/%[1]s\", accounts: [%[3]s]}\n", number, r.url, strings.Join(pages[number], ", "))
	}
	return b.String()
}

// feedsOf switches off the feeds of an account that were not checked.
func feedsOf(t *testing.T, kind, form string, checked []string) string {
	t.Helper()
	usual, err := parseConfig(fmt.Appendf([]byte(kind+":\n"), form, "a", "http://127.0.0.1:1", ""), platforms())
	if err != nil {
		t.Fatal(err)
	}
	source, err := usual.accounts[0].Open(health.Surroundings{Thresholds: usual.Thresholds, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	var off []string
	for _, f := range source.Feeds {
		if !slices.Contains(checked, f.Name) {
			off = append(off, f.Name+": off")
		}
	}
	return "feeds: {" + strings.Join(off, ", ") + "}"
}

// outcome is what a bundle and its replay have to agree on.
type outcome struct {
	Result, Reason string
	Found          []found
	Unknowns       map[string]int
	Violations     int
}

// outcomes are those of all feeds that can be replayed. A failure that only the moment explains cannot.
func outcomes(rows []liveRow) map[string]outcome {
	momentary := []platform.Reason{platform.ReasonTimeout, platform.ReasonBudget, platform.ReasonRateLimited, platform.ReasonBreakerOpen}
	all := map[string]outcome{}
	for _, row := range rows {
		if row.Platform == "" || row.Feed == "stream" || strings.HasPrefix(row.Feed, "sip/") || strings.HasPrefix(row.Feed, "document/") ||
			slices.Contains(momentary, platform.Reason(row.Reason)) {
			continue
		}
		if strings.HasPrefix(row.Feed, "status_page/") {
			row.Found = nil // which components are of the account's region is told by their names
		}
		all[row.Account+" "+row.Feed] = outcome{row.Result, row.Reason, row.Found, row.Unknowns, row.Violations}
	}
	return all
}

func TestBundleReplay(t *testing.T) {
	if *newDefault {
		makeBundle(t, "testdata/bundle.tar.gz")
	}
	files := unpack(t, *bundlePath)
	var recorded bundleReport
	if err := json.Unmarshal(files["report.json"], &recorded); err != nil {
		t.Fatalf("report.json: %v", err)
	}
	var calls []bundleCall
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !strings.HasPrefix(name, "calls/") {
			continue
		}
		var call bundleCall
		if err := json.Unmarshal(files[name], &call); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		calls = append(calls, call)
	}
	played := startReplay(t, calls)
	report, text := checkWorld(t, played.config(t, recorded))
	if diff := cmp.Diff(outcomes(recorded.Rows), outcomes(report.Rows)); diff != "" {
		t.Errorf("what the clients make of the bundle (-recorded +replayed):\n%s\n%s", diff, text)
	}
}

// makeBundle writes the bundle of a small world in which not everything is well.
func makeBundle(t *testing.T, file string) {
	t.Helper()
	world := startWorld(t, simulator.Options{Agents: 20, Queues: 3, Edges: 2, TrunkBases: 3, TrunkInstances: 6, Heartbeat: 50 * time.Millisecond})
	world.Inject("americas", simulator.Fault{
		Path: "/api/v2/presence/definitions", Status: http.StatusForbidden, Body: `{"code":"missing.permissions","status":403}`,
	})
	world.Inject("americas", simulator.Fault{Path: "/api/v2/telephony/providers/edges/trunks", Exact: true, Rewrite: func(body []byte) []byte {
		body = []byte(strings.Replace(string(body), `"state":"active"`, `"state":"resting"`, 1))
		return []byte(strings.Replace(string(body), `"inService":true`, `"inService":"yes"`, 1))
	}})
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	accounts, _, _ := strings.Cut(demoConfig(world), "presence:\n") // pairs and carriers cannot be replayed
	config := writeFile(t, "config.yml", accounts)
	err := Run(t.Context(), []string{"--config.file=" + config, "--check.live", "--check.bundle=" + file}, io.Discard, io.Discard)
	if !errors.Is(err, errNotAllWorks) {
		t.Fatalf("Run = %v, want %v", err, errNotAllWorks)
	}
}
