package genesys

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// trunk is a trunk base while its instances are summed up: their states, their proxies and their metrics.
type trunk struct {
	platform.Trunk
	instances []sharer
	proxies   map[string]*platform.Proxy
	measured  bool // the metrics of every instance were asked for with success
}

func (t *trunk) add(i instance, e entity) {
	t.Instances++
	t.Connected += oneIf(i.connected)
	t.InService += oneIf(i.inService)
	t.Enabled += oneIf(i.enabled)
	t.instances = append(t.instances, sharer{e, i.status()})
	t.addProxies(i)
}

// sum returns the trunk with the status of its instances. Without the metrics of every instance no sum is known.
func (t *trunk) sum() platform.Trunk {
	t.Condition = combine(t.instances)
	for _, address := range slices.Sorted(maps.Keys(t.proxies)) {
		t.Proxies = append(t.Proxies, *t.proxies[address])
	}
	if !t.measured {
		t.TrunkMetrics = platform.TrunkMetrics{}
	}
	return t.Trunk
}

// addProxies counts an instance for every proxy that it lists, in either status or in the address list.
func (t *trunk) addProxies(i instance) {
	listed := map[string]struct{ options, register proxyAnswer }{}
	for _, address := range i.addresses {
		listed[strings.TrimSpace(address)] = struct{ options, register proxyAnswer }{}
	}
	for _, o := range i.optionsAnswers {
		end := listed[o.address]
		end.options.up = anyTrue(end.options.up, o.up)
		end.options.since = latest(end.options.since, o.since)
		listed[o.address] = end
	}
	for _, r := range i.registerAnswers {
		end := listed[r.address]
		end.register.up = anyTrue(end.register.up, r.up)
		listed[r.address] = end
	}
	delete(listed, "")
	for address, end := range listed {
		p := t.proxies[address]
		if p == nil {
			p = &platform.Proxy{Address: address}
			t.proxies[address] = p
		}
		p.Instances++
		p.OptionsUp = countUp(p.OptionsUp, end.options.up, i.options)
		p.OptionsChanged = latest(p.OptionsChanged, end.options.since)
		p.RegisterUp = countUp(p.RegisterUp, end.register.up, i.registers)
	}
}

// oneIf counts a fact that is known to be true.
func oneIf(fact *bool) int {
	if fact != nil && *fact {
		return 1
	}
	return 0
}

// anyTrue is true when one of two answers is, and nil when neither is known.
func anyTrue(a, b *bool) *bool {
	if a == nil || (b != nil && *b) {
		return b
	}
	return a
}

// countUp adds an answer to a count that stays nil where the check is switched off or says nothing.
func countUp(count *int, up *bool, check string) *int {
	if up == nil || check == "DISABLED" || check == "NOT_SUPPORTED" {
		return count
	}
	n := oneIf(up)
	if count != nil {
		n += *count
	}
	return &n
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// oldest ignores a time that is not known.
func oldest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
