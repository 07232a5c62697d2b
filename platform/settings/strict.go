package settings

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// ValueError is a value in a configuration file that has the wrong form.
type ValueError struct {
	Path string // such as genesys[0].feeds.health
	Text string
}

// Error is the path and what is wrong there.
func (p ValueError) Error() string { return p.Path + ": " + p.Text }

// Take takes a key out of a mapping and returns its value; nil when the mapping has no such key.
func Take(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			value := mapping.Content[i+1]
			mapping.Content = slices.Delete(mapping.Content, i, i+2)
			return value
		}
	}
	return nil
}

// PruneMapping is Prune for a mapping with these keys.
func PruneMapping(node *yaml.Node, path string, keys map[string]reflect.Type) []ValueError {
	return pruneMapping(node, path, func(key string) (reflect.Type, bool) {
		t, known := keys[key]
		return t, known
	})
}

// Prune takes out of a YAML document, as ReadMapping returns it, everything that t cannot hold (unknown keys, keys given
// twice, values of the wrong form) and reports each with its path, so that what is left decodes and can be validated in the
// same pass. No report quotes a value that may be a secret.
func Prune(node *yaml.Node, t reflect.Type, path string) []ValueError {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	fields := Keys(t)
	switch {
	case node.Kind == yaml.DocumentNode:
		return Prune(node.Content[0], t, path)
	case oddTag(node):
		return wrong(path, node, "begins with !, expected quotes around such a value")
	case node.ShortTag() == "!!null":
		return nil
	case fields != nil && node.Kind == yaml.MappingNode:
		return PruneMapping(node, path, fields)
	case t.Kind() == reflect.Map && node.Kind == yaml.MappingNode:
		return pruneMapping(node, path, func(string) (reflect.Type, bool) { return t.Elem(), true })
	case t.Kind() == reflect.Slice && node.Kind == yaml.SequenceNode:
		return pruneList(node, t.Elem(), path)
	case node.Kind == yaml.ScalarNode && HoldsPassword(node.Value) && !holdsSecrets[t]:
		return wrong(path, node, "holds a user or a password, which have no place here")
	}
	value := reflect.New(t)
	if err := node.Decode(value.Interface()); err != nil {
		return wrong(path, node, plainly(err, node, t))
	}
	if number := value.Elem(); number.CanFloat() && (math.IsInf(number.Float(), 0) || math.IsNaN(number.Float())) {
		return wrong(path, node, "no finite number")
	}
	return nil
}

// pruneList replaces what is wrong by null, so that the others keep their places.
func pruneList(node *yaml.Node, element reflect.Type, path string) (problems []ValueError) {
	for i, item := range node.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		bad := Prune(item, element, at)
		if item.ShortTag() == "!!null" && len(bad) == 0 {
			bad = wrong(at, item, "found nothing, expected "+wanted(element))
		}
		if len(bad) > 0 && bad[0].Path == at { // nothing of it can stay
			node.Content[i] = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
		}
		problems = append(problems, bad...)
	}
	return problems
}

func pruneMapping(node *yaml.Node, path string, typeOf func(string) (reflect.Type, bool)) (problems []ValueError) {
	kept := make([]*yaml.Node, 0, len(node.Content))
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		t, known := typeOf(key.Value)
		at := strings.TrimPrefix(path+"."+shownKey(key), ".")
		switch {
		case isMerge(key):
			problems = append(problems, wrong(strings.TrimPrefix(path+".<<", "."), key, "expected a mapping, or a list of them, to merge")...)
			continue
		case key.Kind != yaml.ScalarNode || !known || strings.Contains(key.Value, ":"):
			problems = append(problems, unknownKey(path, at, key, typeOf))
			continue
		case seen[key.Value]:
			problems = append(problems, wrong(at, key, "given twice")...)
			continue
		}
		seen[key.Value] = true
		bad := Prune(value, t, at)
		problems = append(problems, bad...)
		if len(bad) > 0 && bad[0].Path == at { // the value itself is of the wrong form
			continue
		}
		kept = append(kept, key, value)
	}
	node.Content = kept
	return problems
}

// keyForm is what a key that may be shown looks like: words. Anything else may be a secret in the wrong place.
var keyForm = regexp.MustCompile(`^[A-Za-z][a-z]*([A-Z_/-][a-z]+)*$`)

// longestKey is the length in bytes up to which a key is shown.
const longestKey = 40

func shownKey(key *yaml.Node) string {
	if key.Kind == yaml.ScalarNode && len(key.Value) <= longestKey && keyForm.MatchString(key.Value) {
		return key.Value
	}
	return "<key>"
}

