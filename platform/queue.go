package platform

import "time"

// Queue is a queue (Genesys) or a skill (CXone): contacts by channel, and its members.
type Queue struct {
	ID, Name string
	Channels []QueueChannel
	// Cohorts are those whose contacts the queue holds. The engine fills them in.
	Cohorts []QueueCohort
	// Agents are the members by state. An agent of several queues counts in each: never sum them over queues.
	Agents []AgentCount
}

// QueueCohort is a cohort of agents whose contacts a queue holds, and where that cohort is expected to route.
type QueueCohort struct {
	Name            string
	Account, Region string // Region is "" where the configuration names none: that of the account
	Expected        bool   // here
}

// CohortRegion is the region_code where a cohort of an account is expected; "" = the account's own.
type CohortRegion struct{ Name, Region string }

// Channel is a kind of contact.
type Channel string

// The channels.
const (
	ChannelVoice     Channel = "voice"
	ChannelVoicemail Channel = "voicemail"
	ChannelChat      Channel = "chat"
	ChannelEmail     Channel = "email"
	ChannelMessage   Channel = "message" // SMS too
	ChannelCallback  Channel = "callback"
	ChannelWorkItem  Channel = "workitem"
	ChannelSocial    Channel = "social"
	ChannelDigital   Channel = "digital"
	ChannelOther     Channel = "other"
)

// QueueChannel is a queue's contacts of one channel. A nil number was not reported.
type QueueChannel struct {
	Channel                   Channel
	Waiting, Active, Alerting *float64
	OldestWaiting             time.Time // when the longest-waiting contact entered the queue; zero when none waits
	ServiceLevel              *float64  // ratio, over the vendor's window
	ServiceLevelTarget        *float64  // ratio
}
