package webhook

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

func TestDefaults(t *testing.T) {
	got := parse(t, "{name: a, kind: script_api, account: us, bearer: {file: f}}", "{name: b, kind: voice_quality, account: us, labels: [], signature: {url: u, keys: [{file: f}]}}")
	hook := HookConfig{
		Account:         "us",
		RateLimit:       RateLimit{RequestsPerSecond: 100, Burst: 500},
		QueueSize:       10_000,
		DuplicateWindow: model.Duration(time.Hour),
		LabelValues:     100,
		LabelSets:       500,
		Units: Units{
			Jitter: "ms", RoundTrip: "ms", CallSetup: "ms", RingTime: "s", Bitrate: "kbps", PacketLoss: "percent", ResponseTime: "s",
		},
		TimeZone:    "UTC",
		LogMessages: true,
	}
	script, voice := hook, hook
	script.Name, script.Kind, script.Labels, script.Bearer = "a", ScriptAPI, []string{"script", "host"}, BearerConfig{File: "f"}
	voice.Name, voice.Kind, voice.Labels = "b", VoiceQuality, []string{}
	voice.Signature = SignatureConfig{
		Algorithm: "rsa-sha256", Keys: []KeyConfig{{File: "f"}}, Template: DefaultTemplate, URL: "u",
		ConsumerIDFrom: "header:WM_CONSUMER.ID", KeyVersionFrom: "header:WM_SEC.KEY_VERSION",
		TimestampFrom: "header:WM_CONSUMER.INTIMESTAMP", SignatureFrom: "header:WM_SEC.AUTH_SIGNATURE",
		TimestampFormat: "unix_ms", Encoding: "base64", Window: model.Duration(5 * time.Minute),
	}
	want := Config{
		ListenAddress: "127.0.0.1:0", WebConfigFile: "web.yml", ReadTimeout: model.Duration(10 * time.Second),
		IdleTimeout: model.Duration(15 * time.Second), MaxConnections: 256, MaxConnectionsPerSource: 64,
		MaxBody: 65536, MaxBuffered: 64 << 20, Hooks: []HookConfig{script, voice},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
	text, err := yaml.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var again Config
	if err := yaml.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("written and read again (-before +after):\n%s", diff)
	}
}

// hookWith is the configuration of one hook with more of its keys.
func hookWith(more string) string {
	return "listen_address: ':0'\nhooks: [{name: a, kind: voice_quality, account: us, " + more + "}]"
}

// TestValidate wants a problem for every setting of the listener and of a hook that cannot work.
func TestValidate(t *testing.T) {
	const auth = "bearer: {file: f}"
	wantProblems(t, map[string]problems{
		"off":                {"{}", ""},
		"hooks without ears": {"hooks: [{name: a, kind: voice_quality, account: us, " + auth + "}]", "listen_address: missing, expected one such as :10055 for the hooks"},
		"limits":             {"listen_address: ':0'\nread_timeout: 0s\nmax_body_bytes: 10\nmax_buffered_bytes: 9", "read_timeout: not positive\nmax_buffered_bytes: 9 is below max_body_bytes (10)"},
		"connections": {
			"listen_address: ':0'\nidle_timeout: 0s\nmax_connections: 100001",
			"idle_timeout: not positive\nmax_connections: 100001, expected 1 to 100000",
		},
		"connections of one source": {
			"listen_address: ':0'\nmax_connections: 10\nmax_connections_per_source: 11",
			"max_connections_per_source: 11, expected 1 to max_connections (10)",
		},
		"no address":      {"listen_address: '10055'", "listen_address: \"10055\", expected one such as :10055"},
		"huge bodies":     {"listen_address: ':0'\nmax_body_bytes: 1073741825\nmax_buffered_bytes: 2147483648", "max_body_bytes: 1073741825, expected 1073741824 at most"},
		"endless rate":    {hookWith(auth + ", rate_limit: {requests_per_second: .inf, burst: 1}"), "hooks[0].rate_limit.requests_per_second: +Inf is no positive number"},
		"few connections": {"listen_address: ':0'\nmax_connections: 1", ""},
		"everything missing": {
			"listen_address: ':0'\nhooks: [{}]",
			"hooks[0].name: \"\", expected up to 63 of a-z, 0-9, - and _\nhooks[0].kind: \"\", expected voice_quality or script_api\n" +
				"hooks[0].account: there is no cxone account \"\"\nhooks[0].mtls, signature, bearer: 0 are given, expected exactly one",
		},
		"a name that is a path": {"listen_address: ':0'\nhooks: [{name: ../a, kind: script_api, account: us, " + auth + "}]", "hooks[0].name: \"../a\", expected up to 63 of a-z, 0-9, - and _"},
		"two of one name":       {"listen_address: ':0'\nhooks: [{name: a, kind: script_api, account: us, " + auth + "}, {name: a, kind: script_api, account: us, " + auth + "}]", "hooks[1].name: \"a\" is given twice"},
		"two ways":              {hookWith(auth + ", mtls: {subjects: ['cn:x']}"), "hooks[0].mtls, signature, bearer: 2 are given, expected exactly one\nhooks[0].mtls: needs web_config_file with a client_auth_type"},
		"mTLS for no one":       {hookWith("mtls: {subjects: ['']}"), "hooks[0].mtls.subjects[0]: \"\", expected cn:NAME, dns:NAME, uri:URI, email:ADDRESS, subject:DN or sha256:FINGERPRINT\nhooks[0].mtls: needs web_config_file with a client_auth_type"},
		"label of another kind": {hookWith(auth + ", labels: [skill, host]"), "hooks[0].labels[1]: \"host\", expected one of skill, team, location_country, connection_type, line_type, " +
			"browser, operating_system, sdk_version, console, media_transport"},
		"counts": {
			hookWith(auth + ", rate_limit: {requests_per_second: .nan, burst: 0}, queue_size: 1000001, label_values: -1, label_sets: 0, duplicate_window: 0s"),
			"hooks[0].rate_limit.requests_per_second: NaN is no positive number\nhooks[0].duplicate_window: not positive\nhooks[0].rate_limit.burst: 0, expected 1 to 1000000\n" +
				"hooks[0].queue_size: 1000001, expected 1 to 1000000\nhooks[0].label_values: -1, expected 1 to 1000000\nhooks[0].label_sets: 0, expected 1 to 1000000",
		},
		"units and zone": {
			hookWith(auth + ", units: {jitter: min, ring_time: kbps, bitrate: Mbps, packet_loss: ms}, time_zone: Mars"),
			"hooks[0].units.jitter: \"min\", expected ms or s\nhooks[0].units.ring_time: \"kbps\", expected ms or s\n" +
				"hooks[0].units.bitrate: \"Mbps\", expected kbps or bps\nhooks[0].units.packet_loss: \"ms\", expected percent or ratio\n" +
				"hooks[0].time_zone: \"Mars\" is not known here",
		},
	})
}

