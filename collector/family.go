package collector

import (
	"slices"
)

// Family describes a metric family.
type Family struct {
	Name   string
	Type   string   // gauge, counter or histogram
	Labels []string // beyond the standard ones: platform, account, region_code
	Help   string
	Global bool // about the exporter: without the standard labels
}

var standardLabels = [...]string{"platform", "account", "region_code"}

// names are all labels: the standard ones, then its own.
func (f Family) names() []string {
	if f.Global {
		return f.Labels
	}
	return slices.Concat(standardLabels[:], f.Labels)
}

// family is a family with its place in the code: how its samples are read from an S, object by object.
type family[S any] struct {
	Family
	order []int // of its labels
	has   func(source S) bool
	read  func(source S, e emit, endObject func())
}

// metric is a family whose samples are read from objects of type T, one after the other.
type metric[T any] struct {
	Family
	read func(*T, emit)
}

func gauge[T any](name string, labels []string, help string, read func(*T, emit)) metric[T] {
	return metric[T]{Family{Name: name, Type: "gauge", Labels: labels, Help: help}, read}
}

func counter[T any](name string, labels []string, help string, read func(*T, emit)) metric[T] {
	return metric[T]{Family{Name: name, Type: "counter", Labels: labels, Help: help}, read}
}

// by makes the table of a subject readable.
func by(labels ...string) []string { return labels }

// table makes families of metrics whose objects are found in an S.
func table[S, T any](objects func(S) []T, metrics ...metric[T]) (families []family[S]) {
	for _, m := range metrics {
		families = append(families, family[S]{
			Family: m.Family,
			order:  orderOf(m.names()),
			has:    func(source S) bool { return len(objects(source)) > 0 },
			read: func(source S, e emit, endObject func()) {
				rows := objects(source)
				for i := range rows {
					m.read(&rows[i], e)
					endObject()
				}
			},
		})
	}
	return families
}

// self is for a table whose only object is the source itself.
func self[T any](source *T) []T { return []T{*source} }

// The families by what they are made of: what a feed published, and everything else that a view holds.
var (
	snapshotFamilies = slices.Concat(componentFamilies, latencyFamilies, trunkFamilies, edgeFamilies, callFamilies, agentFamilies,
		queueFamilies, sipFamilies)
	liveFamilies = slices.Concat(accountFamilies, planeFamilies, incidentFamilies, unknownFamilies, violationFamilies,
		droppedFamilies)
)

// Families lists every family that the program exports on its metrics page, subject by subject.
func Families() []Family {
	return slices.Concat(
		plain(accountFamilies), plain(planeFamilies), plain(componentFamilies), plain(latencyFamilies), plain(incidentFamilies),
		plain(trunkFamilies), plain(edgeFamilies), plain(callFamilies), plain(agentFamilies),
		plain(queueFamilies), streamFamilies, plain(sipFamilies),
		plain(feedFamilies), apiFamilies, plain(unknownFamilies), plain(violationFamilies), plain(droppedFamilies),
		exporterFamilies,
	)
}

func plain[S any](families []family[S]) (list []Family) {
	for _, f := range families {
		list = append(list, f.Family)
	}
	return list
}
