// Helpers that read the recorded answers.

package genesys

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func decodeFixture[T any](t testing.TB, name string) (v T) {
	t.Helper()
	if err := json.Unmarshal(fixture(t, name), &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

// recorded is a list with its metrics, as if all of them had been asked for with success.
func recorded[T identified, R measurement](t testing.TB, list, metrics string) (m listing[T, R]) {
	t.Helper()
	m = listed[T, R](t, fixture(t, list))
	rows, err := readRows[R](bytes.NewReader(fixture(t, metrics)))
	if err != nil {
		t.Fatalf("%s: %v", metrics, err)
	}
	m.metrics, m.answered = rows, map[string]bool{}
	for _, item := range m.items {
		m.answered[item.wire.identity()] = true
	}
	return m
}

// pageOf is an answer as it is read.
func pageOf[T identified](t testing.TB, answer []byte) page[T] {
	t.Helper()
	p, err := readPage[T](bytes.NewReader(answer), "c0ffee")
	if err != nil {
		t.Fatalf("%s: %v", answer, err)
	}
	return p
}

// listed is a list as it is read.
func listed[T identified, R measurement](t testing.TB, answer []byte) (m listing[T, R]) {
	t.Helper()
	p := pageOf[T](t, answer)
	m.items, m.anomalies.Violations = distinct(p.items), p.Violations
	return m
}

// trunksOf and edgesOf are lists of these entities.
func trunksOf(t testing.TB, texts ...string) listing[instanceWire, instanceMetricsWire] {
	t.Helper()
	return listed[instanceWire, instanceMetricsWire](t, entities(texts...))
}

func edgesOf(t testing.TB, texts ...string) listing[edgeWire, edgeMetricsWire] {
	t.Helper()
	return listed[edgeWire, edgeMetricsWire](t, entities(texts...))
}

func entities(texts ...string) []byte {
	return []byte(`{"entities":[` + strings.Join(texts, ",") + `]}`)
}

// rowsOf are rows of metrics as they are read.
func rowsOf[R measurement](t testing.TB, texts ...string) []row[R] {
	t.Helper()
	rows, err := readRows[R](strings.NewReader("[" + strings.Join(texts, ",") + "]"))
	if err != nil {
		t.Fatalf("%v: %v", texts, err)
	}
	return rows
}

func diff(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, unexportedOff); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func raws(texts ...string) (list []json.RawMessage) {
	for _, text := range texts {
		list = append(list, json.RawMessage(text))
	}
	return list
}

// normalised are words in one spelling and order.
func normalised(words []string) (all []string) {
	for _, word := range words {
		all = append(all, normalise(word))
	}
	slices.Sort(all)
	return all
}
