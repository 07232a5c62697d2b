package cxone

import (
	"cmp"
	"strconv"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// skillFields are all fields that the poll asks for.
const skillFields = "skillId,skillName,mediaTypeId,isActive,isOutbound,queueCount,contactsActive,earliestQueueTime,serverTime," +
	"agentsAvailable,agentsWorking,agentsACW,serviceLevel,serviceLevelGoal,inSLA,outSLA"

// channels are the documented media types by mediaTypeId; the holes are the vendor's.
var channels = map[int64]platform.Channel{
	1: platform.ChannelEmail,
	3: platform.ChannelChat,
	4: platform.ChannelVoice,
	5: platform.ChannelVoicemail,
	6: platform.ChannelWorkItem,
	7: platform.ChannelMessage, // SMS
	8: platform.ChannelSocial,
	9: platform.ChannelDigital,
}

// fieldMediaType is the name under which unknown values of mediaTypeId are counted.
const fieldMediaType = "media_type"

// skillWire is an element of skills/activity.
type skillWire struct {
	SkillID           scalar `json:"skillId"`
	SkillName         scalar `json:"skillName"`
	MediaTypeID       scalar `json:"mediaTypeId"`
	IsActive          scalar `json:"isActive"`
	IsOutbound        scalar `json:"isOutbound"`
	QueueCount        scalar `json:"queueCount"`
	ContactsActive    scalar `json:"contactsActive"`
	EarliestQueueTime scalar `json:"earliestQueueTime"`
	ServerTime        scalar `json:"serverTime"`
	AgentsAvailable   scalar `json:"agentsAvailable"`
	AgentsWorking     scalar `json:"agentsWorking"`
	AgentsACW         scalar `json:"agentsACW"`
	ServiceLevel      scalar `json:"serviceLevel"`
	ServiceLevelGoal  scalar `json:"serviceLevelGoal"`
	InSLA             scalar `json:"inSLA"`
	OutSLA            scalar `json:"outSLA"`
}

// skill is a skill that contacts wait for.
type skill struct {
	id, name  string
	unwatched bool // outbound, or inactive and empty
	channel   platform.QueueChannel
	earliest  time.Time // when the longest-waiting contact came, by the platform's clock; zero while none waits
	agents    []platform.AgentCount
}

// skillAnswer is what one answer of skills/activity says.
type skillAnswer struct {
	listHead
	anomalies
	skills []*skill
	clock  time.Time // the latest of the platform's clock in it; zero when it shows none
}

// decodeSkills reads one answer as a stream.
func decodeSkills(r rest.Response) (p *skillAnswer, err error) {
	p = &skillAnswer{}
	var w skillWire
	p.listHead, err = decodeList(r, "skillactivity", into(&w, func() { w = skillWire{} }, func(readable bool) {
		if readable {
			p.add(&w)
		} else {
			p.Violate("skillActivity[]")
		}
	}), &p.anomalies)
	return p, err
}

// add translates a skill. One without a number is left out; what else is broken is left out of the skill, and counts as one
// violation.
func (p *skillAnswer) add(w *skillWire) {
	id, ok := w.SkillID.integer()
	if !ok {
		p.Violate("skillActivity[].skillId")
		return
	}
	s := &skill{id: strconv.FormatInt(id, 10)}
	name, _ := w.SkillName.text()
	s.name = cmp.Or(name, s.id)
	var read entityReader
	s.channel = platform.QueueChannel{
		Channel: p.channelOf(w.MediaTypeID, &read),
		Waiting: read.amount("queueCount", w.QueueCount), Active: read.amount("contactsActive", w.ContactsActive),
		ServiceLevel: read.percent("serviceLevel", w.ServiceLevel), ServiceLevelTarget: read.percent("serviceLevelGoal", w.ServiceLevelGoal),
	}
	if !positive(s.channel.ServiceLevelTarget) {
		s.channel.ServiceLevelTarget = nil // every service level reaches 0 %: no goal is set
	}
	empty := !positive(s.channel.Waiting) && !positive(s.channel.Active)
	s.unwatched = read.truth("isOutbound", w.IsOutbound, false) || !read.truth("isActive", w.IsActive, true) && empty
	in, out := read.amount("inSLA", w.InSLA), read.amount("outSLA", w.OutSLA)
	if in != nil && out != nil && *in+*out == 0 {
		s.channel.ServiceLevel = nil // of no contact at all
	}
	s.count(w, &read)
	p.wait(s, w, &read)
	if read.broken != "" {
		p.Violate("skillActivity[].", read.broken)
	}
	p.skills = append(p.skills, s)
}

// count takes the members of a skill whose state is beyond doubt. Not among them: agentsIdle, which may or may not be
// agentsAvailable; and agentsUnavailable, which may or may not hold those in after-contact work, who are unavailable too.
func (s *skill) count(w *skillWire, read *entityReader) {
	for _, row := range [...]struct {
		state platform.AgentState
		field string
		value scalar
	}{
		{platform.AgentReady, "agentsAvailable", w.AgentsAvailable},
		{platform.AgentEngaged, "agentsWorking", w.AgentsWorking},
		{platform.AgentAfterContactWork, "agentsACW", w.AgentsACW},
	} {
		switch n, ok := row.value.integer(); {
		case ok && n >= 0:
			s.agents = append(s.agents, platform.AgentCount{State: row.state, Count: int(n)})
		case !row.value.missing():
			read.miss(row.field)
		}
	}
}

// wait notes when the longest-waiting contact entered the queue. The platform leaves the time out while no contact waits; a
// time beside a count of 0 is a leftover.
func (p *skillAnswer) wait(s *skill, w *skillWire, read *entityReader) {
	clock, clocked := p.moment("serverTime", w.ServerTime)
	if clocked && clock.After(p.clock) {
		p.clock = clock
	}
	earliest, ok := p.moment("earliestQueueTime", w.EarliestQueueTime)
	if !ok && !w.EarliestQueueTime.missing() {
		read.miss("earliestQueueTime")
	}
	if !clocked && !w.ServerTime.missing() {
		read.miss("serverTime")
	}
	if ok && earliest.Unix() > 0 && (s.channel.Waiting == nil || positive(s.channel.Waiting)) {
		s.earliest = earliest
		if clocked && clock.Before(earliest) {
			s.earliest = clock
		}
	}
}

// channelOf translates a media type.
func (p *skillAnswer) channelOf(media scalar, read *entityReader) platform.Channel {
	id, ok := media.integer()
	if !ok {
		read.miss("mediaTypeId")
		return platform.ChannelOther
	}
	channel, known := channels[id]
	if !known {
		p.Unknown(fieldMediaType, media.bare(), "skillActivity[].mediaTypeId")
		return platform.ChannelOther
	}
	return channel
}

func positive(n *float64) bool { return n != nil && *n > 0 }

// entityReader reads the fields of one entity.
type entityReader struct{ broken string } // the first that could not be read

func (e *entityReader) miss(field string) { e.broken = cmp.Or(e.broken, field) }

// amount reads a number of contacts or agents; nil when it is missing.
func (e *entityReader) amount(field string, s scalar) *float64 {
	if s.missing() {
		return nil
	}
	n, ok := s.number()
	if !ok || n < 0 {
		e.miss(field)
		return nil
	}
	return &n
}

// percent reads a percentage as a ratio; nil when it is missing.
func (e *entityReader) percent(field string, s scalar) *float64 {
	n := e.amount(field, s)
	if n != nil && *n > 100 {
		e.miss(field)
		return nil
	}
	if n != nil {
		*n /= 100
	}
	return n
}

// truth reads a boolean that has a default.
func (e *entityReader) truth(field string, s scalar, missing bool) bool {
	value, ok := s.boolean()
	if s.missing() || !ok {
		if !s.missing() {
			e.miss(field)
		}
		return missing
	}
	return value
}
