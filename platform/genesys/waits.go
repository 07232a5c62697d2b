package genesys

import (
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/genesys/notify"
	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

const (
	// waitWindow is how long after the end of a wait it is counted. An event later than that repeats an old story.
	waitWindow = 5 * time.Minute
	// maxContacts bounds the ids that are remembered.
	maxContacts = 50_000
	// handover is how far apart the platform may see the end of the wait and the answer.
	handover = 2 * time.Second
)

type conversationWire struct {
	ID           string            `json:"id"`
	Participants []participantWire `json:"participants"`
}

type participantWire struct {
	ID        string              `json:"id"`
	Purpose   string              `json:"purpose"` // acd: the wait in a queue; agent, user; customer, external
	QueueID   string              `json:"queueId"`
	UserID    string              `json:"userId"`
	EndTime   string              `json:"endTime"`
	Calls     []communicationWire `json:"calls"`
	Callbacks []communicationWire `json:"callbacks"`
	Chats     []communicationWire `json:"chats"`
	Emails    []communicationWire `json:"emails"`
	Messages  []communicationWire `json:"messages"`
}

type communicationWire struct {
	State            string `json:"state"`
	ConnectedTime    string `json:"connectedTime"`
	DisconnectedTime string `json:"disconnectedTime"`
}

// media are a participant's communications by channel.
func (p *participantWire) media() [5][]communicationWire {
	return [...][]communicationWire{p.Calls, p.Callbacks, p.Chats, p.Emails, p.Messages}
}

var mediaChannels = [5]platform.Channel{
	platform.ChannelVoice, platform.ChannelCallback, platform.ChannelChat, platform.ChannelEmail, platform.ChannelMessage,
}

// The outcomes of a wait.
const (
	answered  = "answered"
	abandoned = "abandoned"
	flowedOut = "flowed_out"
)

// conversationsTopic is about the contacts of a queue.
var conversationsTopic = notify.Topic{Kind: "queue_conversations", Prefix: "v2.routing.queues.", Suffix: ".conversations"}

var queueWaitFamily = &metric.Family{
	Name: "ccaas_queue_wait_seconds", Type: metric.Histogram, Labels: []string{"queue", "channel", "outcome"}, Grows: true,
	Help: "Time that contacts waited in a queue, by channel and outcome: answered, abandoned or flowed_out. " +
		"Each contact counts once, when its wait ends while the stream is connected. Absent unless the stream carries conversations.",
	Buckets: []float64{5, 10, 20, 30, 60, 120, 300, 600, 1800},
}

// waitMeter measures how long contacts wait in queues, each wait once, from events that show whole conversations. They hold
// personal data: of all that, only what stands in the types above is read, and nothing but hashes of the ids of contacts that
// were counted is kept, in memory and for minutes.
type waitMeter struct {
	histograms *metric.Histograms
	seen       idSet
}

func newWaitMeter(set *metric.Set) *waitMeter {
	return &waitMeter{histograms: set.Histograms(queueWaitFamily), seen: newIDSet()}
}

// forget ends the series of a queue that is not watched any more. A nil meter has none.
func (w *waitMeter) forget(queue string) {
	if w == nil {
		return
	}
	w.histograms.Delete(queue)
}

// apply counts the waits in a queue that have ended. It ignores a queue without a name, which is not watched.
func (w *waitMeter) apply(e event, queue string, anomalies *platform.Anomalies) {
	if queue == "" {
		return
	}
	wire, ok := read[conversationWire](e.Body, anomalies, pathEvent)
	if !ok {
		return
	}
	for i := range wire.Participants {
		leg := &wire.Participants[i]
		if leg.Purpose != "acd" || leg.QueueID != e.ID {
			continue
		}
		for medium, all := range leg.media() {
			if len(all) == 0 {
				continue
			}
			const path = pathEvent + ".participants[]."
			start := moment(all[0].ConnectedTime, anomalies, path+"connectedTime")
			end := moment(all[len(all)-1].DisconnectedTime, anomalies, path+"disconnectedTime")
			if start.IsZero() || end.Before(start) || e.Seen.Sub(end) > waitWindow || end.Sub(e.Seen) > waitWindow {
				continue
			}
			outcome, until := wire.outcome(e.ID, medium, start, end)
			if outcome != "" && w.seen.add(e.Seen, wire.ID, leg.ID) {
				w.histograms.Observe(until.Sub(start).Seconds(), queue, string(mediaChannels[medium]), outcome)
			}
		}
	}
}

// outcome of a wait that has ended: answered by an agent of the queue, abandoned when the customer left with it, and
// flowed_out, to another queue, a flow or voicemail, when neither. It is "" while an agent is still being alerted.
func (c *conversationWire) outcome(queue string, medium int, start, end time.Time) (outcome string, until time.Time) {
	var unread platform.Anomalies
	alerting, left := false, false
	for i := range c.Participants {
		p := &c.Participants[i]
		all := p.media()[medium]
		switch {
		case len(all) == 0:
		case p.Purpose == "customer" || p.Purpose == "external":
			gone := moment(all[len(all)-1].DisconnectedTime, &unread, "")
			left = left || !gone.IsZero() && gone.Before(end.Add(handover))
		case p.QueueID == queue && (p.Purpose == "agent" || p.Purpose == "user" || p.UserID != ""):
			for _, communication := range all {
				at := moment(communication.ConnectedTime, &unread, "")
				if !at.IsZero() && !at.Before(start) && at.Before(end.Add(handover)) {
					return answered, at
				}
				alerting = alerting || slices.Contains([]string{"alerting", "contacting", "dialing", "offering"}, strings.ToLower(communication.State))
			}
		}
	}
	switch {
	case left:
		return abandoned, end
	case alerting:
		return "", end
	}
	return flowedOut, end
}

// idGenerations is how many parts an idSet has: an id outlives two windows at least.
const idGenerations = 3

// idSet is a bounded set of ids that are forgotten after two to three windows. It keeps 8 bytes of each, and not the id: that two
// have one hash, so that a wait is not counted, is not to be expected before there were billions.
type idSet struct {
	seed  maphash.Seed
	known [idGenerations]map[uint64]struct{} // those of about a window each, the youngest first
	began time.Time                          // of the youngest
}

func newIDSet() idSet { return idSet{seed: maphash.MakeSeed()} }

// add adds an id of several parts and reports whether it is new.
func (r *idSet) add(now time.Time, parts ...string) bool {
	if age := now.Sub(r.began); age >= waitWindow || len(r.known[0]) >= maxContacts/idGenerations {
		if age >= idGenerations*waitWindow {
			clear(r.known[:])
		}
		copy(r.known[1:], r.known[:])
		r.known[0], r.began = map[uint64]struct{}{}, now
	}
	var hash maphash.Hash
	hash.SetSeed(r.seed)
	for _, part := range parts {
		_, _ = hash.WriteString(part) // returns no error
		_ = hash.WriteByte(0)
	}
	id := hash.Sum64()
	for _, known := range r.known {
		if _, again := known[id]; again {
			return false
		}
	}
	r.known[0][id] = struct{}{}
	return true
}
