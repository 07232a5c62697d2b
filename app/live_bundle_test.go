package app

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/replay"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// unpack returns the files of a bundle by name.
func unpack(t *testing.T, file string) map[string][]byte {
	t.Helper()
	packed, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	zipped, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatalf("%s: no bundle: %v", file, err)
	}
	files := map[string][]byte{}
	archive := tar.NewReader(io.LimitReader(zipped, 1<<30))
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatalf("%s: no bundle: %v", file, err)
		}
		if files[header.Name], err = io.ReadAll(archive); err != nil {
			t.Fatal(err)
		}
	}
}

// recorder is a proxy before a site that keeps every answer.
type recorder struct {
	mu     sync.Mutex
	bodies [][]byte
}

func (r *recorder) before(t *testing.T, site string) (proxyURL string) {
	t.Helper()
	target, err := url.Parse(site)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target) },
		ModifyResponse: func(answer *http.Response) error {
			if answer.StatusCode == http.StatusSwitchingProtocols {
				return nil
			}
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				return err
			}
			answer.Body = io.NopCloser(bytes.NewReader(body))
			r.mu.Lock()
			defer r.mu.Unlock()
			r.bodies = append(r.bodies, body)
			return nil
		},
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL
}

// canaries are all texts and ids in answers, but the words of enums and error codes. They are found without the code under test.
func canaries(t *testing.T, bodies [][]byte) map[string]bool {
	t.Helper()
	vendor := map[string]bool{"missing.permissions": true, "missing.any.permissions": true, "sip.timeout": true}
	for _, word := range enumWords() {
		vendor[withoutCase.Replace(strings.ToLower(word))] = true
	}
	found := map[string]bool{}
	key := regexp.MustCompile(`^[A-Za-z_]+$`)
	var walk func(under string, v any)
	walk = func(under string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, below := range v {
				if !key.MatchString(k) {
					walk("", k)
				}
				walk(k, below)
			}
		case []any:
			for _, below := range v {
				walk(under, below)
			}
		case string:
			ownPath := strings.HasPrefix(v, "/api/v2/") && !strings.ContainsAny(strings.TrimPrefix(v, "/api/v2"), "0123456789") // a constant of the clients
			if len(v) >= 3 && !vendor[withoutCase.Replace(strings.ToLower(v))] && !ownPath {
				found[v] = true
			}
		case json.Number:
			if text := v.String(); len(text) >= 5 && strings.HasSuffix(strings.ToLower(under), "id") || len(text) > 6 {
				found[text] = true
			}
		}
	}
	for _, body := range bodies {
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		var v any
		if dec.Decode(&v) == nil {
			walk("", v)
		}
	}
	return found
}

var withoutCase = strings.NewReplacer("_", "", " ", "", "-", "")

// holds reports whether a file holds a canary: a short one, which may be a part of a word, as a whole text.
func holds(file, canary string) bool {
	if len(canary) >= 9 {
		return strings.Contains(file, canary)
	}
	canary = strconv.Quote(canary)
	return strings.Contains(strings.ReplaceAll(file, canary+":", ""), canary) // the name of a field is none
}

// latency is measured here: its digits are of no answer.
var latency = regexp.MustCompile(`"(latency_ms|seconds)": [0-9.e-]+`)

func TestBundleHoldsNothingOfACustomer(t *testing.T) {
	t.Parallel()
	world := startWorld(t, simulator.Options{Agents: 60, Queues: 8, Heartbeat: 50_000_000, Scenario: "edge-offline"})
	world.Inject("emea", simulator.Fault{
		Path: "/api/v2/presence/definitions", Status: http.StatusForbidden,
		Body: `{"code":"missing.permissions","message":"Jo Canary lacks presence:presenceDefinition:view in Canary-Division","contextId":"CANARY-context"}`,
	})
	config, seen := demoConfig(world), &recorder{}
	for _, site := range []string{"emea", "americas", "us", "status"} {
		config = strings.ReplaceAll(config, world.URL(site), seen.before(t, world.URL(site)))
	}
	config = strings.Replace(config, "    token_url: ", "    api_url: "+seen.before(t, world.URL("us"))+"\n    token_url: ", 1)
	file := filepath.Join(t.TempDir(), "bundle.tar.gz")
	_, text := checkWorld(t, config, "--check.bundle="+file)
	forbidden := canaries(t, seen.bodies)
	if len(forbidden) < 1000 {
		t.Fatalf("%d texts were recorded, want many", len(forbidden))
	}
	for _, site := range []string{"emea", "americas", "us"} {
		id, secret := world.Credentials(site)
		for _, more := range []string{id, secret, strings.TrimPrefix(world.URL(site), "http://"), "Canary", "127.0.0.1", "americas"} {
			forbidden[more] = true
		}
		for _, c := range world.Carriers(site) {
			forbidden[c.Trunk], forbidden[c.Address] = true, true
		}
	}
	for _, kind := range platforms() {
		delete(forbidden, kind.key) // the program's own word, which an organization uses as the authority of external ids
	}
	files := unpack(t, file)
	if len(files) < 30 {
		t.Fatalf("the bundle holds %d files, want one for each call", len(files))
	}
	calls, needs := map[string]bool{}, []string{}
	for name, content := range files {
		shown := latency.ReplaceAllString(string(content), "")
		for canary := range forbidden {
			if holds(shown, canary) {
				t.Errorf("%s holds %q:\n%.2000s", name, canary, shown)
			}
		}
		var call replay.Call
		if err := json.Unmarshal(content, &call); err != nil {
			t.Errorf("%s is no JSON: %v", name, err)
		}
		calls[call.Operation] = true
		if call.Status == http.StatusForbidden {
			needs = append(needs, call.Needs...)
		}
	}
	slices.Sort(needs)
	if diff := cmp.Diff([]string{"analytics:rateLimitAggregate:view", "presence:presenceDefinition:view", "usage:events:view"}, slices.Compact(needs)); diff != "" {
		t.Errorf("needs of the refused calls, which the answers name (-want +got):\n%s", diff)
	}
	holdsCalls(t, calls)
	for canary := range forbidden { // the report of the check itself names accounts, and nothing else
		if len(canary) > 8 && canary != "americas" && strings.Contains(text, canary) {
			t.Errorf("the report shows %q:\n%s", canary, text)
		}
	}
}

