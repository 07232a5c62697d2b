package notify

import (
	"cmp"
	"slices"
	"strings"
)

// maxTopics is how many topics the platform lets one channel have.
const maxTopics = 1000

// The kinds of messages that no subscriber asks for.
const (
	KindHeartbeat = "heartbeat"
	KindSystem    = "system"
	KindOther     = "other" // not readable, or of a topic of no known form
)

// Topic is the form of the names of topics about one kind of object. There are no wildcards: each object has a topic.
type Topic struct {
	Kind           string // label of the events' counter
	Prefix, Suffix string // before and after the object's id
}

// Name returns the topic of an object.
func (t Topic) Name(id string) string { return t.Prefix + id + t.Suffix }

// ownTopics are those that the service sends without being asked.
var ownTopics = []Topic{
	{KindHeartbeat, "channel.metadata", ""},
	{KindSystem, "v2.system.", ""},
	{KindSystem, "v2.subscription.updated", ""},
}

// topicForms reads names of topics: the form with the longest prefix that fits is the right one, of several the one with
// the longest suffix.
type topicForms []Topic

func newTopicForms(subjects []Topic) topicForms {
	forms := slices.Concat(subjects, ownTopics)
	slices.SortStableFunc(forms, func(a, b Topic) int {
		return cmp.Or(cmp.Compare(len(b.Prefix), len(a.Prefix)), cmp.Compare(len(b.Suffix), len(a.Suffix)))
	})
	return forms
}

// read returns the kind of a topic and the id of the object that it is about.
func (f topicForms) read(name string) (kind, id string) {
	for _, form := range f {
		rest, ok := strings.CutPrefix(name, form.Prefix)
		if !ok {
			continue
		}
		if id, ok := strings.CutSuffix(rest, form.Suffix); ok {
			return form.Kind, id
		}
	}
	return KindOther, ""
}
