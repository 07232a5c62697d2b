// Skills of the CXone tenant: who holds them, what waits in them, and skills/activity.

package simulator

import (
	"sync"
	"time"
)

// skillCount is the number of skills.
const skillCount = 40

// skill is one skill; every tenth, from the fifth on, is outbound.
type skill struct {
	id, media int
	name      string
	outbound  bool
}

// mediaTypes names the media; the holes in the numbering are the vendor's.
var mediaTypeNames = map[int]string{
	1: "Email", 3: "Chat", 4: "Phone", 5: "Voicemail", 6: "WorkItem", 7: "SMS", 8: "Social", 9: "Digital",
}

const phone = 4

func (s *skill) mediaName() string { return mediaTypeNames[s.media] }

var skills = makeSkills()

func makeSkills() (all [skillCount]skill) {
	subjects := [...]string{"Reservations", "Billing", "Support", "Claims"}
	media := [...]int{phone, phone, phone, phone, phone, 3, 1, 9, 5, 6}
	for i := range all {
		all[i] = skill{id: 88_100 + i, media: media[i%10], outbound: i%10 == 4}
		way := "In"
		if all[i].outbound {
			way = "Out"
		}
		all[i].name = subjects[i/10] + " " + all[i].mediaName() + " " + way + " " + string(rune('A'+i%10))
	}
	all[skillCount-1].media, all[skillCount-2].media = 7, 8
	return all
}

// held lists the three skills of an agent.
func held(number int) [3]int {
	return [3]int{number % skillCount, (number + 7) % skillCount, (number + 19) % skillCount}
}

// skillOf is the skill of an agent's contact.
func skillOf(number, tasks int, state activity) int {
	if state == outbound || state == dialer {
		return 4 + number%4*10
	}
	own := held(number)
	chosen := own[tasks%3]
	if skills[chosen].outbound {
		chosen = own[(tasks+1)%3]
	}
	return chosen
}

// activityRow is one skill at one moment.
type activityRow struct {
	skill    *skill
	loggedIn int
	idle     int // available
	working  int
	acw      int
	away     int // unavailable
	active   int
	queued   int
	level    int // percent of contacts in time
	handled  int
	earliest time.Time // entry of the one that waits longest
	server   time.Time
	changed  time.Duration
}

// levelGoal is the service level that every skill is to reach, in percent.
const levelGoal = 80

// skillFields are the documented properties of a skillActivity item that are simulated.
var skillFields = fields[activityRow]{
	timeField("serverTime", func(r *activityRow) time.Time { return r.server }),
	integerField("businessUnitId", func(*activityRow) int { return businessUnit }),
	integerField("agentsACW", func(r *activityRow) int { return r.acw }),
	integerField("agentsAvailable", func(r *activityRow) int { return r.idle }),
	integerField("agentsIdle", func(r *activityRow) int { return r.idle }),
	integerField("agentsLoggedIn", func(r *activityRow) int { return r.loggedIn }),
	integerField("agentsUnavailable", func(r *activityRow) int { return r.away }),
	integerField("agentsWorking", func(r *activityRow) int { return r.working }),
	integerField("campaignId", func(r *activityRow) int { return 500 + r.skill.media }),
	textField("campaignName", func(r *activityRow) string { return r.skill.mediaName() }),
	integerField("contactsActive", func(r *activityRow) int { return r.active }),
	nullable(timeField("earliestQueueTime", func(r *activityRow) time.Time { return r.earliest }), func(r *activityRow) bool { return r.queued > 0 }),
	boolField("isActive", func(*activityRow) bool { return true }),
	boolField("isNaturalCalling", func(*activityRow) bool { return false }),
	boolField("isOutbound", func(r *activityRow) bool { return r.skill.outbound }),
	integerField("inSLA", func(r *activityRow) int { return r.level * r.handled / 100 }),
	integerField("outSLA", func(r *activityRow) int { return r.handled - r.level*r.handled/100 }),
	integerField("mediaTypeId", func(r *activityRow) int { return r.skill.media }),
	textField("mediaTypeName", func(r *activityRow) string { return r.skill.mediaName() }),
	integerField("queueCount", func(r *activityRow) int { return r.queued }),
	integerField("skillQueueCount", func(r *activityRow) int { return r.queued }),
	integerField("personalQueueCount", func(*activityRow) int { return 0 }),
	integerField("parkedCount", func(*activityRow) int { return 0 }),
	integerField("serviceLevel", func(r *activityRow) int { return r.level }),
	integerField("serviceLevelGoal", func(*activityRow) int { return levelGoal }),
	integerField("serviceLevelThreshold", func(*activityRow) int { return 30 }),
	integerField("skillId", func(r *activityRow) int { return r.skill.id }),
	textField("skillName", func(r *activityRow) string { return r.skill.name }),
}

