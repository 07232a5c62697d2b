package app

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// TestWarnings: what may work later, or works otherwise than it is written, is said by a check and by a start, and is no
// error.
func TestWarnings(t *testing.T) {
	there := writeFile(t, "secret", "x")
	file := writeFile(t, "config.yml", `
genesys: [{name: emea, region: eu-central-1, client_id: id, client_secret_file: gone, http: {timeout: 40s}}]
cxone: [{name: us, access_key_id: id, access_key_secret_file: `+there+`}]
sip_targets: [{name: sbc, uri: "sips:192.0.2.20", tls_config: {ca_file: gone.pem}}]
`)
	want := []string{
		"genesys[0].client_secret_file: open gone: no such file or directory",
		"sip_targets[0].tls_config.ca_file: open gone.pem: no such file or directory",
		"genesys[0].http.timeout: 40s is cut to 30s, the time of a run of feed health",
	}
	var out bytes.Buffer
	if err := Run(t.Context(), []string{"--config.check", "--config.file=" + file}, &out, io.Discard); err != nil {
		t.Errorf("check = %v, want none", err)
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		if warning, is := strings.CutPrefix(line, "warning: "); is {
			got = append(got, strings.TrimSpace(warning))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings of a check (-want +got):\n%s", diff)
	}
	var log bytes.Buffer
	a := newApp(t.Context(), func() (*Config, error) { return loadConfig(file, platforms()) }, slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(a.close)
	for range 2 { // the second changes nothing
		if err := a.reload(); err != nil {
			t.Fatal(err)
		}
	}
	for _, warning := range want {
		if strings.Count(log.String(), warning) != 1 {
			t.Errorf("log lacks, or repeats, %q:\n%s", warning, &log)
		}
	}
}

// TestUnworkablePairs: pairs that cannot work are refused by a check and by a start.
func TestUnworkablePairs(t *testing.T) {
	const target, source = "genesys: [{name: emea, region: eu-central-1, client_id: id, client_secret: x%}]\n", "cxone: [{name: us, access_key_id: id, access_key_secret: x%}]\n"
	const pair, end = "presence: [{name: both, source: us, target: emea%}]\n", "}, rules: [{state: engaged, presence: Busy}]}"
	with := func(text, more string) string { return strings.Replace(text, "%", more, 1) }
	for content, want := range map[string]string{
		with(target, "") + with(source, "") + with(pair, ", sync: {client_id: w, client_secret: y, rate_limit: {requests_per_minute: 240, burst: 60"+end): "",
		with(target, "") + with(source, "") + with(pair, ", sync: {client_id: w, client_secret: y, rate_limit: {requests_per_minute: 900, burst: 10"+end): "presence[0].sync.rate_limit.requests_per_minute: 900 is above the platform's limit of 300",
		with(target, "") + with(source, "") + with(pair, ", sync: {client_id: w, client_secret: y, rate_limit: {requests_per_minute: 240, burst: 61"+end): "presence[0].sync.rate_limit.burst: 61 calls at once and 240 a minute are above the platform's limit of 300 a minute",
		with(target, "") + with(source, ", feeds: {agents: off}") + with(pair, ""):                                                                        "presence[0].source: the persons of account \"us\" are not read: its feed agents or users is off",
		with(target, ", feeds: {users: off}") + with(source, "") + with(pair, ""):                                                                         "presence[0].target: the persons of account \"emea\" are not read: its feed agents or users is off",
	} {
		file := writeFile(t, "config.yml", content)
		a := newApp(t.Context(), func() (*Config, error) { return loadConfig(file, platforms()) }, slog.New(slog.DiscardHandler))
		for way, err := range map[string]error{
			"check": Run(t.Context(), []string{"--config.check", "--config.file=" + file}, io.Discard, io.Discard),
			"start": a.reload(),
		} {
			got := ""
			if err != nil {
				got = err.Error()
			}
			if want == "" && got != "" || !strings.Contains(got, want) {
				t.Errorf("%s of %s = %v, want %q", way, content, err, want)
			}
		}
		a.close()
	}
}

// TestUnworkable: settings that cannot work are refused by a check and by a start.
func TestUnworkable(t *testing.T) {
	const account = "genesys: [{name: emea, region: eu-central-1, client_id: id, client_secret: x"
	for content, want := range map[string]string{
		account + ", rate_limit: {requests_per_minute: 240, burst: 61}}]": "genesys[0].rate_limit.burst: 61 calls at once and 240 a minute are above the platform's limit of 300 a minute",
		account + ", rate_limit: {requests_per_minute: .inf, burst: 1}}]": "genesys[0].rate_limit.requests_per_minute: no finite number",
		account + "}]\nthresholds: {data_plane_degraded: .nan}":           "thresholds.data_plane_degraded: no finite number",
		account + "}]\nthresholds: {data_plane_critical: 1}":              "thresholds.data_plane_critical: 1 is always reached",
		account + "}]\nwebhooks: {web_config_file: gone.yml}":             "webhooks.web_config_file: open gone.yml: no such file",
	} {
		file := writeFile(t, "config.yml", content)
		err := Run(t.Context(), []string{"--config.check", "--config.file=" + file}, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("check of %s = %v, want %s", content, err, want)
		}
	}
}

// greedy is an account with a limit of its platform, which may be set above it.
type greedy struct {
	toyConfig

	RateLimit settings.RateLimit `yaml:"rate_limit"`
	closed    *int
}

func (g greedy) Open(health.Surroundings) (feed.Source, error) {
	source := feed.Source{Budget: feed.Budget{Limit: 300}}
	if g.closed != nil {
		source.Close = func() { *g.closed++ }
	}
	return source, nil
}

// TestRefusedSourceIsClosed: what a source holds, such as its place in a pool of connections, is given back when it is refused.
func TestRefusedSourceIsClosed(t *testing.T) {
	a := newApp(t.Context(), nil, slog.New(slog.DiscardHandler))
	t.Cleanup(a.close)
	open := func(burst int, closed *int) error {
		_, _, err := a.source(new(setup), "toy[0]", accountSettings{account: greedy{
			RateLimit: settings.RateLimit{RequestsPerMinute: 240, Burst: burst}, closed: closed,
		}})
		return err
	}
	for burst, want := range map[int]int{60: 0, 61: 1} {
		closed := 0
		if err := open(burst, &closed); (err != nil) != (want > 0) || closed != want {
			t.Errorf("a burst of %d: error %v, closed %d times, want %d", burst, err, closed, want)
		}
	}
	if err := open(61, nil); err == nil {
		t.Error("a burst of 61 of a source that holds nothing: no error")
	}
}
