package webhook

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"
)

// scriptMessage is the outside of Script API Monitoring: its metadata is a string that holds an array of scriptItem.
type scriptMessage struct {
	Event     text            `json:"event"`
	Timestamp text            `json:"timestamp"`
	Metadata  json.RawMessage `json:"metadata"`
}

// scriptEvent is the name of the event, which comes with a space behind it.
const scriptEvent = "SCRIPT_API_MONITORING"

// scriptItem is one call of an API by a script. All values come as strings.
type scriptItem struct {
	MessageID    text     `json:"messageId"`
	ContactID    text     `json:"contactId"`
	ScriptName   text     `json:"scriptName"`
	ActionID     text     `json:"actionId"`
	ActionName   text     `json:"actionName"`
	DateTime     text     `json:"dateTime"`
	Endpoint     endpoint `json:"apiEndpoint"`
	ResponseCode text     `json:"apiResponseCode"`
	ResponseTime number   `json:"responseTime"`
	Message      message  `json:"apiResponseMessage"`
}

// endpoint is the host of a URL. The rest of it must not become a label, and may be long.
type endpoint text

// UnmarshalJSON never fails: what is no URL has no host.
func (e *endpoint) UnmarshalJSON(raw []byte) error {
	*e = ""
	var whole string
	if json.Unmarshal(raw, &whole) != nil {
		return nil //nolint:nilerr // one bad field must not cost the others
	}
	if u, err := url.Parse(strings.TrimSpace(whole)); err == nil {
		*e = endpoint(cut(strings.ToLower(u.Hostname())))
	}
	return nil
}

// decodeScript makes an event of each item in each message.
func decodeScript(body []byte, h *HookConfig, zone *time.Location) (events []event, broken int, err error) {
	objects, broken, err := unwrap(body, maxWraps)
	if err != nil {
		return nil, broken, err
	}
	for _, object := range objects {
		items, bad, err := scriptItems(object, h, zone)
		if err != nil {
			bad = 1
		}
		events, broken = append(events, items...), broken+bad
	}
	return events, broken, nil
}

func scriptItems(object []byte, h *HookConfig, zone *time.Location) (events []event, broken int, err error) {
	var message scriptMessage
	if err := json.Unmarshal(object, &message); err != nil {
		return nil, 0, err
	}
	if message.Event != "" && message.Event != scriptEvent {
		return nil, 0, errors.New("another event")
	}
	objects, broken, err := unwrap(message.Metadata, maxWraps)
	if err != nil {
		return nil, broken, err
	}
	for _, object := range objects {
		var s scriptItem
		if json.Unmarshal(object, &s) != nil || s.MessageID == "" && s.ContactID == "" && s.ScriptName == "" {
			broken++
			continue
		}
		e := event{
			identity: identify(object, s.MessageID != "" || s.ContactID != "", s.MessageID, s.ContactID, s.ActionID, s.DateTime),
			labels:   pick(h, s.ScriptName, s.ActionName, text(s.Endpoint)),
		}
		class := codeClass(s.ResponseCode)
		e.count(scriptRequests, class)
		e.count(scriptMessages, s.Message.class())
		if class != "2xx" && class != "3xx" {
			e.failed = apiFailure{string(s.ScriptName), string(s.Endpoint), string(s.Message)}
		}
		if e.at = e.time("dateTime", s.DateTime, zone); e.at.IsZero() {
			e.at = e.time("timestamp", message.Timestamp, zone)
		}
		e.measure(scriptDuration, "responseTime", s.ResponseTime, scales[h.Units.ResponseTime])
		events = append(events, e)
	}
	return events, broken, nil
}
