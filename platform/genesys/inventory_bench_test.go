package genesys

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
)

// trunkEvent is an event that says something new of an instance each time: n is its number, at makes it newer than the last.
func trunkEvent(n int, at time.Time) event {
	id := fmt.Sprintf("instance-%04d", n)
	stamp := at.UTC().Format(time.RFC3339Nano)
	body := fmt.Sprintf(`{"id":%q,"connectedStatus":{"connected":%t,"connectedStateTime":%q},`+
		`"optionsStatus":[{"proxyAddress":"192.0.2.1:5060","optionState":true,"optionStateTime":%q}]}`, id, at.Nanosecond()%2 == 0, stamp, stamp)
	return event{Kind: instanceTopic.Kind, ID: id, Body: json.RawMessage(body), Seen: at}
}

// manyTrunks is the inventory of an organization with so many instances, a number of them of each trunk base.
func manyTrunks(tb testing.TB, instances, perBase int) *inventory[instanceWire, instanceMetricsWire] {
	tb.Helper()
	items, rows := make([]string, instances), make([]string, instances)
	for i := range items {
		id, base := fmt.Sprintf("instance-%04d", i), i/perBase
		items[i] = fmt.Sprintf(`{"id":%q,"state":"active","trunkBase":{"id":"base-%04d","name":"Carrier %d"},"inService":true,"enabled":true,`+
			`"connectedStatus":{"connected":true,"connectedStateTime":"2026-03-21T12:00:00Z"},"optionsEnabledStatus":"ENABLED",`+
			`"optionsStatus":[{"proxyAddress":"192.0.2.1:5060","optionState":true,"optionStateTime":"2026-03-21T12:00:00Z"},`+
			`{"proxyAddress":"192.0.2.2:5060","optionState":true,"optionStateTime":"2026-03-21T12:00:00Z"}],`+
			`"proxyAddressList":["192.0.2.1:5060","192.0.2.2:5060"]}`, id, base, base)
		rows[i] = fmt.Sprintf(`{"eventTime":"2026-03-21T12:00:00Z","trunk":{"id":%q},"calls":{"inboundCallCount":3,"outboundCallCount":1},"qos":{"mismatchCount":0}}`, id)
	}
	m := trunksOf(tb, items...)
	m.metrics, m.answered = rowsOf[instanceMetricsWire](tb, rows...), map[string]bool{}
	for _, item := range m.items {
		m.answered[item.wire.ID] = true
	}
	of := newTrunks(&client{}, syncOptions{feed: feedTrunks, maxAge: time.Hour, link: &notify.Stream{}})
	of.takeListing(m, time.Now())
	return of
}

// BenchmarkTrunkEvent applies an event of one trunk instance after the other: alone, as in a storm, and with what a scrape
// after each of them makes of it. Bars of one alone: the same in an organization of 100, 500 and 2,000 instances, and at most
// 50 µs. What a scrape makes of any number of events translates their trunks and copies the list of all, which grows.
func BenchmarkTrunkEvent(b *testing.B) {
	for _, size := range []struct{ instances, perBase int }{{100, 5}, {500, 5}, {2000, 5}, {500, 100}} {
		for _, scraped := range []bool{false, true} {
			b.Run(fmt.Sprintf("instances=%d/of_a_base=%d/scraped=%t", size.instances, size.perBase, scraped), func(b *testing.B) {
				of := manyTrunks(b, size.instances, size.perBase)
				of.render()
				now := time.Now()
				events := make([]event, 1000)
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if i%len(events) == 0 {
						b.StopTimer()
						for n := range events {
							now = now.Add(time.Microsecond + 1)
							events[n] = trunkEvent((i+n)*7%size.instances, now)
						}
						b.StartTimer()
					}
					of.apply(events[i%len(events)])
					if scraped && of.render() == nil {
						b.Fatal("the event changed nothing")
					}
				}
			})
		}
	}
}
