// Entities are read one by one, so that a broken one harms no other. Within one, what has a wrong type is not known, and
// counts as a violation of the documented form. Numbers and truth values are read as any: a pointer to one would be left
// pointing at 0 by a wrong type, and that is not what the platform said.

package genesys

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// ref names another entity.
type ref struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// id of a reference that may be missing.
func (r *ref) id() string {
	if r == nil {
		return ""
	}
	return r.ID
}

// name of a reference that may be missing.
func (r *ref) name() string {
	if r == nil {
		return ""
	}
	return r.Name
}

// nameOr is a name, or the id of what has none, which breaks the documented form.
func nameOr(name, id string, anomalies *platform.Anomalies, path string) string {
	if strings.TrimSpace(name) == "" {
		anomalies.Violate(path)
		return id
	}
	return name
}

// read decodes one entity.
func read[T any](raw json.RawMessage, anomalies *platform.Anomalies, path string) (value T, ok bool) {
	ok = readInto(&value, raw, anomalies, path)
	return value, ok
}

// readInto decodes one entity into what v points at.
func readInto(v any, raw json.RawMessage, anomalies *platform.Anomalies, path string) (ok bool) {
	err := rest.Unmarshal(raw, v)
	if err == nil && !bytes.Equal(raw, []byte("null")) {
		return true
	}
	if wrong, ok := errors.AsType[*rest.MisfitError](err); ok {
		path += wrong.Path
	}
	anomalies.Violate(path)
	return false
}

// optional is a number or a truth value; nil when it is missing, null, or of a wrong type, which counts.
func optional[T float64 | bool](value any, anomalies *platform.Anomalies, path string) *T {
	if value == nil {
		return nil
	}
	v, ok := value.(T)
	if !ok {
		anomalies.Violate(path)
		return nil
	}
	return &v
}

// countOf is a number of things; nil when it is missing or no such number, which counts.
func countOf(value any, anomalies *platform.Anomalies, path string) *int {
	n, ok := value.(float64)
	if !ok || n < 0 || n > math.MaxInt32 || n != math.Trunc(n) {
		anomalies.Violate(path)
		return nil
	}
	whole := int(n)
	return &whole
}

// enum is the words that a field may hold, and the name under which every other word is counted.
type enum struct {
	field string
	words []string
}

// read returns the word as the vendor's definition spells it, "" when it is missing or not known.
func (e enum) read(word string, anomalies *platform.Anomalies, path string) string {
	if word == "" || slices.Contains(e.words, word) {
		return word
	}
	folded := normalise(word)
	for _, known := range e.words {
		if normalise(known) == folded {
			return known
		}
	}
	anomalies.Unknown(e.field, word, path)
	return ""
}

// normalise makes the three spellings of one word equal: ON_QUEUE, OnQueue and On Queue.
func normalise(word string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == '_' || r == ' ' || r == '-' {
			return -1
		}
		return r
	}, word))
}

// moment reads a time. An unreadable one counts as a violation; a missing one does not.
func moment(text string, anomalies *platform.Anomalies, path string) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		anomalies.Violate(path)
	}
	return t
}

// scaled changes the unit of a number that may be missing.
func scaled(number *float64, factor float64) *float64 {
	if number == nil {
		return nil
	}
	product := *number * factor
	return &product
}

// milliseconds is a duration that may be missing, or be longer than a duration can be.
func milliseconds(number *float64) *time.Duration {
	if number == nil || math.Abs(*number) >= math.MaxInt64/float64(time.Millisecond) {
		return nil
	}
	d := time.Duration(*number * float64(time.Millisecond))
	return &d
}

// evidence is the entity as it was sent, cut to what a log line may hold.
func (e entity) evidence() platform.Evidence {
	return platform.Evidence{CorrelationID: e.correlation, Payload: e.raw[:min(len(e.raw), feed.MaxPayload)]}
}

// sharer is one of several that share a status: Operational, Critical, or Unknown, which does not weigh.
type sharer struct {
	entity
	status platform.Status
}

// combine is the condition of members as a whole: operational when all of known status are, degraded when some are,
// critical when none is. The evidence is the first of the worst.
func combine(members []sharer) platform.Condition {
	var worst sharer
	count := map[platform.Status]int{}
	for i, m := range members {
		if count[m.status]++; i == 0 || weight(m.status) > weight(worst.status) {
			worst = m
		}
	}
	status := platform.Unknown
	switch up, down := count[platform.Operational], count[platform.Critical]; {
	case up > 0 && down > 0:
		status = platform.Degraded
	case up > 0:
		status = platform.Operational
	case down > 0:
		status = platform.Critical
	}
	return platform.Condition{Status: status, Evidence: worst.evidence()}
}

// weight orders the statuses of members from the least to the most telling.
func weight(s platform.Status) int {
	return slices.Index([]platform.Status{platform.Operational, platform.Unknown, platform.Critical}, s)
}
