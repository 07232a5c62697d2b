package genesys

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// namesWait is how long the first presence run waits for names: numbers without names beat no numbers.
const namesWait = 5 * time.Second

// names are the presence definitions as last read.
type names struct {
	known atomic.Pointer[[]definition]
	first chan struct{} // closed once the first run has ended, however it did
	end   func()        // closes it
}

func newNames() *names {
	first := make(chan struct{})
	return &names{first: first, end: sync.OnceFunc(func() { close(first) })}
}

// wait returns the definitions known, after the first run if it comes in time. Nil names know none.
func (n *names) wait(ctx context.Context) []definition {
	if n == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, namesWait)
	defer cancel()
	select {
	case <-n.first:
	case <-ctx.Done():
	}
	return n.list()
}

// list returns the definitions known. Nil names know none.
func (n *names) list() []definition {
	if n == nil {
		return nil
	}
	if known := n.known.Load(); known != nil {
		return *known
	}
	return nil
}

// definition is a presence that agents can choose.
type definition struct {
	id       string
	name     string // given by people; "" when none is
	presence string // system presence as a label, "" when it is missing
}

type definitionWire struct {
	ID             string            `json:"id"`
	Name           string            `json:"name"`
	Labels         map[string]string `json:"languageLabels"`
	SystemPresence string            `json:"systemPresence"`
	Deactivated    any               `json:"deactivated"`
}

func (d definitionWire) identity() string { return d.ID }

// name falls back to a label, English first: labels are required, a name is not.
func (d definitionWire) name() string {
	if name := cmp.Or(strings.TrimSpace(d.Name), d.Labels["en_US"]); name != "" {
		return name
	}
	for _, language := range slices.Sorted(maps.Keys(d.Labels)) {
		if d.Labels[language] != "" {
			return d.Labels[language]
		}
	}
	return ""
}

// definitionPresence is spelled without underscores here: OnQueue.
var definitionPresence = enum{"definition_system_presence", systemPresences[1:]}

// feedDefinitions is the name of the feed.
const feedDefinitions = "definitions"

// definitionsFeed reads the names of presences. It publishes nothing: the presence feed uses them.
func (c *client) definitionsFeed() feed.Feed {
	return feed.Feed{
		Name: feedDefinitions, Class: platform.ClassPresence, Calls: 1, Poll: c.definitions, Fields: fieldsOf(definitionPresence),
		Permissions: []string{"presence:presenceDefinition:view"},
	}
}

// definitions is the poll of the feed. The list is not paged and leaves out what is deactivated.
func (c *client) definitions(ctx context.Context) (*platform.Snapshot, error) {
	defer c.names.end()
	answer, err := askPage[definitionWire](ctx, c, rest.Request{
		Operation: opDefinitions, URL: c.api + pathDefinitions, Priority: platform.ClassPresence,
	})
	if err != nil {
		return nil, err
	}
	known, snapshot := translateDefinitions(answer)
	c.names.known.Store(&known)
	return &snapshot, nil
}

func translateDefinitions(answer page[definitionWire]) (known []definition, snapshot platform.Snapshot) {
	snapshot.Add(answer.Anomalies)
	for _, item := range distinct(answer.items) {
		definitionPresence.read(item.wire.SystemPresence, &snapshot.Anomalies, pathEntities+".systemPresence")
		known = append(known, definition{item.wire.ID, item.wire.name(), presenceLabel(item.wire.SystemPresence)})
	}
	return known, snapshot
}
