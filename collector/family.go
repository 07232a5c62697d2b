package collector

import (
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// family is a family with its place in the code: how its samples are read from an S, object by object.
type family[S any] struct {
	*metric.Family
	order []int // of its labels
	has   func(source S) bool
	read  func(source S, e emit, endObject func())
}

// row is a row of a table: a family whose samples are read from objects of type T, one after the other.
type row[T any] struct {
	*metric.Family
	read func(*T, emit)
}

func gauge[T any](name string, labels []string, help string, read func(*T, emit)) row[T] {
	return row[T]{&metric.Family{Name: name, Type: metric.Gauge, Labels: labels, Help: help}, read}
}

func counter[T any](name string, labels []string, help string, read func(*T, emit)) row[T] {
	return row[T]{&metric.Family{Name: name, Type: metric.Counter, Labels: labels, Help: help}, read}
}

// by makes the table of a subject readable.
func by(labels ...string) []string { return labels }

// table makes families of metrics whose objects are found in an S.
func table[S, T any](objects func(S) []T, rows ...row[T]) (families []family[S]) {
	for _, m := range rows {
		families = append(families, family[S]{
			Family: m.Family,
			order:  orderOf(m.AllLabels()),
			has:    func(source S) bool { return len(objects(source)) > 0 },
			read: func(source S, e emit, endObject func()) {
				all := objects(source)
				for i := range all {
					m.read(&all[i], e)
					endObject()
				}
			},
		})
	}
	return families
}

// self is for a table whose only object is the source itself.
func self[T any](source *T) []T { return []T{*source} }

// The families by what they are made of: what a feed published, and everything else that an account's
// state holds.
var (
	snapshotFamilies = slices.Concat(componentFamilies, latencyFamilies, trunkFamilies, edgeFamilies, callFamilies, agentFamilies,
		queueFamilies, sipFamilies, limitFamilies, credentialFamilies)
	stateFamilies = slices.Concat(accountFamilies, planeFamilies, policyFamilies, incidentFamilies, unknownFamilies, violationFamilies,
		droppedFamilies)
)

// Families lists the families that the collector renders from the state of accounts, subject by subject. What clients count
// as requests and events happen is declared by their packages.
func Families() []*metric.Family {
	return slices.Concat(
		plain(accountFamilies), plain(planeFamilies), plain(componentFamilies), plain(policyFamilies), plain(latencyFamilies), plain(incidentFamilies),
		plain(trunkFamilies), plain(edgeFamilies), plain(callFamilies), plain(agentFamilies), plain(queueFamilies),
		plain(sipFamilies), plain(limitFamilies), plain(credentialFamilies), plain(feedFamilies), plain(unknownFamilies), plain(violationFamilies), plain(droppedFamilies),
		exporterFamilies,
	)
}

func plain[S any](families []family[S]) (list []*metric.Family) {
	for _, f := range families {
		list = append(list, f.Family)
	}
	return list
}
