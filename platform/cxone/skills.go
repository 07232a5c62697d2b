package cxone

import (
	"cmp"
	"strconv"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// This file reads one answer of skills/activity and translates its skills.

// skillFields are all that is asked for.
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
	earliest  time.Time // when the contact came that waits longest, by the platform's clock; zero when none waits
	agents    []platform.AgentCount
}

// skillAnswer is what one answer of skills/activity says.
type skillAnswer struct {
	listHead
	skills     []*skill
	clock      time.Time // the latest of the platform's clock in it; zero when it shows none
	unknown    int
	violations int
}

// decodeSkills reads one answer as a stream.
func decodeSkills(r rest.Response) (p *skillAnswer, err error) {
	p = &skillAnswer{}
	var w skillWire
	p.listHead, err = decodeList(r, "skillactivity", &w, func() { w = skillWire{} }, func(readable bool) {
		if readable {
			p.add(&w)
		} else {
			p.violations++
		}
	})
	return p, err
}

// add translates a skill. One without a number is left out; what else is broken is left out of the skill.
func (p *skillAnswer) add(w *skillWire) {
	broken := false
	id, ok := w.SkillID.integer()
	if !ok {
		p.violations++
		return
	}
	s := &skill{id: strconv.FormatInt(id, 10)}
	name, _ := w.SkillName.text()
	s.name = cmp.Or(name, s.id)
	s.channel = platform.QueueChannel{
		Channel: p.channelOf(w.MediaTypeID, &broken),
		Waiting: amount(w.QueueCount, &broken), Active: amount(w.ContactsActive, &broken),
		ServiceLevel: percent(w.ServiceLevel, &broken), ServiceLevelTarget: percent(w.ServiceLevelGoal, &broken),
	}
	empty := !positive(s.channel.Waiting) && !positive(s.channel.Active)
	s.unwatched = truth(w.IsOutbound, false, &broken) || !truth(w.IsActive, true, &broken) && empty
	in, out := amount(w.InSLA, &broken), amount(w.OutSLA, &broken)
	if in != nil && out != nil && *in+*out == 0 {
		s.channel.ServiceLevel = nil // of no contact at all
	}
	s.count(w, &broken)
	p.wait(s, w, &broken)
	if broken {
		p.violations++
	}
	p.skills = append(p.skills, s)
}

// count takes the members of a skill whose state is beyond doubt. Not among them: agentsIdle, which may or may not be
// agentsAvailable; and agentsUnavailable, which may or may not hold those in after-contact work, who are unavailable too.
func (s *skill) count(w *skillWire, broken *bool) {
	for _, row := range [...]struct {
		state platform.AgentState
		value scalar
	}{
		{platform.AgentReady, w.AgentsAvailable},
		{platform.AgentEngaged, w.AgentsWorking},
		{platform.AgentAfterContactWork, w.AgentsACW},
	} {
		switch n, ok := row.value.integer(); {
		case ok && n >= 0:
			s.agents = append(s.agents, platform.AgentCount{State: row.state, Count: int(n)})
		case !row.value.missing():
			*broken = true
		}
	}
}

// wait notes since when the contact waits that waits longest. The platform leaves the time out when nobody waits; one
// that stands beside a count of 0 is a leftover.
func (p *skillAnswer) wait(s *skill, w *skillWire, broken *bool) {
	clock, clocked := w.ServerTime.moment()
	if clocked && clock.After(p.clock) {
		p.clock = clock
	}
	earliest, ok := w.EarliestQueueTime.moment()
	*broken = *broken || !ok && !w.EarliestQueueTime.missing() || !clocked && !w.ServerTime.missing()
	if ok && earliest.Unix() > 0 && (s.channel.Waiting == nil || positive(s.channel.Waiting)) {
		s.earliest = earliest
		if clocked && clock.Before(earliest) {
			s.earliest = clock
		}
	}
}

func (p *skillAnswer) channelOf(media scalar, broken *bool) platform.Channel {
	id, ok := media.integer()
	if !ok {
		*broken = true
		return platform.ChannelOther
	}
	channel, known := channels[id]
	if !known {
		p.unknown++
		return platform.ChannelOther
	}
	return channel
}

// amount reads a number of contacts or agents; nil when it is missing.
func amount(s scalar, broken *bool) *float64 {
	if s.missing() {
		return nil
	}
	n, ok := s.number()
	if !ok || n < 0 {
		*broken = true
		return nil
	}
	return &n
}

func positive(n *float64) bool { return n != nil && *n > 0 }

// percent reads a percentage as a ratio; nil when it is missing.
func percent(s scalar, broken *bool) *float64 {
	n := amount(s, broken)
	if n != nil && *n > 100 {
		*broken = true
		return nil
	}
	if n != nil {
		*n /= 100
	}
	return n
}

// truth reads a boolean that has a default.
func truth(s scalar, missing bool, broken *bool) bool {
	value, ok := s.boolean()
	if s.missing() || !ok {
		*broken = *broken || !s.missing()
		return missing
	}
	return value
}