// unknownKey reports a key that has no meaning. In {key:value} the blank is missing that would end the key.
func unknownKey(path, at string, key *yaml.Node, typeOf func(string) (reflect.Type, bool)) ValueError {
	if name, _, found := strings.Cut(key.Value, ":"); found && keyForm.MatchString(name) {
		if _, known := typeOf(name); known {
			return wrong(strings.TrimPrefix(path+"."+name, "."), key, "no blank after the colon")[0]
		}
	}
	return wrong(at, key, "unknown key")[0]
}

func wrong(path string, node *yaml.Node, text string) []ValueError {
	return []ValueError{{path, fmt.Sprintf("%s (line %d)", text, node.Line)}}
}

// Keys returns the keys of a struct that is written as a mapping; nil for all other types, which read themselves.
func Keys(t reflect.Type) map[string]reflect.Type {
	if t.Kind() != reflect.Struct {
		return nil
	}
	var fields map[string]reflect.Type
	for field := range t.Fields() {
		tag, tagged := field.Tag.Lookup("yaml")
		if !tagged || tag == "-" {
			continue
		}
		if fields == nil {
			fields = map[string]reflect.Type{}
		}
		key, options, _ := strings.Cut(tag, ",")
		if strings.Contains(options, "inline") {
			maps.Copy(fields, Keys(field.Type))
			continue
		}
		fields[key] = field.Type
	}
	return fields
}

var found = map[string]string{
	"!!seq": "a list", "!!map": "a mapping", "!!str": "text", "!!int": "a number", "!!float": "a number", "!!bool": "true or false",
}

var expected = map[reflect.Kind]string{
	reflect.Slice: "a list", reflect.Map: "a mapping", reflect.Struct: "a mapping", reflect.String: "text",
	reflect.Int: "a number", reflect.Int64: "a number", reflect.Float64: "a number", reflect.Bool: "true or false",
}

// forms are what values look like that other modules read, whose own errors quote them.
var forms = map[reflect.Type]string{
	reflect.TypeFor[model.Duration]():        "a duration such as 15s",
	reflect.TypeFor[promconfig.URL]():        "a URL such as http://proxy.example.org:3128",
	reflect.TypeFor[promconfig.TLSVersion](): "TLS10, TLS11, TLS12 or TLS13",
	reflect.TypeFor[promconfig.Secret]():     "text",
}

// holdsSecrets are the types whose values may hold a password, and are never shown.
var holdsSecrets = map[reflect.Type]bool{reflect.TypeFor[promconfig.URL](): true, reflect.TypeFor[promconfig.Secret](): true}

// oddTag reports whether a node has a tag that YAML does not define for it: often a text without quotes that begins with !.
func oddTag(node *yaml.Node) bool {
	tag := node.ShortTag()
	switch node.Kind { //nolint:exhaustive // a document has no tag, an alias is none any more
	case yaml.MappingNode:
		return tag != "!!map"
	case yaml.SequenceNode:
		return tag != "!!seq"
	default:
		return tag == "!!map" || tag == "!!seq" || found[tag] == "" && !slices.Contains(otherTags, tag)
	}
}

var otherTags = []string{"", "!", "!!null", "!!timestamp", "!!binary", "!!merge"} // of scalars, beside those of found

// wanted says what a value of a type looks like.
func wanted(t reflect.Type) string {
	return cmp.Or(forms[t], expected[t.Kind()], "another value")
}

// plainly says without the words of Go and of parsers, and without the value itself, what was found and what was expected.
// Only types of our own that read themselves may say it in their words.
func plainly(err error, node *yaml.Node, t reflect.Type) string {
	_, badType := errors.AsType[*yaml.TypeError](err)
	parsers := badType || strings.HasPrefix(err.Error(), "yaml: ")
	module := strings.TrimSuffix(reflect.TypeFor[ValueError]().PkgPath(), "platform/settings")
	switch ours := strings.HasPrefix(t.PkgPath(), module); {
	case !parsers && ours && Keys(t) == nil:
		return MaskText(err.Error())
	case !parsers && forms[t] != "":
		return "expected " + forms[t]
	}
	return "found " + cmp.Or(found[node.ShortTag()], "another value") + ", expected " + wanted(t)
}

// Join returns all problems as one error, a line each, without passwords. It leaves out the further ones that only follow
// from a value of the wrong form.
func Join(formal []ValueError, further []error) error {
	var all []error
	for _, p := range formal {
		all = append(all, p)
	}
	for _, err := range further {
		if !slices.ContainsFunc(formal, func(p ValueError) bool { return isBelow(err.Error(), p.Path) }) {
			all = append(all, err)
		}
	}
	return MaskError(errors.Join(all...))
}

// isBelow reports whether a problem is about a path or something below it, or about the file that may hold the value instead.
func isBelow(problem, path string) bool {
	rest, found := strings.CutPrefix(problem, path)
	rest = strings.TrimPrefix(rest, "_file")
	return found && rest != "" && strings.ContainsRune(".[:,", rune(rest[0]))
}
