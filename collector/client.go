package collector

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// This file passes on what an account's API client counts as calls and events happen.

// clientFamilies are all that a client may send, by name.
var clientFamilies = func() map[string]*Family {
	families := map[string]*Family{}
	for _, f := range slices.Concat(apiFamilies, streamFamilies) {
		families[f.Name] = &f
	}
	return families
}()

// client is what is known of a client's metrics, which live on from scrape to scrape.
type client struct {
	known    map[prometheus.Metric]*clientMetric
	exported []*clientMetric // in the order of their labels
	err      error           // about those that are not in the tables
}

type clientMetric struct {
	prometheus.Metric
	family   *Family
	labels   []*dto.LabelPair // its own and the standard ones
	admitted bool             // the limit does not keep it out
	judged   bool             // in an earlier scrape
}

// passOn writes a client's metrics on the page.
func (a *account) passOn(p gathered, metrics prometheus.Collector) error {
	raw := make(chan prometheus.Metric, 64)
	go func() {
		defer close(raw)
		metrics.Collect(raw)
	}()
	var all []prometheus.Metric
	changed := false
	for m := range raw {
		all, changed = append(all, m), changed || a.client.known[m] == nil
	}
	if changed || len(all) != len(a.client.known) {
		a.meet(all)
	}
	errs := []error{a.client.err}
	for _, m := range a.client.exported {
		written := &dto.Metric{}
		errs = append(errs, m.Write(written))
		written.Label = m.labels
		p.add(m.family, []*dto.Metric{written})
	}
	return errors.Join(errs...)
}

// meet prepares what has come, and forgets what has gone.
func (a *account) meet(all []prometheus.Metric) {
	now := client{known: map[prometheus.Metric]*clientMetric{}}
	families := map[*prometheus.Desc]*Family{}
	var waits []*clientMetric
	for _, raw := range all {
		desc := raw.Desc()
		if _, met := families[desc]; !met {
			families[desc] = clientFamilies[nameOf(desc)]
		}
		m := a.client.known[raw]
		if m == nil {
			m = &clientMetric{Metric: raw, family: families[desc], labels: a.withStandard(raw)}
		}
		switch now.known[raw] = m; {
		case m.family == nil:
			now.err = fmt.Errorf("%s is not in the table of API metrics", nameOf(desc))
		case m.family.Name == waitFamily:
			waits = append(waits, m)
		default:
			now.exported = append(now.exported, m)
		}
	}
	now.exported = append(now.exported, a.admit(waits)...)
	slices.SortFunc(now.exported, func(x, y *clientMetric) int { return compareLabels(x.labels, y.labels) })
	a.client = now
}

// admit holds the series of waitFamily within the limit. Those exported before come first, so that none comes and goes;
// one that is kept out counts when that begins.
func (a *account) admit(waits []*clientMetric) (admitted []*clientMetric) {
	dropped := 0
	for _, before := range []bool{true, false} {
		for _, m := range waits {
			if m.admitted != before {
				continue
			}
			if m.admitted = len(admitted) < a.limit; m.admitted {
				admitted = append(admitted, m)
			} else if !m.judged {
				dropped++
			}
			m.judged = true
		}
	}
	a.dropped.add(a.name(), waitFamily, dropped)
	return admitted
}

// withStandard returns the labels of a metric and the standard ones. Those of one that cannot be written are missing:
// it tells so when it is exported.
func (a *account) withStandard(m prometheus.Metric) []*dto.LabelPair {
	var written dto.Metric
	_ = m.Write(&written)
	all := slices.Concat(written.Label, a.standard)
	slices.SortFunc(all, func(x, y *dto.LabelPair) int { return strings.Compare(x.GetName(), y.GetName()) })
	return all
}

// nameOf finds out what a Desc tells only as a part of its text.
func nameOf(desc *prometheus.Desc) string {
	_, text, _ := strings.Cut(desc.String(), `fqName: "`)
	name, _, _ := strings.Cut(text, `"`)
	return name
}
