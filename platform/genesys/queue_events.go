package genesys

import (
	"encoding/json"
	"strings"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

type observationEventWire struct {
	Group groupWire `json:"group"`
	Data  []struct {
		Interval string    `json:"interval"`
		Metrics  rest.Span `json:"metrics"` // of measureWire
	} `json:"data"`
}

// measures are the numbers of one entry after the other, in the same memory.
type measures []measureWire

func (m *measures) read(raw json.RawMessage, anomalies *platform.Anomalies) (ok bool) {
	clear((*m)[:cap(*m)]) // decoding leaves what a number does not say as it was
	*m = (*m)[:0]
	return raw == nil || readInto(m, raw, anomalies, pathEvent+".data[].metrics[]")
}

// applyEvent takes what an event says. Of its entries those with an interval of no length tell how things are at that moment;
// the others sum up the half hour so far, which is the service level feed's business. A qualifier that an event does not
// list has not changed.
func (q *queueState) applyEvent(e event, entry *measures, anomalies *platform.Anomalies) {
	wire, ok := read[observationEventWire](e.Body, anomalies, pathEvent)
	if !ok {
		return
	}
	medium := wire.Group.medium(anomalies)
	for _, sent := range wire.Data {
		from, to, _ := strings.Cut(sent.Interval, "/")
		if from != to || !entry.read(sent.Metrics.In(e.Body), anomalies) {
			continue
		}
		at := moment(from, anomalies, pathEvent+".data[].interval")
		late := at.Before(q.pollAnsweredAt) || !e.Seen.After(q.pollSentAt) || at.IsZero() // the last poll knows better
		about := &origin{at: at, received: e.Seen}
		for _, m := range *entry {
			key, value, ok := m.number(medium, at, e.Seen, anomalies)
			if !ok {
				continue
			}
			r := reading{value, about}
			if q.meet(key, r); !late {
				q.set(key, r)
			}
		}
	}
}
