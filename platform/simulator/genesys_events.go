// Operational events of a Genesys org: what the platform records about the organization and what it uses.

package simulator

import (
	"net/http"
	"time"
)

// operationalEvents are the kinds of events of the simulation, each with its events an hour. The names are made up in the manner
// of the platform's.
var operationalEvents = []struct {
	name    string
	perHour int
}{
	{"Data action failed", 20},
	{"Data action timed out", 6},
	{"Flow ended with an error", 4},
	{"Outbound message undelivered", 10},
	{"Inbound call rejected", 3},
	{"Integration disconnected", 1},
	{"Platform limit exceeded", 0},
	{"Recording delivery failed", 1},
	{"Webhook delivery failed", 8},
}

// limitEvent is the kind of which there are more while the scenario quota-near is played, as many an hour as quotaNearPerHour.
const (
	limitEvent       = "Platform limit exceeded"
	quotaNearPerHour = 120
)

// eventMemory is how far back events are remembered. How far the platform remembers them is not documented.
const eventMemory = 7 * 24 * time.Hour

func (o *org) eventDefinitions(*call) answer {
	entities := list{}
	for _, e := range operationalEvents {
		id := o.eventDefinitionID(e.name)
		entities = append(entities, obj{"id": id, "name": e.name, "description": e.name + ".", "selfUri": "/api/v2/usage/events/definitions/" + id})
	}
	return reply(obj{"entities": entities})
}

func (o *org) eventDefinitionID(name string) string {
	return o.world.uuid(o.name, "event definition", name)
}

// eventAggregates counts the events of an interval. An interval that has not ended is refused: its answer would be another one
// a moment later.
func (o *org) eventAggregates(c *call) answer {
	var query struct{ Interval string }
	if refusal, ok := o.decode(c, &query); !ok {
		return refusal
	}
	from, to, err := parseInterval(query.Interval)
	switch {
	case err != nil:
		return o.invalid(c, err.Error())
	case to.After(c.now):
		return o.invalid(c, "the interval has not ended")
	case from.Before(c.now.Add(-eventMemory)):
		return genesysError(c, http.StatusBadRequest, "usage.events.too.old",
			"The requested interval doesn't contain any events because it's too far in the past")
	}
	aggregates := list{}
	for _, e := range operationalEvents {
		perHour := e.perHour
		if e.name == limitEvent && c.in(quotaNear) {
			perHour = quotaNearPerHour
		}
		if n := o.eventsBetween(e.name, perHour, from, to); n > 0 {
			id := o.eventDefinitionID(e.name)
			aggregates = append(aggregates, obj{
				"eventDefinition": obj{"id": id, "selfUri": "/api/v2/usage/events/definitions/" + id}, "eventCount": n,
			})
		}
	}
	return reply(obj{"interval": iso(from) + "/" + iso(to), "eventDefinitionAggregates": aggregates})
}

// eventsBetween counts the events of a kind in an interval. They happen at random seconds, the same ones whenever they are asked
// for, so that intervals add up.
func (o *org) eventsBetween(name string, perHour int, from, to time.Time) (n int) {
	const minute = int64(time.Minute / time.Second)
	for m := from.Unix() / minute; m*minute < to.Unix(); m++ {
		chance := random(o.world.hash(o.name, name, m))
		events := perHour / 60
		if chance.fraction() < float64(perHour%60)/60 {
			events++
		}
		for range events {
			if at := m*minute + int64(chance.fraction()*float64(minute)); at >= from.Unix() && at < to.Unix() {
				n++
			}
		}
	}
	return n
}
