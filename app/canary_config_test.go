package app

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"

	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// canary stands for a secret that must not show.
const canary = "canary7f3a"

// everySection is a configuration that loads and has an entry in every list.
const everySection = `
genesys: [{name: emea, region: eu-central-1, client_id: id, client_secret: x}]
cxone: [{name: us, access_key_id: id, access_key_secret: x}]
health:
  status_pages: [{name: page, url: "https://status.example.org/summary.json"}]
  documents: [{name: doc, url: "https://health.example.org/health", format: document}]
sip_targets: [{name: sbc, uri: "sip:192.0.2.20"}]
webhooks:
  listen_address: 127.0.0.1:0
  hooks: [{name: voice, kind: voice_quality, account: us, bearer: {file: TOKEN}}]
`

// spellings are values that hold a secret and are spelt wrong, or stand in the wrong place.
var spellings = []string{
	"'http://user:CANARY@proxy:99999999'", "'http://user:CANARY%zz@proxy'", "'http://us er:CANARY@proxy'", "'https://CANARY@proxy'",
	"'http://user:a/CANARY@proxy'", "'http:/user:CANARY@proxy'", "'socks5://user:CANARY@proxy/path?x'", "'ftp://user:CANARY@proxy'",
	"http://user:CANARY@proxy:3128", "'://user:CANARY@proxy'", "'http://[user:CANARY@proxy'",
	"'sip:user:CANARY@sbc.example.org'", "'sips:user:CANARY@sbc;transport=x y'", "'sip:user:CANARY@'",
	"*CANARY", "&CANARY", "&CANARY x", "!CANARY", "!CANARY x", "!!CANARY x", "!!int CANARY", "!!binary CANARY", "!!float CANARY", "!!timestamp CANARY",
	"@CANARY", "`CANARY", `"CANARY`, "'CANARY", `"\CANARY"`, "%CANARY", "CANARY: x", "|CANARY", "? CANARY", "{x:CANARY}",
	"[[CANARY]]", "{x: {CANARY: 1}}", "[{x: CANARY}]", "[*CANARY]", "[!CANARY]", "{<<: CANARY}", "{<<: *CANARY}", "{<<: [CANARY]}",
}

// pointed is what a type points to, or the type.
func pointed(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// places calls do for every key of a type with its path in a document and the type of its value.
func places(t reflect.Type, path []any, do func(path []any, t reflect.Type)) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	keys := settings.Keys(t)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		do(append(slices.Clone(path), key), pointed(keys[key]))
		places(keys[key], append(slices.Clone(path), key), do)
	}
	if keys == nil && t.Kind() == reflect.Slice {
		places(t.Elem(), append(slices.Clone(path), 0), do)
	}
	if keys == nil && t.Kind() == reflect.Map {
		do(append(slices.Clone(path), "any"), t.Elem())
	}
}

// withPlace is a configuration with the word PLACE at a path, without the sections that have nothing to do with it: all need an
// account, and a hook that of its own.
func withPlace(t *testing.T, base string, path []any) string {
	t.Helper()
	var document map[string]any
	if err := yaml.Unmarshal([]byte(base), &document); err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(document, func(key string, _ any) bool {
		return key != path[0] && (path[0] == "genesys" || key != "cxone") && (path[0] != "cxone" || key != "webhooks")
	})
	text, err := yaml.Marshal(put(document, path, "PLACE"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func put(in any, path []any, value string) any {
	if len(path) == 0 {
		return value
	}
	switch step := path[0].(type) {
	case string:
		mapping, ok := in.(map[string]any)
		if !ok {
			mapping = map[string]any{}
		}
		mapping[step] = put(mapping[step], path[1:], value)
		return mapping
	default:
		list, ok := in.([]any)
		if !ok {
			list = []any{nil}
		}
		list[0] = put(list[0], path[1:], value)
		return list
	}
}

// questioner is a connection to the program, by which it is asked thousands of questions.
type questioner struct {
	net.Conn
	answers *bufio.Reader
}

func question(t *testing.T, p running) questioner {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return questioner{c, bufio.NewReader(c)}
}

// says returns the answer to a question, such as GET /.
func (q questioner) says(t *testing.T, question string) string {
	t.Helper()
	if _, err := fmt.Fprintf(q, "%s HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", question); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(q.answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// saysOf is what the whole program says of a configuration: the answer of a reload, and what it shows then, or for one that is
// refused the error of a start.
func (q questioner) saysOf(t *testing.T, file, document string, refused bool) string {
	t.Helper()
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	reloaded := q.says(t, "POST /-/reload")
	if !refused {
		return reloaded + q.shows(t)
	}
	return reloaded + fmt.Sprint(Run(t.Context(), []string{"--config.file=" + file}, io.Discard, io.Discard))
}

// shows is what the whole program shows: /config and the page.
func (q questioner) shows(t *testing.T) string {
	t.Helper()
	return q.says(t, "GET /config") + q.says(t, "GET /")
}

// TestNoSpellingShowsASecret gives every key of the configuration every wrong spelling of a secret, and looks for the secret
// in everything that the program says: the answer of a reload, /config, the error that main prints, the log. The program is a
// process of its own, without the race detector: it finds nothing where one document comes after the other.
func TestNoSpellingShowsASecret(t *testing.T) {
	t.Parallel()
	base := strings.Replace(everySection, "TOKEN", writeFile(t, "token", "0123456789abcdef"), 1)
	kinds := platforms()
	file, tried, refused := writeFile(t, "config.yml", base), 0, 0
	p := startProcess(t, binary(t), file)
	program := question(t, p)
	try := func(place, value string) {
		tried++
		document := strings.Replace(place, "PLACE", strings.ReplaceAll(value, "CANARY", canary), 1)
		_, err := parseConfig([]byte(document), kinds)
		said := fmt.Sprint(err)
		if err != nil {
			refused++
		}
		whole := err == nil || refused%10 == 0 // of the program, which says the same
		if whole {
			said += program.saysOf(t, file, document, err != nil)
		}
		if strings.Contains(said, canary) {
			t.Errorf("%s shows the secret: %s", document, said)
		}
	}
	walk := func(key string, of reflect.Type) {
		places(of, []any{key}, func(path []any, of reflect.Type) {
			place := withPlace(t, base, path)
			for _, value := range spellings {
				try(place, value)
			}
			list := of.Kind() == reflect.Slice
			if list {
				of = of.Elem()
			}
			if settings.Keys(of) == nil && of.Kind() != reflect.Map {
				try(place, "{CANARY: 1}") // elsewhere a key, which is shown
			}
			if !list {
				try(place, "[CANARY]")
			}
			if of == reflect.TypeFor[promconfig.Secret]() {
				try(place, "CANARY")
			}
			if strings.Contains(program.shows(t), canary) { // after all that was refused
				t.Errorf("/config or the page shows the secret at %v", path)
			}
		})
	}
	for _, kind := range kinds {
		walk(kind.key, reflect.SliceOf(kind.config))
	}
	all := settings.Keys(reflect.TypeFor[sections]())
	for _, key := range slices.Sorted(maps.Keys(all)) {
		walk(key, all[key])
	}
	p.terminate(t)
	if log := p.log.String(); strings.Contains(log, canary) {
		t.Errorf("the log shows the secret: %.500s", log[strings.Index(log, canary)-400:])
	}
	if tried < 5000 || refused < tried/2 {
		t.Errorf("%d documents tried, %d refused: the test looks at too little", tried, refused)
	}
}
