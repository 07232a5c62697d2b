package webhook

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestWords reads texts of the voice payload into words of short lists.
func TestWords(t *testing.T) {
	for name, reader := range map[string]struct {
		read func(text) string
		want map[text]string
	}{
		"browser": {func(s text) string { return string(browsers.name(s)) }, map[text]string{
			"": "", "Firefox": "firefox", "Mozilla Firefox 124.0": "firefox", "Google Chrome": "chrome", "Edg/122": "edge", "Netscape": "other",
			"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/122.0 Safari/537.36 Edg/122.0": "edge",
			"Mozilla/5.0 (Macintosh) AppleWebKit/605 Version/17.2 Safari/605":                       "safari",
		}},
		"operating system": {func(s text) string { return string(systems.name(s)) }, map[text]string{
			"": "", "Windows": "windows", "Win32": "windows", "Microsoft Windows 11": "windows", "macOS": "macos", "Mac OS X": "macos",
			"Darwin": "macos", "iPhone OS": "ios", "Chrome OS": "chromeos", "Ubuntu Linux": "linux", "Plan 9": "other",
		}},
		"media transport": {func(s text) string { return string(transports.name(s)) }, map[text]string{
			"": "", "udp": "udp", "UDP/TLS": "tls", "tcp": "tcp", "carrier pigeon": "other",
		}},
		"version": {func(s text) string { return string(release(s)) }, map[text]string{
			"": "", "1.30.9": "1.30", "v2": "2", "24.2-beta": "24.2", "3.x": "3", "nightly": "other", "20240326135741": "other",
		}},
		"product": {func(s text) string { return string(product(s)) }, map[text]string{
			"": "", "MAX": "MAX", "MAX 24.2": "MAX", "CXone Agent (v3)": "CXone Agent", "24.2": "other",
		}},
		"SIP code": {statusCode, map[text]string{
			"": "", "0": "", "0.0": "", "000": "", "false": "", "200": "200", "486.0": "486", "486 Busy Here": "486", "SIP/2.0 503 x": "503",
			"100": "other", "699": "other", "4860": "other", "true": "other", "busy": "other",
		}},
		"abandoned": {abandoned, map[text]string{"": "", "TRUE": "true", "1": "true", "no": "false", "0": "false", "2": "other"}},
		"reason":    {wordOf, map[text]string{"": "", "1": "1", "Far-End Hangup": "far_end_hangup", "--": "other", text(strings.Repeat("x", 41)): "other"}},
	} {
		got := map[text]string{}
		for in := range reader.want {
			got[in] = reader.read(in)
		}
		if diff := cmp.Diff(reader.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestMessageClass(t *testing.T) {
	for in, want := range map[message]string{
		"": "none", "SUCESS": "success", "OK": "success", "Success, 0 errors": "success", "Unsuccessful": "failed", //nolint:misspell // as the vendor spells it
		"The operation has timed out": "timeout", "504 Gateway Timeout": "timeout", "Too Many Requests": "rate_limited", "Unauthorized": "denied",
		"Customer not found": "not_found", "Connection refused": "network", "503 Service Unavailable": "unavailable", "Bad Request": "rejected",
		"an error occurred": "failed", "Bonjour": "other",
	} {
		if got := in.class(); got != want {
			t.Errorf("class of %q = %q, want %q", in, got, want)
		}
	}
}

// failed is a message on a call of an API that failed.
func failed(id int, code, answer string) string {
	return fmt.Sprintf(`{"event":"SCRIPT_API_MONITORING ","metadata":[{"messageId":"%d","scriptName":"survey","apiEndpoint":"https://crm.example.org/a?b=c",`+
		`"apiResponseCode":%q,"apiResponseMessage":%q}]}`, id, code, answer)
}

// TestMessageLog logs what APIs answered when a call failed: each class once in ten minutes, without personal data, and not
// at all where the configuration does not want it.
func TestMessageLog(t *testing.T) {
	lines := []string{
		`script=survey host=crm.example.org message_class=timeout message="timed out for <redacted>, token=<redacted>"`,
		`script=survey host=crm.example.org message_class=denied message=forbidden`,
		`script=survey host=crm.example.org message_class=timeout message="timed out for <redacted>, token=<redacted>"`,
	}
	for more, want := range map[string][]string{
		"":                      lines,
		", labels: [action]":    lines, // script and host are no labels
		", log_messages: false": nil,
	} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			r := newReceiver(t, &log, fmt.Sprintf("{name: script, kind: script_api, account: us, bearer: {file: %q}%s}", file(t, token), more))
			const person = "timed out for jane.doe@example.org, token=s3cr3t"
			send(t, r, "script", failed(1, "504", person))
			send(t, r, "script", failed(2, "504", person)) // the same within ten minutes
			send(t, r, "script", failed(3, "403", "forbidden"))
			send(t, r, "script", failed(4, "200", "Welcome, Jane Doe")) // did not fail
			time.Sleep(logRefusals)
			send(t, r, "script", failed(5, "504", person))
			synctest.Wait()
			var got []string
			for line := range strings.Lines(log.String()) {
				_, what, _ := strings.Cut(line, `msg="an API that a script calls has failed" hook=script account=us `)
				got = append(got, strings.TrimSpace(what))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("log with %q (-want +got):\n%s", more, diff)
			}
		})
	}
}

