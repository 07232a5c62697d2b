package app

import (
	"bytes"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/exporter-toolkit/web"
)

func TestMissingConfiguration(t *testing.T) {
	err := Run(t.Context(), []string{"--config.file=" + filepath.Join(t.TempDir(), "none.yml")}, io.Discard, io.Discard)
	for _, text := range []string{"none.yml: no such file", "--demo", "config.example.yml", "--config.file"} {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("Run without a configuration = %v, want %q in it", err, text)
		}
	}
	const want = "c.yml: this user may not read it"
	if got := unreadable("c.yml", fs.ErrPermission).Error(); got != want {
		t.Errorf("unreadable(%v) = %s, want %s", fs.ErrPermission, got, want)
	}
}

func TestDemoSaysWhatNext(t *testing.T) {
	f := flags{telemetryPath: "/m", demo: demoFlags{on: true, scenario: "calm"}, web: &web.FlagConfig{WebListenAddresses: &[]string{":10054"}}}
	var got strings.Builder
	f.sayWhatNext(&got)
	for _, text := range []string{
		"plays calm", "http://localhost:10054/   in a browser", "http://localhost:10054/m   by Prometheus",
		"curl -X POST 'http://localhost:10054/demo/scenario?name=trunk-outage'", "auth-broken",
	} {
		if !strings.Contains(got.String(), text) {
			t.Errorf("the demo does not say %q:\n%s", text, &got)
		}
	}
	if lines := strings.Count(strings.TrimSpace(got.String()), "\n") + 1; lines > 5 {
		t.Errorf("the demo says %d lines, want a short block", lines)
	}
	got.Reset()
	f.routePrefix = "/ccaas"
	if f.sayWhatNext(&got); !strings.Contains(got.String(), "http://localhost:10054/ccaas/m ") {
		t.Errorf("with a prefix the demo says\n%s", &got)
	}
	got.Reset()
	f.demo.on = false
	if f.sayWhatNext(&got); got.Len() > 0 {
		t.Errorf("outside the demo it says %s", &got)
	}
}

func TestURLOf(t *testing.T) {
	for address, want := range map[string]string{
		":10054": "http://localhost:10054", "0.0.0.0:80": "http://localhost:80", "[::]:80": "http://localhost:80",
		"127.0.0.1:9": "http://127.0.0.1:9", "[::1]:9": "http://[::1]:9", "host.example:9": "http://host.example:9",
		"127.0.0.1:0": "other", "vsock://:9100": "other", "nonsense": "other",
	} {
		if got := urlOf(address, "other"); got != want {
			t.Errorf("urlOf(%s) = %s, want %s", address, got, want)
		}
	}
}

func TestBuildVersion(t *testing.T) {
	for main, want := range map[string]string{"v1.2.3": "v1.2.3", "(devel)": "devel", "": "devel"} {
		if got := buildVersion(&debug.BuildInfo{Main: debug.Module{Version: main}}); got != want {
			t.Errorf("version of %q = %s, want %s", main, got, want)
		}
	}
}

func TestLogTimes(t *testing.T) {
	timestamp := regexp.MustCompile(`time"?[=:]"?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`)
	east := time.Date(2026, 11, 26, 1, 2, 3, 0, time.FixedZone("", 2*60*60))
	for _, format := range []string{"logfmt", "json"} {
		var line bytes.Buffer
		newLogger(&line, "info", format).With("first", east).Info("hello", "since", east)
		if got := line.String(); !timestamp.MatchString(got) || strings.Count(got, "2026-11-25T23:02:03.000Z") != 2 {
			t.Errorf("line = %s, want times in UTC with milliseconds", got)
		}
	}
}

// TestDocsListEveryFlag holds the table of flags against the program's own help.
func TestDocsListEveryFlag(t *testing.T) {
	var help bytes.Buffer
	if err := Run(t.Context(), []string{"--help"}, &help, io.Discard); err != nil {
		t.Fatal(err)
	}
	names := func(pattern, text string) (flags []string) {
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			flags = append(flags, match[1])
		}
		slices.Sort(flags)
		return slices.Compact(flags)
	}
	_, section, _ := strings.Cut(readPages(t)["docs/configuration.md"], "## Flags\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var table strings.Builder // the first column
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			table.WriteString(cells[1])
		}
	}
	want := names(`(?m)^ {2,6}(?:-\w, )?--(?:\[no-\])?([a-z][a-z.-]*[a-z])`, help.String())
	if diff := cmp.Diff(want, names("`--([a-z.-]+)`", table.String())); diff != "" || len(want) < 10 {
		t.Errorf("flags of docs/configuration.md (-in the program +in the page):\n%s", diff)
	}
}
