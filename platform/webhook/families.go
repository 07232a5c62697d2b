package webhook

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// This file describes every family that the receiver exports.

// Description of a family, for lists of everything that the program exports.
type Description struct {
	Name   string
	Type   string   // gauge, counter or histogram
	Labels []string // beyond the standard ones: platform, account, region_code
	Help   string
	Global bool // without the standard labels
}

// standardLabels come first on every family that is not global.
var standardLabels = []string{"platform", "account", "region_code"}

func (d *Description) desc() *prometheus.Desc {
	if d.Global {
		return prometheus.NewDesc(d.Name, d.Help, d.Labels, nil)
	}
	return prometheus.NewDesc(d.Name, d.Help, slices.Concat(standardLabels, d.Labels), nil)
}

// histogram is a family of measurements of one kind of hook. A number below least or above most is a mistake.
type histogram struct {
	Description
	kind        Kind
	buckets     []float64
	least, most float64
}

func voice(what, help string, least, most float64, buckets ...float64) *histogram {
	return &histogram{Description{
		Name: "ccaas_voice_" + what, Type: "histogram", Labels: labelsOf[VoiceQuality],
		Help: help + " From the voice-quality webhook; labels that are not chosen in the configuration are empty.",
	}, VoiceQuality, buckets, least, most}
}

const day = 24 * 60 * 60 // seconds: no call, and nothing within it, takes longer

// The histograms. The bounds for MOS are those of ITU-T G.107, annex B: nearly all users satisfied at 4.34, most at
// 4.03, some dissatisfied below, many below 3.6, nearly all below 3.1; not recommended below 2.58.
var (
	voiceMOS = voice("mos", "Mean opinion score of a call's audio, 1 to 5, by the agent's client.",
		1, 5, 1.5, 2, 2.58, 3.1, 3.6, 4.03, 4.34)
	voiceJitter = voice("jitter_seconds", "Mean jitter of a call.",
		0, day, .005, .01, .02, .03, .05, .1, .2, .4, 1)
	voicePacketLoss = voice("packet_loss_ratio", "Mean packet loss of a call, 0 to 1.",
		0, 1, .001, .005, .01, .02, .03, .05, .1, .15, .3, .5)
	voiceRoundTrip = voice("round_trip_seconds", "Mean round trip of a call's media.",
		0, day, .02, .05, .1, .15, .2, .3, .4, .6, 1, 2)
	voiceCallSetup = voice("call_setup_seconds", "Time in which a call was set up.",
		0, day, .1, .25, .5, 1, 2, 4, 8, 15)
	voiceCallDuration = voice("call_duration_seconds", "From the start of a call to its end.",
		0, day, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)
	scriptDuration = &histogram{Description{
		Name: "ccaas_script_api_duration_seconds", Type: "histogram", Labels: labelsOf[ScriptAPI],
		Help: "Time that an API took to answer a script. From the script-API webhook; labels that are not chosen in the configuration are empty.",
	}, ScriptAPI, []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30}, 0, day}

	histograms = []*histogram{
		voiceMOS, voiceJitter, voicePacketLoss, voiceRoundTrip, voiceCallSetup, voiceCallDuration, scriptDuration,
	}
)

// The other families.
var (
	requestsTotal = &Description{
		Name: "ccaas_webhook_requests_total", Type: "counter", Labels: []string{"hook", "code"},
		Help: "Requests to a hook by the status of the answer; those that were not authenticated have 404, and so has a hook that does not exist.",
	}
	failuresTotal = &Description{
		Name: "ccaas_webhook_failures_total", Type: "counter", Labels: []string{"hook", "reason"},
		Help: "Requests to a hook that were refused, by reason.",
	}
	eventsTotal = &Description{
		Name: "ccaas_webhook_events_total", Type: "counter", Labels: []string{"hook", "kind"},
		Help: "Events of authenticated requests that were counted: without duplicates.",
	}
	duplicatesTotal = &Description{
		Name: "ccaas_webhook_duplicates_total", Type: "counter", Labels: []string{"hook", "kind"},
		Help: "Events that had been counted before, by their ids and times, and were not counted again.",
	}
	brokenTotal = &Description{
		Name: "ccaas_webhook_broken_events_total", Type: "counter", Labels: []string{"hook", "kind"},
		Help: "Parts of acknowledged requests that are no events of the hook's kind.",
	}
	invalidTotal = &Description{
		Name: "ccaas_webhook_invalid_values_total", Type: "counter", Labels: []string{"hook", "field"},
		Help: "Numbers that could not be read or are out of their range, by the vendor's name of the field. A wrong unit shows here.",
	}
	lastEvent = &Description{
		Name: "ccaas_webhook_last_event_timestamp_seconds", Type: "gauge", Labels: []string{"hook", "kind"},
		Help: "Latest time of a counted event, at most the time at which it arrived, as Unix time. Absent before the first.",
	}
	queuedEvents = &Description{
		Name: "ccaas_webhook_queued_events", Type: "gauge", Labels: []string{"hook"},
		Help: "Events that are acknowledged and not counted yet.",
	}
	scriptRequests = &Description{
		Name: "ccaas_script_api_requests_total", Type: "counter", Labels: slices.Concat(labelsOf[ScriptAPI], []string{"code_class"}),
		Help: "Calls of an API by a script, by class of the answer's status. From the script-API webhook; labels that are not chosen in the configuration are empty.",
	}
	strayTotal = &Description{
		Name: "ccaas_webhook_stray_requests_total", Type: "counter", Global: true,
		Help: "Requests to the webhook listener for which there is no hook.",
	}

	others = []*Description{
		requestsTotal, failuresTotal, eventsTotal, duplicatesTotal, brokenTotal, invalidTotal, lastEvent, queuedEvents,
		scriptRequests, strayTotal,
	}
)

// Descriptions lists every family that the receiver exports.
func Descriptions() (list []Description) {
	for _, d := range others {
		list = append(list, *d)
	}
	for _, h := range histograms {
		list = append(list, h.Description)
	}
	return list
}

// fields are the numbers that can be invalid, by kind.
var fields = map[Kind][]string{
	VoiceQuality: {"AvgMos", "AvgJitter", "AvgPktLoss", "AvgRtt", "CallSetupTime", "EndDateTime"},
	ScriptAPI:    {"responseTime"},
}

func (h *histogram) vec() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: h.Name, Help: h.Help,
		Buckets:                         h.buckets,
		NativeHistogramBucketFactor:     1.1,
		NativeHistogramMaxBucketNumber:  100,
		NativeHistogramMinResetDuration: time.Hour,
	}, h.Labels)
}

func (d *Description) counters() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: d.Name, Help: d.Help}, d.Labels)
}

func (d *Description) gauges() *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: d.Name, Help: d.Help}, d.Labels)
}
