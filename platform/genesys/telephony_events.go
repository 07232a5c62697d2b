package genesys

import (
	"encoding/json"
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// This file reads the events of trunk instances and of edges.

func newTrunks(c *client) *inventory[instanceWire, instanceMetricsWire] {
	return &inventory[instanceWire, instanceMetricsWire]{
		syncState: syncState{feed: feedTrunks}, read: c.readTrunks, translate: translateTrunks, change: (*instanceWire).change,
		topicsOf: func(t instanceWire) []string {
			if !t.hasMetrics() {
				return nil
			}
			return []string{topicName(kindTrunk, t.ID), topicName(kindTrunkMetrics, t.ID)}
		},
	}
}

func newEdges(c *client) *inventory[edgeWire, edgeMetricsWire] {
	return &inventory[edgeWire, edgeMetricsWire]{
		syncState: syncState{feed: feedEdges}, read: c.readEdges, translate: translateEdges, change: (*edgeWire).change,
		topicsOf: func(e edgeWire) []string {
			switch {
			case e.deleted():
				return nil
			case !e.own():
				return []string{topicName(kindEdge, e.ID)}
			}
			return []string{topicName(kindEdge, e.ID), topicName(kindEdgeMetrics, e.ID)}
		},
	}
}

// change takes over what an event tells of an instance: its connection and its far ends, each unless the time that
// comes with it is older than the one known. The event tells nothing else.
func (t *instanceWire) change(body json.RawMessage, anomalies *platform.Anomalies) (changed bool) {
	news, ok := read[instanceWire](body, anomalies)
	if !ok {
		return false
	}
	if news.ConnectedStatus.Connected != nil && !isOlder(news.ConnectedStatus.Since, t.ConnectedStatus.Since) {
		t.ConnectedStatus, changed = news.ConnectedStatus, true
	}
	for _, o := range news.Options {
		changed = replace(&t.Options, o, func(o optionsWire) (string, string) { return o.Proxy, o.Since }) || changed
	}
	for _, r := range news.Registers {
		changed = replace(&t.Registers, r, func(r registersWire) (string, string) { return r.Proxy, r.Since }) || changed
	}
	return changed
}

// replace puts the state of a far end in the place of the one known, unless that is newer.
func replace[T any](all *[]T, news T, about func(T) (proxy, since string)) bool {
	proxy, since := about(news)
	i := slices.IndexFunc(*all, func(old T) bool { known, _ := about(old); return known == proxy })
	if i < 0 {
		*all = append(*all, news)
		return true
	}
	if _, known := about((*all)[i]); isOlder(since, known) {
		return false
	}
	(*all)[i] = news
	return true
}

// isOlder compares two times as they were sent; one that is missing or unreadable is not older.
func isOlder(news, known string) bool {
	var unread platform.Anomalies
	a, b := moment(news, &unread), moment(known, &unread)
	return !a.IsZero() && a.Before(b)
}

// change takes over whether an edge is online, which is all that an event tells.
func (e *edgeWire) change(body json.RawMessage, anomalies *platform.Anomalies) bool {
	news, ok := read[edgeWire](body, anomalies)
	if !ok || news.OnlineStatus == "" {
		return false
	}
	edgeOnline.read(news.OnlineStatus, anomalies)
	e.OnlineStatus = news.OnlineStatus
	return true
}
