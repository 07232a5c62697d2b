package settings

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
)

// sample is a configuration with every kind of value.
type sample struct {
	Name   string            `yaml:"name"`
	Secret promconfig.Secret `yaml:"secret"`
	Proxy  promconfig.URL    `yaml:"proxy_url"`
	Every  Interval          `yaml:"every"`
	Window model.Duration    `yaml:"window"`
	Share  float64           `yaml:"share"`
	Count  int               `yaml:"count"`
	On     bool              `yaml:"on"`
	Inner  struct {
		Min promconfig.TLSVersion `yaml:"min"`
	} `yaml:"inner"`
	List []sample                  `yaml:"list"`
	Ages map[string]model.Duration `yaml:"ages"`
	Tags []string                  `yaml:"tags"`
}

// read returns what is left of a document, and its problems.
func read(content string) (s sample, problems string, err error) {
	top, err := ReadMapping([]byte(content))
	if err != nil {
		return s, err.Error(), nil //nolint:nilerr // it is the problem
	}
	formal := Prune(top, reflect.TypeFor[sample](), "")
	if err := Join(formal, nil); err != nil {
		problems = err.Error()
	}
	return s, problems, top.Decode(&s)
}

func TestReading(t *testing.T) {
	for _, tc := range []struct{ content, want string }{
		{"\ufeffname: a", ""},
		{"\xff\xfen\x00a\x00", "the file is UTF-16, save it as UTF-8"},
		{"n\x00a\x00m\x00e\x00:\x00", "the file is UTF-16, save it as UTF-8"},
		{"name: a\nsecret: *canary\n", "line 2: a value begins with *, which stands for an anchor that is not there; put it in quotes"},
		{"name: 'canary", "no valid YAML: a quoted text is not closed"},
		{"name: canary: x", "no valid YAML: no key is expected here; put a value with a colon in quotes, and look at the indentation"},
		{"name: @canary", "no valid YAML: a value begins with @, ` or a tab; put it in quotes, and indent with blanks"},
		{"list: &a [*a]", "line 1: an anchor that contains itself"},
		{"name: a\n---\nname: b", "more than one YAML document, expected one"},
		{"secret: !canary x", "secret: begins with !, expected quotes around such a value (line 1)"},
		{"secret: !!canary x", "secret: begins with !, expected quotes around such a value (line 1)"},
		{"count: !!int canary", "count: found a number, expected a number (line 1)"},
		{"{name:canary}", "name: no blank after the colon (line 1)"},
		{"{'can ary': 1}", "<key>: unknown key (line 1)"},
		{"{[canary]: 1}", "<key>: unknown key (line 1)"},
		{"{c4n4ry: 1}", "<key>: unknown key (line 1)"},
		{"{Q2FuYXJ5Cg: 1}", "<key>: unknown key (line 1)"},
		{"proxy_url: 'http://u:canary%zz@h'", "proxy_url: expected a URL such as http://proxy.example.org:3128 (line 1)"},
		{"inner: {min: canary}", "inner.min: expected TLS10, TLS11, TLS12 or TLS13 (line 1)"},
		{"window: canary", "window: expected a duration such as 15s (line 1)"},
		{"name: 'http://u:canary@h'", "name: holds a user or a password, which have no place here (line 1)"},
		{"every: 'sip:u:canary@h'", "every: holds a user or a password, which have no place here (line 1)"},
		{"share: .inf\ncount: .nan", "share: no finite number (line 1)\ncount: found a number, expected a number (line 2)"},
		{"list: ['https://x', null, {nam: x}, 7]\ntags: [a, null, [b]]", `list[0]: found text, expected a mapping (line 1)
list[1]: found nothing, expected a mapping (line 1)
list[2].nam: unknown key (line 1)
list[3]: found a number, expected a mapping (line 1)
tags[1]: found nothing, expected text (line 2)
tags[2]: found a list, expected text (line 2)`},
		{"<<: 7\nname: a", "<<: expected a mapping, or a list of them, to merge (line 1)"},
	} {
		_, got, err := read(tc.content)
		if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
			t.Errorf("problems of %q, left: %v (-want +got):\n%s", tc.content, err, diff)
		}
	}
}

