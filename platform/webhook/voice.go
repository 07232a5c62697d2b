package webhook

import (
	"encoding/json"
	"time"
)

// voiceItem is a Voice Quality Metrics item: the fields that are used of it, any of which may be null. Its numbers have
// no documented units, and its codes no documented vocabulary.
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
	AvgRFactor      number `json:"AvgRFactor"`
	CallScore       number `json:"CallScore"`
	AvgBitrate      number `json:"AvgBitrate"`
	Ringtime        number `json:"Ringtime"`
	Response        text   `json:"SipResponseCode"`
	Failure         text   `json:"SipFailureCode"`
	Dropped         text   `json:"SipIsDroppedCode"`
	Abandoned       text   `json:"SipAbandonedByOriginator"`
	Disconnect      text   `json:"DisconnectReason"`
	Browser         text   `json:"Browser"`
	OperatingSystem text   `json:"OperatingSystem"`
	SdkVersion      text   `json:"SdkVersion"`
	Console         text   `json:"AgentConsoleType"`
	MediaTransport  text   `json:"MediaTransport"`
}

// labels are the values of the labels that the hook chooses.
func (v *voiceItem) labels(h *HookConfig) labels {
	return pick(h, v.SkillName, v.TeamName, v.LocationCountry, v.ConnectionType, v.LineType,
		browsers.name(v.Browser), systems.name(v.OperatingSystem), release(v.SdkVersion), product(v.Console), transports.name(v.MediaTransport))
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
		e.labels = v.labels(h)
		e.measure(voiceMOS, "AvgMos", v.AvgMos, 1)
		e.measure(voiceJitter, "AvgJitter", v.AvgJitter, scales[h.Units.Jitter])
		e.measure(voicePacketLoss, "AvgPktLoss", v.AvgPktLoss, scales[h.Units.PacketLoss])
		e.measure(voiceRoundTrip, "AvgRtt", v.AvgRtt.zeroUnknown(), scales[h.Units.RoundTrip])
		e.measure(voiceCallSetup, "CallSetupTime", v.CallSetupTime, scales[h.Units.CallSetup])
		e.measure(voiceRFactor, "AvgRFactor", v.AvgRFactor, 1)
		e.measure(voiceCallScore, "CallScore", v.CallScore, 1)
		e.measure(voiceBitrate, "AvgBitrate", v.AvgBitrate.zeroUnknown(), scales[h.Units.Bitrate])
		e.measure(voiceRing, "Ringtime", v.Ringtime, scales[h.Units.RingTime])
		e.count(voiceResponses, statusCode(v.Response))
		e.count(voiceFailures, statusCode(v.Failure))
		e.count(voiceDrops, statusCode(v.Dropped))
		e.count(voiceAbandoned, abandoned(v.Abandoned))
		e.count(voiceDisconnects, wordOf(v.Disconnect))
		if !start.IsZero() && !end.IsZero() {
			e.measure(voiceCallDuration, "EndDateTime", number{value: end.Sub(start).Seconds(), known: true}, 1)
		}
		events = append(events, e)
	}
	return events, broken, nil
}
