package settings

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ValueError is a value in a configuration file that has the wrong form.
type ValueError struct {
	Path string // such as genesys[0].feeds.health
	Text string
}

// Error is the path and what is wrong there.
func (p ValueError) Error() string { return p.Path + ": " + p.Text }

// ReadMapping reads a YAML document that is one mapping. An empty file is an empty mapping.
func ReadMapping(content []byte) (*yaml.Node, error) {
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return &yaml.Node{Kind: yaml.MappingNode}, nil
	case err != nil:
		return nil, err
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one YAML document, expected one")
	}
	top := document.Content[0]
	if top.Kind != yaml.MappingNode {
		return nil, ErrNoMapping
	}
	return top, nil
}

// ErrNoMapping is a document that is no mapping at its top.
var ErrNoMapping = errors.New("no mapping at the top")

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

// Prune takes out of a YAML document everything that t cannot hold (unknown keys, keys given twice, values of the wrong
// form) and reports each with its path, so that what is left decodes and can be validated in the same pass.
func Prune(node *yaml.Node, t reflect.Type, path string) []ValueError {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if node.Tag == "!!null" {
		return nil
	}
	fields := Keys(t)
	switch {
	case node.Kind == yaml.DocumentNode:
		return Prune(node.Content[0], t, path)
	case fields != nil && node.Kind == yaml.MappingNode:
		return PruneMapping(node, path, fields)
	case t.Kind() == reflect.Map && node.Kind == yaml.MappingNode:
		return pruneMapping(node, path, func(string) (reflect.Type, bool) { return t.Elem(), true })
	case t.Kind() == reflect.Slice && node.Kind == yaml.SequenceNode:
		var problems []ValueError
		for i, item := range node.Content {
			bad := Prune(item, t.Elem(), fmt.Sprintf("%s[%d]", path, i))
			if len(bad) > 0 && Keys(t.Elem()) == nil { // a bad scalar: nothing of it can stay
				node.Content[i] = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
			}
			problems = append(problems, bad...)
		}
		return problems
	}
	if err := node.Decode(reflect.New(t).Interface()); err != nil {
		return []ValueError{{path, fmt.Sprintf("%s (line %d)", plainly(err, node, t), node.Line)}}
	}
	return nil
}

func pruneMapping(node *yaml.Node, path string, typeOf func(string) (reflect.Type, bool)) (problems []ValueError) {
	kept := make([]*yaml.Node, 0, len(node.Content))
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		at := strings.TrimPrefix(path+"."+key.Value, ".")
		t, known := typeOf(key.Value)
		switch {
		case !known:
			problems = append(problems, ValueError{at, fmt.Sprintf("unknown key (line %d)", key.Line)})
			continue
		case seen[key.Value]:
			problems = append(problems, ValueError{at, fmt.Sprintf("given twice (line %d)", key.Line)})
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

// plainly says without Go's words, and without the value itself, what was found and what was expected.
func plainly(err error, node *yaml.Node, t reflect.Type) string {
	if wrong, ok := errors.AsType[*yaml.TypeError](err); !ok || len(wrong.Errors) == 0 {
		return err.Error()
	}
	return "found " + cmp.Or(found[node.ShortTag()], node.ShortTag()) + ", expected " + cmp.Or(expected[t.Kind()], t.String())
}

// Join returns all problems as one error, a line each. It leaves out the further ones that only follow from a value of
// the wrong form.
func Join(formal []ValueError, further []error) error {
	var all []error
	for _, p := range formal {
		all = append(all, p)
	}
	for _, err := range further {
		follows := false
		for _, p := range formal {
			follows = follows || strings.HasPrefix(err.Error(), p.Path)
		}
		if !follows {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}
