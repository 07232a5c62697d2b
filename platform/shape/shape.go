// Package shape turns the answers of a platform into their shapes, so that they can be sent to a stranger: keys, types, enum
// words, counts and lengths stay; every other text and every long number is replaced by its class, such as <name 14 #3>.
//
// A number after # distinguishes values: equal values have equal numbers, all over one Shaper, so that references between
// objects survive and nothing else of them does. Answer reverses it: it makes a plausible answer of a shape.
package shape

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
)

// Shaper makes shapes. It is safe for concurrent use.
type Shaper struct {
	enums map[string]bool // without case, blanks and underscores
	keys  map[string]bool // words of keys, in lower case

	mu      sync.Mutex
	numbers map[string]int // of values, by their class and themselves
}

// New returns a Shaper that knows the words of enums.
func New(enums ...string) *Shaper {
	s := &Shaper{enums: map[string]bool{"true": true, "false": true, "null": true}, keys: map[string]bool{}, numbers: map[string]int{}}
	for _, word := range enums {
		s.enums[folded(word)] = true
	}
	for word := range strings.FieldsSeq(keyWords) {
		s.keys[word] = true
	}
	return s
}

func folded(word string) string {
	return strings.ToLower(strings.NewReplacer("_", "", " ", "", "-", "").Replace(word))
}

// node is a JSON value with its keys in their order, given twice or not.
type node struct {
	kind   byte // { [ " 0 t n
	text   string
	keys   []string
	values []*node
}

// maxDepth bounds how deep a document may be nested.
const maxDepth = 100

// read reads the next value.
func read(dec *json.Decoder, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case json.Delim:
		n := &node{kind: byte(v)}
		for dec.More() {
			if v == '{' {
				key, err := dec.Token()
				if err != nil {
					return nil, err
				}
				n.keys = append(n.keys, fmt.Sprint(key))
			}
			value, err := read(dec, depth+1)
			if err != nil {
				return nil, err
			}
			n.values = append(n.values, value)
		}
		_, err := dec.Token()
		return n, err
	case string:
		return &node{kind: '"', text: v}, nil
	case json.Number:
		return &node{kind: '0', text: v.String()}, nil
	case bool:
		return &node{kind: 't', text: fmt.Sprint(v)}, nil
	}
	return &node{kind: 'n', text: "null"}, nil
}

// parse reads a document of one value.
func parse(body []byte) (*node, error) {
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	dec.UseNumber()
	n, err := read(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one value")
	}
	return n, nil
}

// JSON returns the shape of a JSON document, itself JSON. Ok is false for what is none.
func (s *Shaper) JSON(body []byte) (shape json.RawMessage, ok bool) {
	n, err := parse(body)
	if err != nil {
		return nil, false
	}
	var b bytes.Buffer
	n.write(&b, "", s.keysOf, s.leaf)
	return b.Bytes(), true
}

// write writes a value with its keys and leaves translated. Key is where it stands.
func (n *node) write(b *bytes.Buffer, key string, keys func(*node) []string, leaf func(key string, n *node) string) {
	switch n.kind {
	case '{':
		b.WriteByte('{')
		for i, name := range keys(n) {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quoted(name))
			b.WriteByte(':')
			n.values[i].write(b, n.keys[i], keys, leaf)
		}
		b.WriteByte('}')
	case '[':
		b.WriteByte('[')
		for i, value := range n.values {
			if i > 0 {
				b.WriteByte(',')
			}
			value.write(b, key, keys, leaf)
		}
		b.WriteByte(']')
	case '"', '0':
		b.WriteString(leaf(key, n))
	default:
		b.WriteString(n.text)
	}
}

func quoted(text string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a text can always be encoded
	return strings.TrimSuffix(b.String(), "\n")
}

// keysOf returns the keys of an object as they may be shown. Where most of them are not the vendor's, the object is a map
// whose keys are data, and none is.
func (s *Shaper) keysOf(n *node) []string {
	known := 0
	for _, key := range n.keys {
		if s.known(key) {
			known++
		}
	}
	shown := make([]string, len(n.keys))
	for i, key := range n.keys {
		if shown[i] = key; !s.known(key) || 2*known < len(n.keys) && !s.isEnum(key) {
			shown[i] = s.class(key)
		}
	}
	return shown
}

// known reports whether a key is made of the vendors' words, or is an enum word.
func (s *Shaper) known(key string) bool { return s.ofWords(key) || s.isEnum(key) }

var (
	keyForm  = regexp.MustCompile(`^[A-Za-z_][A-Za-z_.:]{0,60}$`)
	keyParts = regexp.MustCompile(`[A-Z]+[a-z]*|[a-z]+`)
)

// ofWords reports whether a name is made of the words of keys: camelCase, snake_case, dotted or with colons.
func (s *Shaper) ofWords(name string) bool {
	if !keyForm.MatchString(name) {
		return false
	}
	for _, part := range keyParts.FindAllString(name, -1) {
		word := strings.ToLower(part)
		if s.keys[word] {
			continue
		}
		// An acronym before a word: IPAddress, isACWState.
		last := strings.LastIndexFunc(part, func(r rune) bool { return r >= 'A' && r <= 'Z' })
		if last < 1 || !s.keys[word[:last]] || !s.keys[word[last:]] {
			return false
		}
	}
	return true
}

// isEnum reports whether a text is an enum word.
func (s *Shaper) isEnum(text string) bool {
	return len(text) <= 40 && enumForm.MatchString(text) && s.enums[folded(text)]
}

var enumForm = regexp.MustCompile(`^[A-Za-z][A-Za-z_ -]*$`)

// Name returns a name, such as an error code or a permission, if it is made of the vendors' words, else its class.
func (s *Shaper) Name(name string) string {
	if name == "" || s.known(name) {
		return name
	}
	return s.class(name)
}

// number distinguishes the values of a class.
func (s *Shaper) number(class, value string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := class + "\x00" + value
	n, ok := s.numbers[key]
	if !ok {
		n = len(s.numbers) + 1
		s.numbers[key] = n
	}
	return n
}
