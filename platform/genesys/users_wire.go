package genesys

import (
	"cmp"
	"io"
	"strings"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// userWire is an element of the list of users: who it is and what the user does. The platform sends far more of each, such as
// names, telephone numbers and pictures, which is skipped while the answer is read.
type userWire struct {
	ID       string           `json:"id"`
	Email    string           `json:"email"`
	Username string           `json:"username"`
	Presence userPresenceWire `json:"presence"`
	Routing  struct {
		Status string `json:"status"`
		Start  string `json:"startTime"`
	} `json:"routingStatus"`
	OutOfOffice struct {
		Active any `json:"active"`
	} `json:"outOfOffice"`
}

// userPresenceWire is the presence of a user, in the list of users and in the answers to writes.
type userPresenceWire struct {
	ID         string                 `json:"id"` // of the presence, or of the user: the vendor's documents leave it open
	Source     string                 `json:"source"`
	Primary    any                    `json:"primary"`
	Definition presenceDefinitionWire `json:"presenceDefinition"`
	Future     presenceDefinitionWire `json:"futurePresenceDefinition"`
	Modified   string                 `json:"modifiedDate"`
}

type presenceDefinitionWire struct {
	ID     string `json:"id"`
	System string `json:"systemPresence"`
}

// pathUserPresence is where the presence of a user stands.
const pathUserPresence = pathEntities + ".presence"

// sourcePureCloud is the source of presences that are chosen in the platform itself.
const sourcePureCloud = "PURECLOUD"

// userPage is one answer of the list of users.
type userPage struct {
	found  bool // it holds a list, which may be empty
	users  []userWire
	length int  // users as sent, broken ones too
	pages  *int // nil when the answer does not say
	platform.Anomalies
}

// last reports whether no page follows.
func (p *userPage) last(number int) bool {
	if p.pages != nil {
		return number >= *p.pages
	}
	return p.length < usersPage
}

// readUsers decodes one answer as a stream. A user who is none, or who has no id, is dropped and counted.
func readUsers(body io.Reader) (*userPage, error) {
	p := &userPage{}
	var pages any
	_, err := rest.Fields{
		"pagecount": func(dec *rest.Decoder) error { return rest.Decode(dec, &pages) },
		"entities": func(dec *rest.Decoder) (err error) {
			p.users, p.length = nil, 0
			p.found, err = rest.List(dec, func(dec *rest.Decoder) error {
				var wire userWire
				misfit, readable, err := rest.ElementField(dec, &wire)
				p.length++
				if !readable || wire.ID == "" {
					p.Violate(pathEntities, cmp.Or(misfit, ".id"))
				}
				if wire.ID != "" {
					p.users = append(p.users, wire)
				}
				return err
			})
			return err
		},
	}.Read(rest.NewDecoder(body))
	if p.found {
		p.pages = countOf(pages, &p.Anomalies, "pageCount")
	}
	return p, err
}

// activity translates what a user does. Known is false where the platform left the presence out.
func (w *userWire) activity(anomalies *platform.Anomalies) (activity platform.Activity, known bool) {
	p := &w.Presence
	if p.Definition.ID == "" && p.Definition.System == "" {
		return activity, false
	}
	if p.Definition.ID == "" || p.Definition.System == "" {
		anomalies.Violate(pathUserPresence, ".presenceDefinition")
	}
	primary := optional[bool](p.Primary, anomalies, pathUserPresence+".primary")
	away := optional[bool](w.OutOfOffice.Active, anomalies, pathEntities+".outOfOffice.active")
	activity = platform.Activity{
		Definition:  p.Definition.ID,
		Modified:    moment(p.Modified, anomalies, pathUserPresence+".modifiedDate"),
		OutOfOffice: away != nil && *away,
		Foreign:     primary != nil && !*primary || p.Source != "" && !strings.EqualFold(p.Source, sourcePureCloud),
		Wish:        p.Future.ID,
	}
	if p.Definition.System != "" {
		activity.System = presenceLabel(p.Definition.System)
	}
	system := systemPresence.read(p.Definition.System, anomalies, pathUserPresence+".presenceDefinition.systemPresence")
	routing := routingStatus.read(w.Routing.Status, anomalies, pathEntities+".routingStatus.status")
	start := moment(w.Routing.Start, anomalies, pathEntities+".routingStatus.startTime")
	if state := routedState(system, routing); state != "" {
		activity.State, activity.Since = state, start
	} else {
		activity.State, activity.Since = cmp.Or(stateOf(system), platform.AgentUnknown), activity.Modified
	}
	return activity, true
}

// routedState is the state of a user whose routing status decides it, else "". A user whose presence has changed during a
// contact keeps the contact, and one on a call outside of ACD is engaged as well; but only a user on queue is ready.
func routedState(system, routing string) platform.AgentState {
	state := onQueue[routing]
	if state == platform.AgentReady && system != "ON_QUEUE" {
		return ""
	}
	return state
}
