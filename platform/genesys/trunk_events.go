package genesys

import (
	"encoding/json"
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// change applies an event about an instance: its connection and its proxies, each unless the time that comes with it is
// older than the one known. The event says nothing else.
func (t *instanceWire) change(body json.RawMessage, anomalies *platform.Anomalies) (changed bool) {
	news, ok := read[instanceWire](body, anomalies, pathEvent)
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

// replace puts the state of a proxy in the place of the one known, unless that is newer.
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
	a, b := moment(news, &unread, ""), moment(known, &unread, "")
	return !a.IsZero() && a.Before(b)
}
