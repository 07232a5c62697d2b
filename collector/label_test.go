package collector

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

func TestLabelValue(t *testing.T) {
	for _, text := range []string{"", "é", strings.Repeat("x", maxLabel), "\xff\xfe", strings.Repeat("é", maxLabel/2)} {
		if got, want := labelValue(text), strings.ToValidUTF8(text, invalid); got != want {
			t.Errorf("labelValue(%q) = %q, want %q", text, got, want)
		}
	}
	seen := map[string]bool{}
	for _, text := range []string{
		strings.Repeat("x", maxLabel+1), strings.Repeat("x", maxLabel+2), strings.Repeat("é", maxLabel), strings.Repeat("€", maxLabel),
		strings.Repeat("\xffx", maxLabel), strings.Repeat("x", 5<<20),
	} {
		got := labelValue(text)
		if len(got) > maxLabel || !utf8.ValidString(got) || seen[got] || !strings.Contains(got, "…") {
			t.Errorf("labelValue of %d bytes = %q, want another one of at most %d bytes with an ellipsis", len(text), got, maxLabel)
		}
		seen[got] = true
	}
}

// TestLongNames: a name of megabytes makes no page of megabytes, wherever it comes from.
func TestLongNames(t *testing.T) {
	long := strings.Repeat("n", 1<<20)
	family := &metric.Family{Name: "ccaas_api_test_total", Type: metric.Counter, Help: "Test.", Labels: []string{"operation"}}
	state := bare(&platform.Snapshot{Trunks: []platform.Trunk{{Name: long + "1"}, {Name: long + "2"}}})
	state.Metrics = new(metric.Set)
	counters := state.Metrics.Counters(family)
	counters.WithLabelValues(long + "1").Inc()
	counters.WithLabelValues(long + "2").Inc()
	page := bodyOf(t, checked(New(accounts(state), Options{Families: []*metric.Family{family}})))
	if len(page) > 1<<20 || count(page, "ccaas_trunk_instances") != 2 || count(page, "ccaas_api_test_total") != 2 {
		t.Errorf("page of %d bytes, %d trunks, %d counters, want less than 1 MiB and two each",
			len(page), count(page, "ccaas_trunk_instances"), count(page, "ccaas_api_test_total"))
	}
}
