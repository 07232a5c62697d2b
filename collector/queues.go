package collector

import (
	"slices"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

func queues(p *platform.Snapshot) []platform.Queue { return p.Queues }

// perChannel reads a queue channel by channel. The queue is the object, so that the limit drops whole queues.
func perChannel(read func(*platform.QueueChannel, emit, ...string)) func(*platform.Queue, emit) {
	return func(q *platform.Queue, e emit) {
		for i := range q.Channels {
			read(&q.Channels[i], e, q.Name, string(q.Channels[i].Channel))
		}
	}
}

// channels reads a number of each channel of a queue.
func channels(number func(*platform.QueueChannel) *float64) func(*platform.Queue, emit) {
	return perChannel(func(c *platform.QueueChannel, e emit, labels ...string) { e.maybe(number(c), labels...) })
}

// counted reports whether a snapshot counts the contacts of a queue. A queue may be in another snapshot, too, for its service
// level.
func counted(q *platform.Queue) bool {
	return slices.ContainsFunc(q.Channels, func(c platform.QueueChannel) bool { return c.Waiting != nil || c.Active != nil })
}

// queueFamilies describe contacts that wait and the agents who take them. A queue may be in two snapshots of an account, that
// of the queue feed and that of the service level: each family reads what is known in either.
var queueFamilies = table(queues,
	gauge("ccaas_queue_waiting_contacts", by("queue", "channel"),
		"Contacts waiting in a queue for an agent, by channel; absent when queues have not been read within their maximum age.",
		channels(func(c *platform.QueueChannel) *float64 { return c.Waiting })),
	gauge("ccaas_queue_active_contacts", by("queue", "channel"),
		"Contacts of a queue that agents are handling, by channel; absent when queues have not been read within their maximum age.",
		channels(func(c *platform.QueueChannel) *float64 { return c.Active })),
	gauge("ccaas_queue_alerting_contacts", by("queue", "channel"),
		"Contacts of a queue that are being offered to an agent, by channel; absent where the platform reports no number, as on CXone.",
		channels(func(c *platform.QueueChannel) *float64 { return c.Alerting })),
	gauge("ccaas_queue_oldest_waiting_timestamp_seconds", by("queue", "channel"),
		"Unix time, by the exporter's clock, at which the longest-waiting contact entered the queue, by channel; absent when none waits.",
		perChannel(func(c *platform.QueueChannel, e emit, labels ...string) { e.time(c.OldestWaiting, labels...) })),
	gauge("ccaas_queue_agents", by("queue", "state"),
		"Members of a queue by normalized state. A member of several queues counts in each: use ccaas_agents instead of a sum over queues. "+
			"A state is absent where the platform reports no number for it; CXone reports ready, engaged and after_contact_work only.",
		func(q *platform.Queue, e emit) {
			for _, a := range q.Agents {
				e.count(a.Count, q.Name, string(a.State))
			}
		}),
	gauge("ccaas_cohort_queue_expected", by("queue", "cohort", "expected_account", "expected_region"),
		"For every queue that holds contacts of an agent cohort: 1 when the cohort is expected to route to this account, 0 when it is expected elsewhere. "+
			"expected_region is empty where the configuration names none. Absent for queues of no cohort.",
		func(q *platform.Queue, e emit) {
			if !counted(q) {
				return
			}
			for _, c := range q.Cohorts {
				e.truth(c.Expected, q.Name, c.Name, c.Account, c.Region)
			}
		}),
	gauge("ccaas_queue_service_level_ratio", by("queue", "channel"),
		"Share of a queue's contacts that were answered in time, by channel: on Genesys Cloud of the last 30 minutes, "+
			"on CXone over a window that the vendor does not document. Absent where the window holds no contact.",
		channels(func(c *platform.QueueChannel) *float64 { return c.ServiceLevel })),
	gauge("ccaas_queue_service_level_target_ratio", by("queue", "channel"),
		"Target for the share of a queue's contacts that are answered in time, by channel; absent where none is set. A CXone goal of 0 % counts as none.",
		channels(func(c *platform.QueueChannel) *float64 { return c.ServiceLevelTarget })),
)
