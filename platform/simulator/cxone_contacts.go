// contacts/active of the CXone tenant: the contacts that agents have, and those that wait for one.

package simulator

import (
	"fmt"
	"slices"
	"time"
)

// contactRow is one contact at one moment.
type contactRow struct {
	id       int
	agent    *agentRow // nil while it waits
	skill    *skill
	outgoing bool
	start    time.Time
}

func (r *contactRow) taken() bool { return r.agent != nil }

func (r *contactRow) state() string {
	if r.taken() {
		return "Active"
	}
	return "InQueue"
}

// contactFields are the documented properties of an activeContacts item that are simulated.
var contactFields = fields[contactRow]{
	nullable(integerField("agentId", func(r *contactRow) int { return r.agent.id() }), (*contactRow).taken),
	integerField("contactId", func(r *contactRow) int { return r.id }),
	timeField("contactStartDate", func(r *contactRow) time.Time { return r.start }),
	boolField("isOutbound", func(r *contactRow) bool { return r.outgoing }),
	timeField("lastUpdateTime", func(r *contactRow) time.Time { return r.start }),
	integerField("masterContactId", func(r *contactRow) int { return r.id }),
	integerField("mediaTypeId", func(r *contactRow) int { return r.skill.media }),
	textField("mediaTypeName", func(r *contactRow) string { return r.skill.mediaName() }),
	integerField("skillId", func(r *contactRow) int { return r.skill.id }),
	textField("skillName", func(r *contactRow) string { return r.skill.name }),
	textField("stateName", (*contactRow).state),
	nullable(integerField("teamId", func(r *contactRow) int { return r.agent.teamID() }), (*contactRow).taken),
	nullable(textField("teamName", func(r *contactRow) string { return teamNames[r.agent.person.team] }), (*contactRow).taken),
}

// contacts lists all active contacts as they are now.
func (t *tenant) contacts(c *call) []contactRow {
	var all []contactRow
	agents := t.rows(c)
	for i := range agents {
		a := &agents[i]
		stalled := c.in(queueStalled) && a.busy() && a.skill() == &skills[stalledSkill]
		if a.busy() && !stalled {
			all = append(all, contactRow{id: a.contactID(), agent: a, skill: a.skill(), outgoing: a.outgoing(), start: a.start()})
		}
	}
	for i, r := range t.skillRows(c) {
		for n := range r.queued {
			all = append(all, contactRow{id: 410_000_000_000 + i*100_000 + n, skill: r.skill, start: r.earliest.Add(time.Duration(n) * time.Second)})
		}
	}
	return all
}

func (t *tenant) activeContacts(c *call) answer {
	after, delta := c.since()
	media, skill, team, agent := c.integer("mediaTypeId", 0), c.integer("skillId", 0), c.integer("teamId", 0), c.integer("agentId", 0)
	rows := slices.DeleteFunc(t.contacts(c), func(r contactRow) bool {
		return media != 0 && media != r.skill.media || skill != 0 && skill != r.skill.id ||
			team != 0 && (!r.taken() || team != r.agent.teamID()) || agent != 0 && (!r.taken() || agent != r.agent.id()) ||
			delta && !r.start.After(after)
	})
	return envelope(c, "activeContacts", fmt.Sprintf(`"businessUnitId":%d,`, businessUnit), contactFields, rows)
}
