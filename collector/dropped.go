package collector

import "sync"

// Dropped counts series that were left out, by account and family. The zero value is ready; it may be shared by
// collectors that follow each other, so that a reload does not set the counts back.
type Dropped struct {
	mu     sync.Mutex
	counts map[[2]string]uint64 // by account and family
}

func (d *Dropped) add(account, family string, n int) {
	if n == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.counts == nil {
		d.counts = map[[2]string]uint64{}
	}
	d.counts[[2]string{account, family}] += uint64(n)
}

// of returns the counts of an account: those of the limited families, and what else was dropped.
func (d *Dropped) of(account string, limited []string) map[string]uint64 {
	counts := map[string]uint64{}
	for _, name := range limited {
		counts[name] = 0
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, n := range d.counts {
		if key[0] == account {
			counts[key[1]] = n
		}
	}
	return counts
}

// droppedFamilies count the series that are missing.
var droppedFamilies = table(func(s *accountState) []namedCount { return namedCounts(s.dropped) },
	counter("ccaas_series_dropped_total", by("family"),
		"Series dropped because their family had reached its series limit or already had a series with the same labels, counted once for each reading that held them.",
		func(t *namedCount, e emit) { e(float64(t.count), t.name) }),
)
