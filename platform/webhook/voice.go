package webhook

import (
	"encoding/json"
	"time"
)

// voiceItem is a Voice Quality Metrics item: the fields that are used of it, any of which may be null. Its numbers have
// no documented units.
type voiceItem struct {
	ContactID       text   `json:"ContactId"`
	To              text   `json:"To"` // of the agent's leg: the agent
	Start           text   `json:"StartDateTime"`
	End             text   `json:"EndDateTime"`
	SkillName       text   `json:"SkillName"`
	TeamName        text   `json:"TeamName"`
	LocationCountry text   `json:"LocationCountry"`
	ConnectionType  text   `json:"ConnectionType"`
	LineType        text   `json:"LineType"`
	AvgMos          number `json:"AvgMos"`
	AvgJitter       number `json:"AvgJitter"`
	AvgPktLoss      number `json:"AvgPktLoss"`
	AvgRtt          number `json:"AvgRtt"`
	CallSetupTime   number `json:"CallSetupTime"`
}

// decodeVoice makes an event of each item. A call's duration is the difference of its times: the field Callduration of
// the vendor's sample fits no unit.
func decodeVoice(body []byte, h *HookConfig, zone *time.Location) (events []event, broken int, err error) {
	objects, broken, err := unwrap(body, maxWraps)
	if err != nil {
		return nil, broken, err
	}
	for _, object := range objects {
		var v voiceItem
		if json.Unmarshal(object, &v) != nil || v.ContactID == "" && v.Start == "" && v.End == "" {
			broken++
			continue
		}
		e := event{identity: identify(object, v.ContactID != "", v.ContactID, v.To, v.Start, v.End)}
		start, end := e.time("StartDateTime", v.Start, zone), e.time("EndDateTime", v.End, zone)
		if e.at = end; end.IsZero() {
			e.at = start
		}
		e.labels = pick(h, v.SkillName, v.TeamName, v.LocationCountry, v.ConnectionType, v.LineType)
		e.measure(voiceMOS, "AvgMos", v.AvgMos, 1)
		e.measure(voiceJitter, "AvgJitter", v.AvgJitter, scales[h.Units.Jitter])
		e.measure(voicePacketLoss, "AvgPktLoss", v.AvgPktLoss, scales[h.Units.PacketLoss])
		e.measure(voiceRoundTrip, "AvgRtt", v.AvgRtt.zeroUnknown(), scales[h.Units.RoundTrip])
		e.measure(voiceCallSetup, "CallSetupTime", v.CallSetupTime, scales[h.Units.CallSetup])
		if !start.IsZero() && !end.IsZero() {
			e.measure(voiceCallDuration, "EndDateTime", number{value: end.Sub(start).Seconds(), known: true}, 1)
		}
		events = append(events, e)
	}
	return events, broken, nil
}