// skillTable remembers the skills' figures, so that a delta holds only those that have changed.
type skillTable struct {
	mu   sync.Mutex
	slot time.Duration // start of the period
	rows []activityRow
}

// skillPeriod is how often the figures are taken.
const skillPeriod = 5 * time.Second

// skillRows returns the figures of the running period.
func (t *tenant) skillRows(c *call) []activityRow {
	t.skillTable.mu.Lock()
	defer t.skillTable.mu.Unlock()
	slot := c.elapsed().Truncate(skillPeriod)
	if t.skillTable.rows != nil && slot == t.skillTable.slot {
		return t.skillTable.rows
	}
	rows := make([]activityRow, skillCount)
	for i := range rows {
		rows[i] = activityRow{skill: &skills[i], level: 84 + int(16*t.world.wave(c.elapsed()/20, "level"+skills[i].name))}
		rows[i].handled = 200 + int(c.elapsed()/(20*time.Second))
	}
	for i, a := range t.agents(c) {
		for _, k := range held(i) {
			rows[k].add(a.state)
		}
		if a.state.engaged() {
			rows[skillOf(i, int(a.tasks), a.state)].active++
		}
	}
	for i := range rows {
		t.queue(c, &rows[i])
		if c.in(queueStalled) && i == stalledSkill {
			rows[i].stall(c)
		}
		rows[i].changed = slot
		if t.skillTable.rows != nil {
			rows[i].keep(t.skillTable.rows[i], c)
		}
	}
	t.skillTable.slot, t.skillTable.rows = slot, rows
	return rows
}

// add counts an agent who holds the skill.
func (r *activityRow) add(state activity) {
	if state == loggedOut {
		return
	}
	r.loggedIn++
	switch {
	case state == ready:
		r.idle++
	case state == wrapUp:
		r.acw++
	case state.engaged():
		r.working++
	default:
		r.away++
	}
}

// longestWait is the time after which even the last contact in the queue is answered.
const longestWait = 90 * time.Second

// queue lets contacts wait: mostly few, at times many.
func (t *tenant) queue(c *call, r *activityRow) {
	if r.skill.outbound {
		return
	}
	wave := t.world.wave(c.elapsed(), "queue"+r.skill.name)
	r.queued = int(wave * wave * float64(3+r.loggedIn/10))
	if r.queued > 0 {
		r.earliest = c.now.Add(-time.Duration(wave * float64(longestWait)))
	}
}

// stalledSkill is the skill of the scenario queue-stalled.
const stalledSkill = 0

// stall lets contacts pile up before agents who are available. The service level falls by a percent every 10 seconds.
func (r *activityRow) stall(c *call) {
	r.level = max(0, r.level-int(c.now.Sub(c.stage.since)/(10*time.Second)))
	r.active, r.idle = 0, max(r.idle, 1)
	r.queued, r.earliest = 3+int(c.now.Sub(c.stage.since)/(10*time.Second)), c.stage.since
}

// keep copies what lasts from the figures before: who waits longest, and since when nothing has changed.
func (r *activityRow) keep(before activityRow, c *call) {
	if before.queued > 0 && r.queued > 0 && c.now.Sub(before.earliest) < longestWait {
		r.earliest = before.earliest
	}
	changed := r.changed
	r.changed = before.changed
	if *r != before {
		r.changed = changed
	}
}

func (t *tenant) skillActivity(c *call) answer {
	after, delta := c.since()
	media := c.integer("mediaTypeId", 0)
	var rows []activityRow
	for _, r := range t.skillRows(c) {
		outboundToo := c.query.Get("IsOutbound") == "" || (c.query.Get("IsOutbound") == "true") == r.skill.outbound
		if media != 0 && media != r.skill.media || !outboundToo || delta && !t.world.began.Add(r.changed).After(after) {
			continue
		}
		r.server = c.clock
		rows = append(rows, r)
	}
	return envelope(c, "skillActivity", "", skillFields, rows)
}
