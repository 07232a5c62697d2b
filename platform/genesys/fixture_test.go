package genesys

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// This file reads the recorded answers.

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
func recorded[T identified](t testing.TB, list, metrics string) (m measured[T]) {
	t.Helper()
	m.items = readItems[T](entities(decodeFixture[page](t, list).Entities...), &m.part)
	m.metrics = decodeFixture[[]json.RawMessage](t, metrics)
	m.answered = map[string]bool{}
	for _, item := range m.items {
		m.answered[item.wire.identity()] = true
	}
	return m
}

func entities(raws ...json.RawMessage) (list []entity) {
	for _, raw := range raws {
		list = append(list, entity{raw, "c0ffee"})
	}
	return list
}

// single is a list of one entity.
func single[T identified](text string) (m measured[T]) {
	m.items = readItems[T](entities(json.RawMessage(text)), &m.part)
	return m
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
