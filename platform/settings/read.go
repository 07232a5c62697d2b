package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ErrNoMapping is a document that is no mapping at its top.
var ErrNoMapping = errors.New("no mapping at the top")

var errUTF16 = errors.New("the file is UTF-16, save it as UTF-8")

// ReadMapping reads a YAML document that is one mapping. An empty file is an empty mapping. Aliases and merge keys (<<) are
// replaced by what they stand for. No error quotes anything of the content, which may be a secret.
func ReadMapping(content []byte) (*yaml.Node, error) {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if bytes.HasPrefix(content, []byte("\xff\xfe")) || bytes.HasPrefix(content, []byte("\xfe\xff")) || bytes.IndexByte(content, 0) >= 0 {
		return nil, errUTF16
	}
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return &yaml.Node{Kind: yaml.MappingNode}, nil
	case err != nil:
		return nil, syntaxError(err, content)
	}
	switch err := decoder.Decode(new(yaml.Node)); {
	case err == nil:
		return nil, errors.New("more than one YAML document, expected one")
	case !errors.Is(err, io.EOF):
		return nil, syntaxError(err, content)
	}
	top, err := new(expansion).expand(document.Content[0])
	switch {
	case err != nil:
		return nil, err
	case top.Kind != yaml.MappingNode:
		return nil, ErrNoMapping
	}
	top.Tag = "!!map"
	return top, nil
}

var (
	unknownAnchor = regexp.MustCompile(`unknown anchor '(.*)' referenced`)
	lineOfError   = regexp.MustCompile(`^yaml: line ([0-9]+): `)
)

// hint is what a complaint of the parser means, by a part of it that never holds a value.
type hint struct{ complaint, meaning string }

var hints = []hint{
	{"mapping values are not allowed", "no key is expected here; put a value with a colon in quotes, and look at the indentation"},
	{"cannot start any token", "a value begins with @, ` or a tab; put it in quotes, and indent with blanks"},
	{"found a tab character", "indent with blanks, not with tabs"},
	{"unexpected end of stream", "a quoted text is not closed"},
	{"unknown escape character", `a backslash in "…"; put the value in '…'`},
	{"control characters are not allowed", "a control character"},
	{"could not find expected ':'", "a key without a colon and a blank after it"},
	{"did not find expected ',' or", "a list or mapping in brackets is not closed"},
	{"did not find expected", "the indentation fits nothing above, or a quote is not closed"},
}

// syntaxError says what the parser complains of in our words: its own quote values.
func syntaxError(err error, content []byte) error {
	text := err.Error()
	if m := unknownAnchor.FindStringSubmatch(text); m != nil {
		before, _, _ := bytes.Cut(content, []byte("*"+m[1]))
		return fmt.Errorf("line %d: a value begins with *, which stands for an anchor that is not there; put it in quotes",
			1+bytes.Count(before, []byte("\n")))
	}
	meaning := "no valid YAML"
	known := slices.IndexFunc(hints, func(h hint) bool { return strings.Contains(text, h.complaint) })
	if known >= 0 {
		meaning += ": " + hints[known].meaning
	}
	if m := lineOfError.FindStringSubmatch(text); m != nil {
		return fmt.Errorf("line %s: %s", m[1], meaning)
	}
	return errors.New(meaning)
}

// maxNodes bounds a document: aliases of aliases grow without end.
const maxNodes = 200_000

// expansion copies a document while it replaces aliases and merge keys.
type expansion struct {
	nodes int
	under []*yaml.Node // anchored nodes that are being copied
}

// expand returns a copy of a node without aliases and merge keys.
func (x *expansion) expand(node *yaml.Node) (*yaml.Node, error) {
	if node.Kind == yaml.AliasNode {
		if slices.Contains(x.under, node.Alias) {
			return nil, fmt.Errorf("line %d: an anchor that contains itself", node.Line)
		}
		x.under = append(x.under, node.Alias)
		defer func() { x.under = x.under[:len(x.under)-1] }()
		node = node.Alias
	} else if node.Anchor != "" {
		x.under = append(x.under, node)
		defer func() { x.under = x.under[:len(x.under)-1] }()
	}
	if x.nodes++; x.nodes > maxNodes {
		return nil, errors.New("the file is too large, or its aliases are")
	}
	expanded := *node
	expanded.Anchor, expanded.Content = "", make([]*yaml.Node, 0, len(node.Content))
	for _, child := range node.Content {
		c, err := x.expand(child)
		if err != nil {
			return nil, err
		}
		expanded.Content = append(expanded.Content, c)
	}
	if node.Kind == yaml.MappingNode {
		expanded.Content = merged(expanded.Content)
	}
	return &expanded, nil
}

// merged replaces the merge keys of a mapping. A key of the mapping itself wins over merged ones, and of these the first.
// One that merges no mapping stays, so that it is reported.
func merged(pairs []*yaml.Node) (all []*yaml.Node) {
	own := map[string]bool{}
	var sources []*yaml.Node
	for i := 0; i+1 < len(pairs); i += 2 {
		key, value := pairs[i], pairs[i+1]
		list := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			list = value.Content
		}
		if !isMerge(key) || !allMappings(list) {
			own[key.Value] = true
			all = append(all, key, value)
			continue
		}
		sources = append(sources, list...)
	}
	for _, source := range sources {
		for i := 0; i+1 < len(source.Content); i += 2 {
			if key := source.Content[i]; !own[key.Value] {
				own[key.Value] = true
				all = append(all, key, source.Content[i+1])
			}
		}
	}
	return all
}

func isMerge(key *yaml.Node) bool { return key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge" }

func allMappings(nodes []*yaml.Node) bool {
	for _, node := range nodes {
		if node.Kind != yaml.MappingNode {
			return false
		}
	}
	return true
}
