package webhook

import (
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// tally is a counter of events by a word. Its series with the words that are known beforehand begin at 0.
type tally struct {
	*metric.Family
	kind   Kind
	words  []string
	chosen bool // it carries the labels that the configuration chooses, and then the word; otherwise the word alone
}

// values are the label values of a word's series.
func (t *tally) values(l labels, text string) []string {
	if !t.chosen {
		return []string{text}
	}
	return append(slices.Clone(l[:len(labelsOf[t.kind])]), text)
}

// sipCodes are the final SIP responses that ended calls are known to have, RFC 3261 and 8688. Others are other.
var sipCodes = []string{
	"200", "302", "400", "401", "403", "404", "405", "407", "408", "410", "415", "420", "480", "481", "482", "483", "484", "486", "487",
	"488", "491", "500", "501", "502", "503", "504", "513", "600", "603", "604", "606", "607", "608",
	otherValue,
}

// codeClasses are the values of label code_class.
var codeClasses = []string{"2xx", "3xx", "4xx", "5xx", otherValue}

// maxDisconnects is how many reasons for a disconnect have a series of their own in an account. The vendor publishes no list of them.
const maxDisconnects = 50

func voiceTally(what, help, label string, words ...string) *tally {
	return &tally{&metric.Family{
		Name: "ccaas_voice_" + what + "_total", Type: metric.Counter, Labels: []string{label},
		Help: help + " From the voice-quality webhook. A call without the field is not counted.",
	}, VoiceQuality, words, false}
}

// The tallies.
var (
	voiceResponses = voiceTally("sip_responses", "Calls by the code of their SIP response; rare and unknown codes are other.", "code", sipCodes...)
	voiceFailures  = voiceTally("sip_failures", "Failed calls by their SIP code; rare and unknown codes are other.", "code", sipCodes...)
	voiceDrops     = voiceTally("sip_drops", "Dropped calls by their SIP code; rare and unknown codes are other.", "code", sipCodes...)
	voiceAbandoned = voiceTally("abandoned", "Calls by whether the originator abandoned them; what is neither true nor false is other.",
		"abandoned", "true", "false", otherValue)
	voiceDisconnects = voiceTally("disconnects",
		"Ended calls by the platform's own reason, which it does not document; of more than 50 reasons the rest is other.", "reason", otherValue)
	scriptRequests = &tally{&metric.Family{
		Name: "ccaas_script_api_requests_total", Type: metric.Counter, Labels: slices.Concat(labelsOf[ScriptAPI], []string{"code_class"}),
		Help: "Calls of an API by a script, by class of the answer's status. From the script-API webhook; labels that are not chosen in the configuration are empty.",
	}, ScriptAPI, codeClasses, true}
	scriptMessages = &tally{&metric.Family{
		Name: "ccaas_script_api_messages_total", Type: metric.Counter, Labels: []string{"message_class"},
		Help: "Calls of an API by a script, by what the answer's message says; none is one without a message. From the script-API webhook.",
	}, ScriptAPI, messageClasses(), false}

	tallies = []*tally{
		voiceResponses, voiceFailures, voiceDrops, voiceAbandoned, voiceDisconnects, scriptRequests, scriptMessages,
	}
)