// TestMergeKeys: a key of the mapping itself wins, then the first that is merged; one that is merged twice is not changed.
func TestMergeKeys(t *testing.T) {
	got, problems, err := read(`
list:
  - &base {name: base, share: 0.5, inner: &inner {min: TLS12}, ages: {a: 1s}}
  - {<<: *base, name: own}
  - {<<: [{name: first, count: 1}, *base, {name: last}], inner: {<<: *inner}, ages: {<<: {b: 2s}, c: 3s}}
inner: *inner
`)
	if err != nil || problems != "" {
		t.Fatal(err, problems)
	}
	base := sample{Name: "base", Share: 0.5, Ages: map[string]model.Duration{"a": model.Duration(1e9)}}
	base.Inner.Min = promconfig.TLSVersions["TLS12"]
	own, first := base, base
	own.Name, first.Name, first.Count = "own", "first", 1
	first.Ages = map[string]model.Duration{"b": model.Duration(2e9), "c": model.Duration(3e9)}
	want := sample{List: []sample{base, own, first}, Inner: base.Inner}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
}

func TestAliasesAreBounded(t *testing.T) {
	text := "a0: &a0 [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n"
	for i := range 8 {
		next := string(rune('1' + i))
		text += "a" + next + ": &a" + next + " [" + strings.TrimSuffix(strings.Repeat("*a"+string(rune('0'+i))+", ", 10), ", ") + "]\n"
	}
	if _, err := ReadMapping([]byte(text)); err == nil || err.Error() != "the file is too large, or its aliases are" {
		t.Errorf("a document of 10^9 values = %v, want an error", err)
	}
}

// TestJoin: what follows from a value of the wrong form is left out, and only that.
func TestJoin(t *testing.T) {
	formal := []ValueError{{"a[0].client", "unknown key"}, {"a[1]", "found text"}, {"b.secret", "found a list"}}
	var further []error
	for _, text := range []string{"a[0].client_id: missing", "a[1].name: missing", "a[10].name: missing", "b.secret_file: missing", "b.sec: bad"} {
		further = append(further, ValueError{text, "x"})
	}
	want := "a[0].client: unknown key\na[1]: found text\nb.secret: found a list\na[0].client_id: missing: x\na[10].name: missing: x\nb.sec: bad: x"
	if got := Join(formal, further).Error(); got != want {
		t.Errorf("Join = %s, want %s", got, want)
	}
}

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		`x: "http://u:canary@h" is no region`:           `x: "<secret>" is no region`,
		`x: "http://u:can\"a ry@h" is no region`:        `x: "<secret>" is no region`,
		`open http://u:canary@h: no such file`:          `open <secret> no such file`,
		`sip_targets[0].uri: sip:u:canary@h`:            `sip_targets[0].uri: <secret>`,
		`a: "https://api.mypurecloud.de:8443" is wrong`: `a: "https://api.mypurecloud.de:8443" is wrong`,
		`exclude: "*@training.example.com"`:             `exclude: "*@training.example.com"`,
	} {
		if got := MaskText(in); got != want {
			t.Errorf("MaskText(%s) = %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"https://hooks.example.org/a?token=canary": "https://hooks.example.org/a?<secret>",
		"socks5://u:p@h":      "<secret>",
		"socks5://<secret>@h": "<secret>",
		"Sales?":              "Sales?",
		"jane@example.org":    "jane@example.org",
	} {
		if got := Masked(in); got != want {
			t.Errorf("Masked(%s) = %s, want %s", in, got, want)
		}
	}
}

func FuzzPrune(f *testing.F) {
	for _, seed := range []string{
		"name: a\nlist: [{<<: {name: b}}, null, 7]", "a: &a [*a]", "list: &l [{name: x, tags: *l}]", "\xff\xfe",
		"<<: [{name: *x}]", "ages: {a: 1s, [b]: c}", "share: .nan\ncount: 1e99\non: maybe", "? {a: b}\n: c", "name: !!binary '*'", "name: !!int x",
		"window: !!timestamp 2001-01-01", "list: - &a\n- *a",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		if _, _, err := read(content); err != nil {
			t.Errorf("what is left of %q does not decode: %v", content, err)
		}
	})
}