// TestValidateSignature wants a problem for every key of a signature that cannot work.
func TestValidateSignature(t *testing.T) {
	signed := func(more string) string { return hookWith("signature: {keys: [{file: f}], url: u, " + more + "}") }
	wantProblems(t, map[string]problems{
		"no keys":           {hookWith("signature: {url: u}"), "hooks[0].signature.keys: missing"},
		"keys":              {hookWith("signature: {url: u, keys: [{file: f}, {}]}"), "hooks[0].signature.keys[1].file: missing\nhooks[0].signature.keys[1]: consumer_id and key_version are those of another key"},
		"unknown algorithm": {signed("algorithm: md5, encoding: x, timestamp_format: y"), "hooks[0].signature.algorithm: \"md5\", expected one of rsa-sha256, ecdsa-sha256, ed25519, hmac-sha256\nhooks[0].signature.timestamp_format: \"y\", expected one of unix_ms, unix, rfc3339\nhooks[0].signature.encoding: \"x\", expected one of base64, hex"},
		"places":            {signed("consumer_id_from: '', timestamp_from: '', signature_from: 'cookie:x', window: 0s"), "hooks[0].signature.timestamp_from: \"\", expected header:NAME or query:NAME\nhooks[0].signature.signature_from: \"cookie:x\", expected header:NAME or query:NAME\nhooks[0].signature.window: not positive"},
		"endless signature": {signed("refresh_rate: 61m"), "hooks[0].signature.refresh_rate: 1h1m, expected 0s to 1h"},
		"no timestamp":      {signed("template: '{body}'"), "hooks[0].signature.template: lacks {timestamp}: signatures would never expire"},
		"no body":           {signed("template: '{timestamp}'"), "hooks[0].signature.template: lacks {body}: set allow_unsigned_body to accept bodies without a signature"},
		"no body, allowed":  {signed("template: '{timestamp}', allow_unsigned_body: true"), ""},
		"no URL":            {hookWith("signature: {keys: [{file: f}]}"), "hooks[0].signature.template: holds {url}, and url is missing"},
		"no text between":   {signed("template: '{timestamp}{body}'"), "hooks[0].signature.template: no text before {body}, which follows another placeholder"},
		"unknown part":      {signed("template: '{timestamp} {boby}'"), "hooks[0].signature.template: unknown placeholder {boby}"},
		"open brace":        {signed("template: '{timestamp} {body'"), "hooks[0].signature.template: a { without its }"},
	})
}

// problems are those of a configuration, one a line.
type problems struct{ text, want string }

func wantProblems(t *testing.T, cases map[string]problems) {
	t.Helper()
	for name, tc := range cases {
		var c Config
		if err := yaml.Unmarshal([]byte(tc.text), &c); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := ""
		if err := errors.Join(c.Validate([]string{"us"})...); err != nil {
			got = err.Error()
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
