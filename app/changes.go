package app

import (
	"maps"
	"reflect"
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// changes names what differs between two configurations: accounts that are new, gone or restarted, and keys of other
// sections.
func changes(old, next *Config) (changed []string) {
	if old == nil {
		old = &Config{}
	}
	before, after := old.byName(), next.byName()
	all := maps.Clone(before)
	maps.Copy(all, after)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		was, existed := before[name]
		is, exists := after[name]
		switch {
		case !existed:
			changed = append(changed, name+" added")
		case !exists:
			changed = append(changed, name+" removed")
		case !reflect.DeepEqual(was, is):
			changed = append(changed, name+" restarted")
		}
	}
	t := reflect.TypeFor[sections]()
	for i := range t.NumField() {
		if !reflect.DeepEqual(reflect.ValueOf(old.sections).Field(i).Interface(), reflect.ValueOf(next.sections).Field(i).Interface()) {
			for key := range settings.Keys(reflect.StructOf([]reflect.StructField{t.Field(i)})) {
				changed = append(changed, key)
			}
		}
	}
	return changed
}

// byName returns what makes each account what it is, by platform and name.
func (c *Config) byName() map[string]accountSettings {
	all := map[string]accountSettings{}
	for i, s := range c.accountSettings() {
		all[c.accounts[i].kind.key+"/"+s.account.Label()] = s
	}
	return all
}
