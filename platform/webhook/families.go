package webhook

import (
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

// measurement is a number of an event, observed by a histogram. A number below least or above most is a mistake.
type measurement struct {
	*metric.Family
	kind        Kind
	least, most float64
}

func voice(what, help string, least, most float64, buckets ...float64) *measurement {
	return &measurement{&metric.Family{
		Name: "ccaas_voice_" + what, Type: metric.Histogram, Labels: labelsOf[VoiceQuality], Buckets: buckets,
		Help: help + " From the voice-quality webhook; labels that are not chosen in the configuration are empty.",
	}, VoiceQuality, least, most}
}

const day = 24 * 60 * 60 // seconds: no call, and nothing within it, takes longer

// The measurements. The buckets of MOS are those of ITU-T G.107, annex B: nearly all users satisfied at 4.34, most at
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
	// R runs to 93 with a narrow band and to 129 with a wide one (ITU-T G.107 and G.107.1). Its buckets are those of MOS.
	voiceRFactor = voice("r_factor", "Mean transmission rating factor R of a call, 0 to 129.",
		0, 129, 30, 50, 60, 70, 80, 90, 100)
	voiceCallScore = voice("call_score", "The platform's own score of a call, of 100 at most. Its scale is not documented.",
		0, 100, 1, 2, 3, 4, 5, 10, 20, 40, 60, 80, 90)
	voiceBitrate = voice("bitrate_bytes_per_second", "Mean bit rate of a call's media, in bytes; one of 0 is unknown.",
		0, 250_000, 1000, 2000, 3000, 4000, 6000, 8000, 12_000, 16_000, 32_000, 64_000)
	voiceRing = voice("ring_seconds", "Time that a call rang, of 15 minutes at most.",
		0, 900, 1, 2, 5, 10, 15, 20, 30, 45, 60, 120)
	scriptDuration = &measurement{&metric.Family{
		Name: "ccaas_script_api_duration_seconds", Type: metric.Histogram, Labels: labelsOf[ScriptAPI],
		Help:    "Time that an API took to answer a script. From the script-API webhook; labels that are not chosen in the configuration are empty.",
		Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, ScriptAPI, 0, day}

	measurements = []*measurement{
		voiceMOS, voiceJitter, voicePacketLoss, voiceRoundTrip, voiceCallSetup, voiceCallDuration,
		voiceRFactor, voiceCallScore, voiceBitrate, voiceRing, scriptDuration,
	}
)

// The families that count.
var (
	requestsTotal = &metric.Family{
		Name: "ccaas_webhook_requests_total", Type: metric.Counter, Labels: []string{"hook", "code"},
		Help: "Requests to a hook by the status of the answer; those that were not authenticated have 404, and so has a hook that does not exist.",
	}
	failuresTotal = &metric.Family{
		Name: "ccaas_webhook_failures_total", Type: metric.Counter, Labels: []string{"hook", "reason"},
		Help: "Requests to a hook that were refused, by reason.",
	}
	eventsTotal = &metric.Family{
		Name: "ccaas_webhook_events_total", Type: metric.Counter, Labels: []string{"hook", "kind"},
		Help: "Events of authenticated requests that were counted: without duplicates.",
	}
	duplicatesTotal = &metric.Family{
		Name: "ccaas_webhook_duplicates_total", Type: metric.Counter, Labels: []string{"hook", "kind"},
		Help: "Events that had been counted before, by their ids and times or by the signature of their request, and were not counted again.",
	}
	brokenTotal = &metric.Family{
		Name: "ccaas_webhook_broken_events_total", Type: metric.Counter, Labels: []string{"hook", "kind"},
		Help: "Parts of acknowledged requests that are no events of the hook's kind.",
	}
	invalidTotal = &metric.Family{
		Name: "ccaas_webhook_invalid_values_total", Type: metric.Counter, Labels: []string{"hook", "field"},
		Help: "Numbers and times that could not be read or are out of their range, by the vendor's name of the field. A wrong unit shows here.",
	}
	lastEvent = &metric.Family{
		Name: "ccaas_webhook_last_event_timestamp_seconds", Type: metric.Gauge, Labels: []string{"hook", "kind"},
		Help: "Latest time of a counted event, at most the time at which it arrived, as Unix time. Absent before the first.",
	}
	queuedEvents = &metric.Family{
		Name: "ccaas_webhook_queued_events", Type: metric.Gauge, Labels: []string{"hook"},
		Help: "Events that are acknowledged and not counted yet.",
	}
	strayTotal = &metric.Family{
		Name: "ccaas_webhook_stray_requests_total", Type: metric.Counter, Global: true,
		Help: "Requests to the webhook listener for which there is no hook.",
	}
	refusedConnections = &metric.Family{
		Name: "ccaas_webhook_refused_connections_total", Type: metric.Counter, Labels: []string{"reason"}, Global: true,
		Help: "Connections to the webhook listener that were closed at once, by the limit that they would have exceeded.",
	}
)

// Families lists every family that the receiver exports.
func Families() []*metric.Family {
	all := []*metric.Family{
		requestsTotal, failuresTotal, eventsTotal, duplicatesTotal, brokenTotal, invalidTotal, lastEvent, queuedEvents,
		strayTotal, refusedConnections,
	}
	for _, m := range measurements {
		all = append(all, m.Family)
	}
	for _, t := range tallies {
		all = append(all, t.Family)
	}
	return all
}

// fields are the numbers and times that can be invalid, by kind.
var fields = map[Kind][]string{
	VoiceQuality: {
		"AvgMos", "AvgJitter", "AvgPktLoss", "AvgRtt", "CallSetupTime", "AvgRFactor", "CallScore", "AvgBitrate", "Ringtime",
		"StartDateTime", "EndDateTime",
	},
	ScriptAPI: {"dateTime", "responseTime", "timestamp"},
}
