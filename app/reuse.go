package app

import (
	"reflect"
	"slices"
	"sync"
)

// reusable is something that a reload uses on while its settings stay the same.
type reusable[S, V any] struct {
	settings S
	value    V
	stop     func()
}

// reuse appends what old holds for these settings, or something new.
func reuse[S, V any](to *[]reusable[S, V], old []reusable[S, V], settings S, open func() (V, func(), error)) error {
	for _, k := range old {
		if reflect.DeepEqual(k.settings, settings) {
			*to = append(*to, k)
			return nil
		}
	}
	value, stop, err := open()
	if err != nil {
		return err
	}
	*to = append(*to, reusable[S, V]{settings, value, stop})
	return nil
}

// chosen returns the values that were made of the wanted settings.
func chosen[S, V any](all []reusable[S, V], wanted []S) (values []V) {
	for _, k := range all {
		if slices.ContainsFunc(wanted, func(s S) bool { return reflect.DeepEqual(s, k.settings) }) {
			values = append(values, k.value)
		}
	}
	return values
}

func stopMissing[S any, V comparable](old, next []reusable[S, V]) {
	var stopping sync.WaitGroup
	for _, k := range old {
		if !slices.ContainsFunc(next, func(n reusable[S, V]) bool { return n.value == k.value }) {
			stopping.Go(k.stop)
		}
	}
	stopping.Wait()
}
