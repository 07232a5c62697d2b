package webhook

import (
	"slices"
	"sync"
)

// labels are the values of labelsOf a kind, in that order. "" is a label that is not chosen.
type labels [10]string

// The values of a chosen label that are not the sender's own.
const (
	otherValue   = "other"   // beyond the limit
	unknownValue = "unknown" // not sent
)

// pick takes the values of the chosen labels. Values stand in the order of labelsOf.
func pick(h *HookConfig, values ...text) (l labels) {
	for i, name := range labelsOf[h.Kind] {
		if !slices.Contains(h.Labels, name) {
			continue
		}
		if l[i] = string(values[i]); l[i] == "" {
			l[i] = unknownValue
		}
	}
	return l
}

// chosenBy reports whether the labels are those that a hook chooses.
func (l *labels) chosenBy(h *HookConfig) bool {
	for i, name := range labelsOf[h.Kind] {
		if (l[i] != "") != slices.Contains(h.Labels, name) {
			return false
		}
	}
	return true
}

// caps keeps labels few: it remembers the values and sets of values that an account's families of one kind have.
type caps struct {
	mu     sync.Mutex
	values [len(labels{})]map[string]struct{}
	sets   map[labels]struct{}
}

// bound replaces what is beyond the limits by other: single values first, then the whole set. It reports whether the set
// that it returns is new.
func (c *caps) bound(l labels, perLabel, sets int) (bounded labels, isNew bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.sets[l]; known {
		return l, false
	}
	for i, v := range l {
		if v == "" || v == otherValue || v == unknownValue {
			continue
		}
		if _, known := c.values[i][v]; known {
			continue
		}
		if len(c.values[i]) >= perLabel {
			l[i] = otherValue
			continue
		}
		if c.values[i] == nil {
			c.values[i] = map[string]struct{}{}
		}
		c.values[i][v] = struct{}{}
	}
	if _, known := c.sets[l]; !known && len(c.sets) >= sets {
		for i, v := range l {
			if v != "" {
				l[i] = otherValue
			}
		}
	}
	if c.sets == nil {
		c.sets = map[labels]struct{}{}
	}
	_, known := c.sets[l]
	c.sets[l] = struct{}{}
	return l, !known
}

// drop forgets the sets that are not wanted and returns them.
func (c *caps) drop(wanted func(*labels) bool) (dropped []labels) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for l := range c.sets {
		if !wanted(&l) {
			dropped = append(dropped, l)
			delete(c.sets, l)
		}
	}
	if len(dropped) == 0 {
		return nil
	}
	c.values = [len(labels{})]map[string]struct{}{}
	for l := range c.sets {
		for i, v := range l {
			if v == "" || v == otherValue || v == unknownValue {
				continue
			}
			if c.values[i] == nil {
				c.values[i] = map[string]struct{}{}
			}
			c.values[i][v] = struct{}{}
		}
	}
	return dropped
}