// holdsCalls wants a call of each kind.
func holdsCalls(t *testing.T, calls map[string]bool) {
	t.Helper()
	for _, operation := range []string{
		"login", "trunks", "trunks_metrics", "agents_states", "status_page", "document", "notifications_channels",
		"usage_events", "usage_events_definitions", "ratelimits_aggregates", "organizations_limits", "oauth_client",
	} {
		if !calls[operation] {
			t.Errorf("the bundle holds no call %s", operation)
		}
	}
}

func TestBundleFile(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken.tar.gz")
	if err := os.WriteFile(taken, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	world := liveWorld(t)
	config := writeFile(t, "config.yml", demoConfig(world))
	for file, want := range map[string]string{
		taken:                                "--check.bundle: " + taken + ": there is such a file already",
		filepath.Join(dir, "no", "b.tar.gz"): "--check.bundle: " + filepath.Join(dir, "no", "b.tar.gz") + ": its directory does not exist",
		"/dev/null/b.tar.gz":                 "--check.bundle: /dev/null/b.tar.gz: not a directory",
	} {
		err := Run(t.Context(), []string{"--config.file=" + config, "--check.live", "--check.bundle=" + file}, io.Discard, io.Discard)
		if err == nil || err.Error() != want {
			t.Errorf("Run with the bundle %s = %v, want %s", file, err, want)
		}
	}
	if content, err := os.ReadFile(taken); err != nil || string(content) != "precious" {
		t.Errorf("the file that was there = %q, %v, want it untouched", content, err)
	}
	if calls := world.Calls("emea"); len(calls) > 0 {
		t.Errorf("calls before the bundle can be written: %v, want none", calls)
	}
}

// TestMakeBundle writes the bundle of a small world in which not everything is well: that of package replay when it is asked to,
// because no two are alike.
func TestMakeBundle(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "bundle.tar.gz")
	if *newBundleFile {
		file = "../platform/replay/testdata/bundle.tar.gz"
	}
	world := startWorld(t, simulator.Options{Agents: 20, Queues: 3, Edges: 2, TrunkBases: 3, TrunkInstances: 6, Heartbeat: 50 * time.Millisecond})
	world.Inject("americas", simulator.Fault{
		Path: "/api/v2/presence/definitions", Status: http.StatusForbidden, Body: `{"code":"missing.permissions","status":403}`,
	})
	world.Inject("americas", simulator.Fault{Path: trunksPath, Exact: true, Rewrite: func(body []byte) []byte {
		body = bytes.Replace(body, []byte(`"state":"active"`), []byte(`"state":"resting"`), 1)
		return bytes.Replace(body, []byte(`"inService":true`), []byte(`"inService":"yes"`), 1)
	}})
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	config := writeFile(t, "config.yml", demoConfig(world))
	err := Run(t.Context(), []string{"--config.file=" + config, "--check.live", "--check.bundle=" + file}, io.Discard, io.Discard)
	if !errors.Is(err, errNotAllWorks) {
		t.Fatalf("Run = %v, want %v", err, errNotAllWorks)
	}
	if info, err := os.Stat(file); err != nil || info.Size() == 0 {
		t.Errorf("the bundle is %v, %v, want a file with something in it", info, err)
	}
}

var newBundleFile = flag.Bool("bundle.make", false, "write the bundle of package replay anew")
