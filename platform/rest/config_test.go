package rest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

func TestHTTPConfig(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"defaults", "{}", ""},
		{"all", "{timeout: 3s, max_body_bytes: 1024, proxy_url: 'socks5://localhost:1080', tls_config: {insecure_skip_verify: true}}", ""},
		{"time-out", "{timeout: 0s}", "timeout: 0s is not positive"},
		{"body", "{max_body_bytes: -1}", "max_body_bytes: -1 is not positive"},
		{"proxy", "{proxy_url: 'ftp://u:CANARY@host'}", errNoProxy.Error()},
		{"proxy without host", "{proxy_url: 'http://'}", errNoProxy.Error()},
		{"no URL", "{proxy_url: 'http://u:CANARY@host:port'}", errNoProxy.Error()},
		{"TLS", "{tls_config: {cert_file: a}}", "tls_config: exactly one of key or key_file must be configured when a client certificate is configured"},
		{"all at once", "{timeout: 0s, max_body_bytes: 0}", "timeout: 0s is not positive\nmax_body_bytes: 0 is not positive"},
		{"unknown key", "{time: 3s}", "yaml: unmarshal errors:\n  line 1: field time not found in type rest.plain"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var h HTTPConfig
			decoder := yaml.NewDecoder(strings.NewReader(test.text))
			decoder.KnownFields(true)
			err := decoder.Decode(&h)
			if err == nil {
				err = errors.Join(h.Validate()...)
			}
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("problems = %q, want %q", got, test.want)
			}
		})
	}
}

// TestMalformedProxyURL spells the URL of a proxy with a password wrong in every way, by changing, doubling or leaving
// out each of its characters: no error shows the password, nor do the settings as text.
func TestMalformedProxyURL(t *testing.T) {
	const (
		secret = "CANARY"
		good   = "http://user:" + secret + "@proxy.example.org:3128"
	)
	spellings := []string{good, secret, "user:" + secret + "@proxy", "http://proxy/?p=" + secret, "http://proxy#" + secret, "[" + good + "]", "{a: " + good + "}"}
	for i := range good {
		for _, other := range []string{"", good[i:i+1] + good[i:i+1], "/", ":", "@", "%", "%zz", " ", "#", "?", "[", "\\", "\"", "'", "é", "\t"} {
			if spelling := good[:i] + other + good[i+1:]; strings.Contains(spelling, secret) {
				spellings = append(spellings, spelling)
			}
		}
	}
	accepted := 0
	for _, spelling := range spellings {
		inYAML, err := yaml.Marshal(map[string]string{"proxy_url": spelling})
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{string(inYAML), "proxy_url: " + spelling} {
			if yaml.Unmarshal([]byte(text), new(map[string]any)) != nil {
				continue // no YAML: the reader of the whole file answers for it
			}
			var h HTTPConfig
			err := yaml.Unmarshal([]byte(text), &h)
			if err = errors.Join(append(h.Validate(), err)...); err == nil {
				accepted++
			}
			shown, _ := yaml.Marshal(h)
			if text := fmt.Sprintf("%v %v %+v %s", err, h, h, shown); strings.Contains(text, secret) {
				t.Errorf("%q shows the password: %s", spelling, text)
			}
		}
	}
	if accepted < 100 {
		t.Errorf("%d spellings are accepted, want that most changes of a name or a port are", accepted)
	}
}

func TestHTTPConfigDefaults(t *testing.T) {
	var h HTTPConfig
	if err := yaml.Unmarshal([]byte("{max_body_bytes: 5}"), &h); err != nil {
		t.Fatal(err)
	}
	if want := (HTTPConfig{Timeout: model.Duration(10 * time.Second), MaxBody: 5}); !reflect.DeepEqual(h, want) {
		t.Errorf("config = %v, want %v", h, want)
	}
	text, err := yaml.Marshal(h)
	if diff := cmp.Diff("timeout: 10s\nmax_body_bytes: 5\n", string(text)); err != nil || diff != "" {
		t.Errorf("written as (-want +got): %v\n%s", err, diff)
	}
}

func TestSecret(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	write := func(content string) {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := Secret{File: file}
	for content, want := range map[string]string{
		"one\n": "one", "two ==== \r\n\n": "two ====", "three": "three", "\xef\xbb\xbffour\r\n": "four", "\t five\u00a0": "five",
		"\xef\xbb\xbf \n": "", "s\x00i\x00x\x00": "", "\xff\xfes\x00i\x00x\x00": "", "\xfe\xff\x00s\x00i\x00x": "", "seven\neight": "",
	} {
		write(content) // rotation: read anew each time
		got, err := s.Read()
		if got != want || (err == nil) != (want != "") {
			t.Errorf("Read() of %q = %q, %v, want %q", content, got, err, want)
		}
		if err != nil {
			wantReason(t, err, platform.ReasonAuth)
			if strings.Contains(err.Error(), "eight") {
				t.Errorf("error = %v shows the content", err)
			}
		}
	}
	if got, err := (Secret{Value: "inline"}).Read(); got != "inline" || err != nil {
		t.Errorf("Read() = %q, %v, want inline", got, err)
	}
	write("\n")
	_, err := s.Read()
	wantReason(t, err, platform.ReasonAuth)
	_, err = Secret{File: file + "-none"}.Read()
	wantReason(t, err, platform.ReasonAuth)
	if err == nil || !strings.Contains(err.Error(), "secret-none: no such file") {
		t.Errorf("error = %v, want the name of the file", err)
	}
}
