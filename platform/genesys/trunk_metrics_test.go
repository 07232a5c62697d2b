package genesys

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

var update = flag.Bool("update", false, "write testdata anew")

// Every number of a row that is read reaches the trunk, added up over its instances. The wire type names the numbers, so that
// a new one needs no line here.
func TestTrunkMetricsAddUp(t *testing.T) {
	const file = "testdata/trunk_metrics.golden.json"
	base, anomalies := &trunk{measured: true}, platform.Anomalies{}
	addInstanceMetrics(rowsOf[instanceMetricsWire](t, fullRow(t, "i1", 1), fullRow(t, "i2", 100)), map[string]*trunk{"i1": base, "i2": base}, &anomalies)
	diff(t, "anomalies", anomalies, platform.Anomalies{})
	got, err := json.MarshalIndent(base.TrunkMetrics, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "sum of two instances", string(got)+"\n", string(want))
	if strings.Contains(string(got), "null") {
		t.Errorf("sum of two instances = %s, want a number in every field", got)
	}
}

// fullRow is a row of an instance whose numbers are factor, twice and three times factor, and so on.
func fullRow(t *testing.T, instance string, factor float64) string {
	t.Helper()
	wire, n := instanceMetricsWire{EventTime: "2026-03-21T12:44:00Z", Trunk: &ref{ID: instance}}, 0.0
	var fill func(reflect.Value)
	fill = func(v reflect.Value) {
		for i := range v.NumField() {
			switch f := v.Field(i); f.Kind() {
			case reflect.Struct:
				fill(f)
			case reflect.Interface:
				n++
				f.Set(reflect.ValueOf(n * factor))
			case reflect.Pointer:
				if f.Type() == reflect.TypeFor[*ref]() && f.IsNil() {
					f.Set(reflect.ValueOf(&ref{ID: fmt.Sprint(instance, " ", i)}))
				}
			}
		}
	}
	fill(reflect.ValueOf(&wire).Elem())
	text, err := json.Marshal(wire)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
