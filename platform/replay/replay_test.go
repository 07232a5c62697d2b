package replay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/app"
	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/replay"
)

// bundlePath is relative to the folder of this package, in which its tests run, or to the repository.
var bundlePath = flag.String("bundle", "testdata/bundle.tar.gz", "bundle of ccaas_exporter --check.bundle to run the clients on")

// accountForms are how an account of each platform is written: replay.yml among the test data of the platform's folder.
func accountForms(tb testing.TB) map[string]string {
	tb.Helper()
	files, err := filepath.Glob("../*/testdata/replay.yml")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no replay.yml of a platform: %v", err)
	}
	forms := map[string]string{}
	for _, file := range files {
		form, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		forms[strings.Split(filepath.ToSlash(file), "/")[1]] = string(form)
	}
	return forms
}

// outcome is what a bundle and its replay have to agree on.
type outcome struct {
	Result, Reason string
	Found          []replay.Found
	Unknowns       map[string]int
	Violations     int
	Places         []replay.Place
}

// outcomes are those of all feeds that can be replayed. A failure that only the moment explains cannot.
func outcomes(rows []replay.Row) map[string]outcome {
	momentary := []platform.Reason{platform.ReasonTimeout, platform.ReasonBudget, platform.ReasonRateLimited, platform.ReasonBreakerOpen}
	all := map[string]outcome{}
	for _, row := range rows {
		if row.Platform == "" || row.Feed == "stream" || strings.HasPrefix(row.Feed, "sip/") || slices.Contains(momentary, platform.Reason(row.Reason)) {
			continue
		}
		if strings.HasPrefix(row.Feed, "status_page/") {
			row.Found, row.Places = nil, nil // the names of components, which a bundle hides, say which are of the account's region
		}
		all[row.Account+" "+row.Feed] = outcome{row.Result, row.Reason, row.Found, row.Unknowns, row.Violations, row.Places}
	}
	return all
}

// TestBundle runs all clients on the shapes of a bundle, and wants of every feed what was found when it was recorded.
func TestBundle(t *testing.T) {
	recorded := read(t, *bundlePath)
	server := httptest.NewServer(replay.NewPlatforms(recorded))
	t.Cleanup(server.Close)
	rows := check(t.Context(), t, recorded.Config(server.URL, accountForms(t)))
	want, got := outcomes(recorded.Rows), outcomes(rows)
	for name := range got {
		if _, was := want[name]; !was { // a feed that was off
			delete(got, name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the clients make of the bundle (-recorded +replayed):\n%s", diff)
	}
}

// read reads a bundle from a file.
func read(t *testing.T, path string) *replay.Bundle {
	t.Helper()
	file, err := os.Open(path)
	if os.IsNotExist(err) && !filepath.IsAbs(path) {
		file, err = os.Open(filepath.Join("..", "..", path))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	bundle, err := replay.Read(file)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return bundle
}

// check runs the live check of a configuration, and returns its rows.
func check(ctx context.Context, t *testing.T, config string, args ...string) []replay.Row {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, log bytes.Buffer
	failed := app.Run(ctx, append([]string{"--config.file=" + file, "--check.live", "--check.format=json"}, args...), &out, &log)
	var report struct {
		Rows []replay.Row `json:"rows"`
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatalf("the check: %v, and its report is no JSON: %v\n%s", failed, err, &log)
	}
	return report.Rows
}

func TestReadWhatIsNoBundle(t *testing.T) {
	for name, content := range map[string]string{"empty": "", "text": "hello", "page": "<html></html>"} {
		if got, err := replay.Read(strings.NewReader(content)); err == nil || !strings.HasPrefix(err.Error(), "no bundle of --check.bundle: ") {
			t.Errorf("%s: Read = %v, %v, want an error that says what is expected", name, got, err)
		}
	}
}