// TestLongMessage cuts between words: what the cut would leave of one might be a secret that redaction does not know.
func TestLongMessage(t *testing.T) {
	long := strings.Repeat("x", maxMessage-20) + " jane.doe@" + strings.Repeat("y", 100)
	events, _, err := decodeScript([]byte(failed(1, "500", long)), settings(ScriptAPI), time.UTC)
	if err != nil || events[0].failed.message != strings.Repeat("x", maxMessage-20) {
		t.Errorf("message = %q, %v, want it without its last word", events[0].failed.message, err)
	}
}

// TestTallies counts calls by the codes and words of their payload, bounded, and from 0 on.
func TestTallies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startScenes(t)
		m := r.accounts["us"]
		if got := total(t, m.tallies[voiceFailures], "486"); got != 0 {
			t.Errorf("before the first call: %v", got)
		}
		send(t, r, "voice", `{"ContactId":1,"SipResponseCode":486,"SipFailureCode":"486","SipIsDroppedCode":null,"SipAbandonedByOriginator":true}`)
		send(t, r, "voice", `{"ContactId":2,"SipResponseCode":200,"SipIsDroppedCode":"799"}`)
		for i := range 2 * maxDisconnects {
			send(t, r, "voice", fmt.Sprintf(`{"ContactId":%d,"DisconnectReason":"%d"}`, 10+i, i))
		}
		synctest.Wait()
		for _, tc := range []struct {
			tally *tally
			text  string
			want  float64
		}{
			{voiceResponses, "486", 1},
			{voiceResponses, "200", 1},
			{voiceFailures, "486", 1},
			{voiceDrops, otherValue, 1},
			{voiceDrops, "486", 0},
			{voiceAbandoned, "true", 1},
			{voiceAbandoned, "false", 0},
			{voiceDisconnects, "0", 1},
			{voiceDisconnects, otherValue, maxDisconnects},
		} {
			if got := total(t, m.tallies[tc.tally], tc.text); got != tc.want {
				t.Errorf("%s of %q = %v, want %v", tc.tally.Name, tc.text, got, tc.want)
			}
		}
		if got := len(gather(t, page{r, "us"})["ccaas_voice_disconnects_total"].GetMetric()); got != maxDisconnects+1 {
			t.Errorf("%d reasons, want %d and other", got, maxDisconnects)
		}
		voiceless := r.config
		voiceless.Hooks = voiceless.Hooks[1:] // us has no voice hook any more
		if err := r.Apply(voiceless); err != nil {
			t.Fatal(err)
		}
		if got := gather(t, page{r, "us"})["ccaas_voice_sip_failures_total"].GetMetric(); len(got) > 0 {
			t.Errorf("%d series of calls without a hook for them", len(got))
		}
	})
}
