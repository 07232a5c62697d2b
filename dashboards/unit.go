package main

// unit is how a number is written.
type unit struct {
	id       string // Grafana's
	decimals *int   // nil: as many as the value needs
	whole    bool   // the number counts things: an axis of zeros ends at 1
}

var (
	number   = unit{id: "short"}
	code     = unit{id: "none"}
	count    = unit{id: "locale", decimals: new(0), whole: true}
	ratio    = unit{id: "percentunit"}
	seconds  = unit{id: "s"}                             // latencies: 200 ms
	duration = unit{id: "dtdurations", decimals: new(1)} // waits and ages: 1 minute, 40 seconds
	since    = unit{id: "dateTimeFromNow"}               // of milliseconds: 16 minutes ago
	octets   = unit{id: "bytes"}
	octetsPS = unit{id: "Bps"}
)

// perSecond is the rate of what is counted: 3 calls/s.
func perSecond(things string) unit { return unit{id: "suffix: " + things + "/s"} }

// properties are the unit in an override.
func (u unit) properties() []property {
	list := []property{{"unit", u.id}}
	if u.decimals != nil {
		list = append(list, property{"decimals", *u.decimals})
	}
	return list
}
