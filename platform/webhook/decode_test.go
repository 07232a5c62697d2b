// The files of testdata are the vendor's own samples (help.incontact.com, MGSubscriptions), made valid JSON.

package webhook

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// settings are the defaults of a kind, with these labels.
func settings(kind Kind, labels ...string) *HookConfig {
	return &HookConfig{
		Kind: kind, Labels: labels,
		Units: defaultUnits,
	}
}

// decoded is an event in a form that can be compared.
type decoded struct {
	At      time.Time
	Labels  labels
	Values  map[string]float64
	Words   map[string]string
	Invalid []string
}

func decodedOf(events []event) (all []decoded) {
	for _, e := range events {
		t := decoded{At: e.at, Labels: e.labels, Invalid: e.invalid}
		for _, v := range e.values {
			if t.Values == nil {
				t.Values = map[string]float64{}
			}
			t.Values[v.family.Name] = v.number
		}
		for _, w := range e.words {
			if t.Words == nil {
				t.Words = map[string]string{}
			}
			t.Words[w.tally.Name] = w.text
		}
		all = append(all, t)
	}
	return all
}

func sample(tb testing.TB, name string) []byte {
	tb.Helper()
	content, err := os.ReadFile("testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// quoted is a text as a JSON string.
func quoted(tb testing.TB, text string) string {
	tb.Helper()
	q, err := json.Marshal(text)
	if err != nil {
		tb.Fatal(err)
	}
	return string(q)
}

func TestVoiceSample(t *testing.T) {
	h := settings(VoiceQuality, "skill", "team", "location_country", "connection_type", "line_type")
	body := string(sample(t, "voice.json"))
	want := decoded{
		At:     time.Date(2024, 3, 26, 13, 57, 47, 9e6, time.UTC),
		Labels: labels{"Mysteries Report", "Mysteries", "England", "TURN", "webRTC"},
		// The nulls of the sample are not there, nor its round trip of 0. The difference of its times is.
		Values: map[string]float64{"ccaas_voice_call_setup_seconds": .898, "ccaas_voice_call_duration_seconds": 5.282},
		Words:  map[string]string{"ccaas_voice_disconnects_total": "1"},
	}
	for name, tc := range map[string]struct {
		body string
		n    int
	}{
		"object":                  {body, 1},
		"array":                   {"[" + body + "," + body + "]", 2},
		"string with an object":   {quoted(t, body), 1},
		"string with an array":    {quoted(t, "["+body+"]"), 1},
		"array of strings":        {"[" + quoted(t, body) + "]", 1},
		"byte order mark, spaces": {"\xef\xbb\xbf \n" + body + "\r\n", 1},
		"empty array":             {"[]", 0},
	} {
		events, broken, err := decodeVoice([]byte(tc.body), h, time.UTC)
		if err != nil || broken != 0 || len(events) != tc.n {
			t.Errorf("%s: %d events, %d broken, %v, want %d events", name, len(events), broken, err, tc.n)
			continue
		}
		for _, got := range decodedOf(events) {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
}

func TestVoiceFields(t *testing.T) {
	const id, mos = `"ContactId":1,`, "ccaas_voice_mos"
	wantVoice(t, map[string]voiceCase{
		"numbers": {
			id + `"AvgMos":4.2,"AvgJitter":12,"AvgPktLoss":1.5,"AvgRtt":80,"CallSetupTime":900`,
			Units{},
			map[string]float64{mos: 4.2, "ccaas_voice_jitter_seconds": .012, "ccaas_voice_packet_loss_ratio": .015, "ccaas_voice_round_trip_seconds": .08, "ccaas_voice_call_setup_seconds": .9},
			nil,
		},
		"other units": {
			id + `"AvgJitter":0.012,"AvgPktLoss":0.015,"AvgRtt":0.08,"CallSetupTime":0.9`,
			Units{Jitter: "s", RoundTrip: "s", CallSetup: "s", PacketLoss: "ratio"},
			map[string]float64{"ccaas_voice_jitter_seconds": .012, "ccaas_voice_packet_loss_ratio": .015, "ccaas_voice_round_trip_seconds": .08, "ccaas_voice_call_setup_seconds": .9},
			nil,
		},
		"numbers as strings":           {id + `"AvgMos":" 4.2 "`, Units{}, map[string]float64{mos: 4.2}, nil},
		"null, empty, missing":         {id + `"AvgMos":null,"AvgJitter":"","AvgPktLoss":" "`, Units{}, nil, nil},
		"zero is a number":             {id + `"AvgPktLoss":0`, Units{}, map[string]float64{"ccaas_voice_packet_loss_ratio": 0}, nil},
		"a round trip of 0":            {id + `"AvgRtt":0,"CallSetupTime":0`, Units{}, map[string]float64{"ccaas_voice_call_setup_seconds": 0}, nil},
		"a round trip of \"0.0\"":      {id + `"AvgRtt":"0.0"`, Units{}, nil, nil},
		"a field in another case":      {id + `"avgmos":4`, Units{}, map[string]float64{mos: 4}, nil},
		"no MOS":                       {id + `"AvgMos":0`, Units{}, nil, []string{"AvgMos"}},
		"more than MOS can be":         {id + `"AvgMos":5.01`, Units{}, nil, []string{"AvgMos"}},
		"below zero":                   {id + `"AvgJitter":-1`, Units{}, nil, []string{"AvgJitter"}},
		"more than everything":         {id + `"AvgPktLoss":101`, Units{}, nil, []string{"AvgPktLoss"}},
		"no numbers":                   {id + `"AvgMos":"good","AvgJitter":"NaN","AvgPktLoss":"Infinity","AvgRtt":[1],"CallSetupTime":true`, Units{}, nil, []string{"AvgMos", "AvgJitter", "AvgPktLoss", "AvgRtt", "CallSetupTime"}},
		"an end before its start":      {id + `"StartDateTime":"2024-03-26T13:57:47Z","EndDateTime":"2024-03-26T13:57:41Z"`, Units{}, nil, []string{"EndDateTime"}},
		"no duration from one time":    {id + `"StartDateTime":"2024-03-26T13:57:47Z","Callduration":561`, Units{}, nil, nil},
		"times in no known form":       {id + `"StartDateTime":"yesterday","EndDateTime":"2024-03-26T13:57:41Z"`, Units{}, nil, []string{"StartDateTime"}},
		"an object where a text is":    {id + `"SkillName":{"a":[1,{}]},"AvgMos":4`, Units{}, map[string]float64{mos: 4}, nil},
		"known by its times, not id":   {`"StartDateTime":"2024-03-26T13:57:47Z","AvgMos":4`, Units{}, map[string]float64{mos: 4}, nil},
		"an id that is text":           {`"ContactId":"1","AvgMos":4`, Units{}, map[string]float64{mos: 4}, nil},
		"the last of two of one field": {id + `"AvgMos":1,"AvgMos":4`, Units{}, map[string]float64{mos: 4}, nil},
	})
}

// near compares numbers that were multiplied.
var near = cmp.Comparer(func(a, b float64) bool { d := a - b; return d < 1e-9 && d > -1e-9 })

func TestScriptSample(t *testing.T) {
	h := settings(ScriptAPI, "script", "action", "host")
	body := string(sample(t, "script.json"))
	want := []decoded{{
		At:     time.Date(2023, 4, 21, 11, 20, 20, 0, time.UTC),
		Labels: labels{"sub_webservice", "Snippet", "callbackurl.com"},
		Values: map[string]float64{"ccaas_script_api_duration_seconds": 1},
		Words:  called("2xx", "success"),
	}}
	for name, body := range map[string]string{
		"object": body, "array": "[" + body + "]", "string": quoted(t, body), "string with an array": quoted(t, "["+body+"]"),
	} {
		events, broken, err := decodeScript([]byte(body), h, time.UTC)
		if err != nil || broken != 0 {
			t.Errorf("%s: %d broken, %v", name, broken, err)
		}
		if diff := cmp.Diff(want, decodedOf(events)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	events, _, err := decodeScript([]byte(body), h, vienna)
	if err != nil || !events[0].at.Equal(want[0].At.Add(-2*time.Hour)) {
		t.Errorf("in Vienna: %v, %v, want two hours earlier", events[0].at.UTC(), err)
	}
}

// called are the words of a call of an API.
func called(codeClass, messageClass string) map[string]string {
	return map[string]string{"ccaas_script_api_requests_total": codeClass, "ccaas_script_api_messages_total": messageClass}
}

func TestScriptItems(t *testing.T) {
	for name, tc := range map[string]struct {
		message string
		want    []decoded
		broken  int
		fails   bool
	}{
		"two items, one broken": {
			`{"event":"SCRIPT_API_MONITORING ","metadata":"[{\"contactId\":\"1\",\"apiResponseCode\":\"503\",\"responseTime\":\"0.25\",\"apiEndpoint\":\"HTTPS://u:p@API.Example.org:8443/a?token=b\"},{\"x\":1}]"}`,
			[]decoded{{Labels: labels{"unknown", "", "api.example.org"}, Values: map[string]float64{"ccaas_script_api_duration_seconds": .25}, Words: called("5xx", "none")}},
			1, false,
		},
		"metadata is an array, numbers are numbers": {
			`{"metadata":[{"scriptName":"s","apiResponseCode":404,"responseTime":2,"apiEndpoint":null}],"timestamp":"4/20/2024 06:13:37 PM"}`,
			[]decoded{{At: time.Date(2024, 4, 20, 18, 13, 37, 0, time.UTC), Labels: labels{"s", "", "unknown"}, Values: map[string]float64{"ccaas_script_api_duration_seconds": 2}, Words: called("4xx", "none")}},
			0, false,
		},
		"metadata is an object": {
			`{"metadata":{"messageId":"m","dateTime":" 12/1/2024 12:00:00 AM ","apiResponseCode":"0","responseTime":"fast","apiEndpoint":"no url"}}`,
			[]decoded{{At: time.Date(2024, 12, 1, 0, 0, 0, 0, time.UTC), Labels: labels{"unknown", "", "unknown"}, Words: called("other", "none"), Invalid: []string{"responseTime"}}},
			0, false,
		},
		"a time in no known form": {
			`{"timestamp":"4/20/2024 06:13:37 PM","metadata":[{"scriptName":"s","dateTime":"26.3.2024","apiResponseCode":"200"}]}`,
			[]decoded{{At: time.Date(2024, 4, 20, 18, 13, 37, 0, time.UTC), Labels: labels{"s", "", "unknown"}, Words: called("2xx", "none"), Invalid: []string{"dateTime"}}},
			0, false,
		},
		"no items":      {`{"event":"SCRIPT_API_MONITORING","metadata":"[]"}`, nil, 0, false},
		"no metadata":   {`{"event":"SCRIPT_API_MONITORING"}`, nil, 1, false},
		"null metadata": {`{"metadata":null}`, nil, 1, false},
		"another event": {`{"event":"OTHER","metadata":"[]"}`, nil, 1, false},
		"curly quote":   {`{"metadata":"[{}]”}`, nil, 1, false},
		"number":        {`7`, nil, 0, true},
	} {
		events, broken, err := decodeScript([]byte(tc.message), settings(ScriptAPI, "script", "host"), time.UTC)
		if (err != nil) != tc.fails || broken != tc.broken {
			t.Errorf("%s: %d broken, %v, want %d", name, broken, err, tc.broken)
		}
		if diff := cmp.Diff(tc.want, decodedOf(events)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestIdentity holds second deliveries apart from other events.
func TestIdentity(t *testing.T) {
	voice := func(body string) sum {
		events, _, err := decodeVoice([]byte(body), settings(VoiceQuality), time.UTC)
		if err != nil || len(events) != 1 {
			t.Fatalf("%s: %d events, %v", body, len(events), err)
		}
		return events[0].identity
	}
	first := voice(`{"ContactId":1,"To":"7","StartDateTime":"a","EndDateTime":"b","AvgMos":4}`)
	for body, same := range map[string]bool{
		`{"AvgMos":3.9,"EndDateTime":"b","StartDateTime":"a","To":7,"ContactId":"1"}`: true,
		`{"ContactId":2,"To":"7","StartDateTime":"a","EndDateTime":"b"}`:              false,
		`{"ContactId":1,"To":"8","StartDateTime":"a","EndDateTime":"b"}`:              false,
		`{"ContactId":1,"To":"7","StartDateTime":"a","EndDateTime":"c"}`:              false,
		`{"ContactId":"","To":"7","StartDateTime":"a","EndDateTime":"b"}`:             false,
	} {
		if got := voice(body) == first; got != same {
			t.Errorf("%s is the same: %v, want %v", body, got, same)
		}
	}
	if voice(`{"StartDateTime":"a","AvgMos":1}`) == voice(`{"StartDateTime":"a","AvgMos":2}`) {
		t.Error("without an id, different events are the same")
	}
}

func TestLongTexts(t *testing.T) {
	long := strings.Repeat("é", 200)
	body := fmt.Sprintf(`{"ContactId":1,"SkillName":"%s"}`, long)
	events, _, err := decodeVoice([]byte(body), settings(VoiceQuality, "skill"), time.UTC)
	if err != nil || events[0].labels[0] != strings.Repeat("é", maxText/2) {
		t.Errorf("label = %q, %v, want %d bytes", events[0].labels[0], err, maxText)
	}
}
