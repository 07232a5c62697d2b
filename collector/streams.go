package collector

// waitFamily is the one family of an API client that grows with what people set up: its series are held within the
// limit.
const waitFamily = "ccaas_queue_wait_seconds"

// streamFamilies are counted by an account's client as events arrive, of an account that has a stream. Like apiFamilies
// they are listed here for their descriptions.
var streamFamilies = []Family{
	{
		Name: waitFamily, Type: "histogram", Labels: by("queue", "channel", "outcome"),
		Help: "Time that contacts waited in a queue, by channel and outcome: answered, abandoned or flowed_out. " +
			"Each contact counts once, when its wait ends while the stream is connected. Absent unless the stream carries conversations.",
	},
	{
		Name: "ccaas_stream_connected", Type: "gauge",
		Help: "1 while every channel of the account's stream is connected, else 0. Absent without a stream.",
	},
	{
		Name: "ccaas_stream_topics", Type: "gauge",
		Help: "Topics that the account's stream is subscribed to. Absent without a stream.",
	},
	{
		Name: "ccaas_stream_last_event_timestamp_seconds", Type: "gauge",
		Help: "Unix time at which the account's stream last received an event other than a heartbeat. Absent before the first event.",
	},
	{
		Name: "ccaas_stream_events_total", Type: "counter", Labels: by("kind"),
		Help: "Events that the account's stream received, by kind of topic.",
	},
	{
		Name: "ccaas_stream_dropped_events_total", Type: "counter",
		Help: "Events of the account's stream that were dropped because they arrived faster than they could be processed; the next poll corrects the state.",
	},
	{
		Name: "ccaas_stream_reconnects_total", Type: "counter", Labels: by("reason"),
		Help: "Reconnects of the account's stream, by the reason why the connection before had ended.",
	},
}
