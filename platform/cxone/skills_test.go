package cxone

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// one decodes an answer with a single skill.
func one(t *testing.T, item string) (*skillAnswer, *skill) {
	t.Helper()
	p, err := decodeSkills(answer(`{"totalRecords":1,"skillActivity":[` + item + `]}`))
	if err != nil || p.rows != 1 {
		t.Fatalf("%s: %d rows, %v", item, p.rows, err)
	}
	if len(p.skills) == 0 {
		return p, nil
	}
	return p, p.skills[0]
}

// TestSkillActivitySample translates a whole answer of today's form.
func TestSkillActivitySample(t *testing.T) {
	p, err := decodeSkills(answer(string(sample(t, "skills-activity"))))
	if err != nil {
		t.Fatal(err)
	}
	want := listHead{changed: true, listed: true, lastPoll: "2024-05-02T10:15:30.1234567Z", total: 5, rows: 5}
	clock := time.Date(2024, 5, 2, 10, 15, 30, 1e8, time.UTC)
	if p.listHead != want || !p.clock.Equal(clock) || p.Violations != 0 || p.Unknowns["media_type"] != 0 {
		t.Errorf("page = %+v at %v, %d violations, %d unknown", p.listHead, p.clock, p.Violations, p.Unknowns["media_type"])
	}
	wantSkill := &skill{
		id: "88100", name: "Reservations",
		channel: platform.QueueChannel{
			Channel: platform.ChannelVoice, Waiting: new(3.0), Active: new(12.0), ServiceLevel: new(0.75), ServiceLevelTarget: new(0.8),
		},
		earliest: time.Date(2024, 5, 2, 10, 14, 0, 5e8, time.UTC),
		agents:   []platform.AgentCount{{State: "ready", Count: 0}, {State: "engaged", Count: 11}, {State: "after_contact_work", Count: 2}},
	}
	if diff := cmp.Diff(wantSkill, p.skills[0], cmp.AllowUnexported(skill{})); diff != "" {
		t.Errorf("first skill (-want +got):\n%s", diff)
	}
	if p.skills[1].channel.ServiceLevel != nil || p.skills[1].channel.ServiceLevelTarget == nil {
		t.Errorf("service level of no contact = %+v, want none", p.skills[1].channel)
	}
	for i, unwatched := range []bool{false, false, true, true, false} { // the last is inactive, and a contact waits in it
		if p.skills[i].unwatched != unwatched {
			t.Errorf("skill %s: unwatched = %v, want %v", p.skills[i].id, p.skills[i].unwatched, unwatched)
		}
	}
}

// TestSkill2020 reads the shape of 2020, which says neither whether a skill is active nor since when contacts wait.
func TestSkill2020(t *testing.T) {
	p, err := decodeSkills(answer(shape2020(t, "GET /skills/activity")))
	if err != nil || len(p.skills) != 1 || p.Violations != 1 || p.Unknowns["media_type"] != 1 { // no total, and the media type is 0
		t.Fatalf("%+v, %v", p, err)
	}
	want := &skill{
		id: "0", name: "0", unwatched: true,
		channel: platform.QueueChannel{
			Channel: platform.ChannelOther, Waiting: new(0.0), Active: new(0.0), ServiceLevel: new(0.0),
		},
		agents: []platform.AgentCount{{State: "ready"}, {State: "engaged"}, {State: "after_contact_work"}},
	}
	if diff := cmp.Diff(want, p.skills[0], cmp.AllowUnexported(skill{})); diff != "" {
		t.Errorf("skill (-want +got):\n%s", diff)
	}
}

// TestSkillDrift reads skills whose fields are missing or of another type: what cannot be read is not guessed.
func TestSkillDrift(t *testing.T) {
	type result struct {
		Name, Channel       string
		Waiting, Level      *float64
		Waits, Shut         bool
		Violations, Unknown int
	}
	for item, want := range map[string]result{
		`{"skillId":7,"mediaTypeId":4}`:                                               {Name: "7", Channel: "voice"},
		`{"SkillId":"7","SkillName":" A ","MediaTypeId":"7","QueueCount":"2"}`:        {Name: "A", Channel: "message", Waiting: new(2.0)},
		`{"skillId":7,"mediaTypeId":2}`:                                               {Name: "7", Channel: "other", Unknown: 1},
		`{"skillId":7,"mediaTypeId":5,"isOutbound":"True"}`:                           {Name: "7", Channel: "voicemail", Shut: true},
		`{"skillId":7,"mediaTypeId":6,"isActive":0}`:                                  {Name: "7", Channel: "workitem", Shut: true},
		`{"skillId":7,"mediaTypeId":8,"isActive":false,"contactsActive":1}`:           {Name: "7", Channel: "social"},
		`{"skillId":7,"isActive":"perhaps"}`:                                          {Name: "7", Channel: "other", Violations: 1},
		`{"skillId":7,"mediaTypeId":9,"queueCount":-1,"serviceLevel":101}`:            {Name: "7", Channel: "digital", Violations: 1},
		`{"skillId":7,"mediaTypeId":3,"queueCount":"many"}`:                           {Name: "7", Channel: "chat", Violations: 1},
		`{"skillId":7,"mediaTypeId":1,"queueCount":null,"serviceLevel":"12.5"}`:       {Name: "7", Channel: "email", Level: new(0.125)},
		`{"skillId":7,"mediaTypeId":4,"serviceLevel":0,"inSLA":0,"outSLA":3}`:         {Name: "7", Channel: "voice", Level: new(0.0)},
		`{"skillId":7,"mediaTypeId":4,"earliestQueueTime":"2024-05-02T10:15:30.123"}`: {Name: "7", Channel: "voice", Waits: true},
		`{"skillId":7,"mediaTypeId":4,"earliestQueueTime":"2024-05-02T10:15:30Z"}`:    {Name: "7", Channel: "voice", Waits: true},
		`{"skillId":7,"mediaTypeId":4,"queueCount":0,"earliestQueueTime":"2024-05-02T10:15Z"}`: {
			Name: "7", Channel: "voice", Waiting: new(0.0), Violations: 1,
		},
		`{"skillId":7,"mediaTypeId":4,"queueCount":0,"earliestQueueTime":"2024-05-02T10:15:30Z"}`: {Name: "7", Channel: "voice", Waiting: new(0.0)},
		`{"skillId":7,"mediaTypeId":4,"queueCount":1,"earliestQueueTime":"0001-01-01T00:00:00Z"}`: {Name: "7", Channel: "voice", Waiting: new(1.0)},
		`{"skillName":"A","mediaTypeId":4}`: {Violations: 1},
		`{"skillId":[7]}`:                   {Violations: 1},
		`7`:                                 {Violations: 1},
	} {
		p, s := one(t, item)
		got := result{Violations: p.Violations, Unknown: p.Unknowns["media_type"]}
		if s != nil {
			got.Name, got.Channel, got.Shut, got.Waits = s.name, string(s.channel.Channel), s.unwatched, !s.earliest.IsZero()
			got.Waiting, got.Level = s.channel.Waiting, s.channel.ServiceLevel
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", item, diff)
		}
	}
	_, s := one(t, `{"skillId":7,"mediaTypeId":4,"serverTime":"2024-05-02T10:15:30Z","earliestQueueTime":"2024-05-02T10:15:31Z"}`)
	if want := time.Date(2024, 5, 2, 10, 15, 30, 0, time.UTC); !s.earliest.Equal(want) {
		t.Errorf("waits since %v, want %v: no contact waits since a time to come", s.earliest, want)
	}
}

// FuzzSkillActivity reads whole answers: every skill has an id, a name and a channel, and no number is out of bounds.
func FuzzSkillActivity(f *testing.F) {
	f.Add(sample(f, "skills-activity"))
	f.Add([]byte(shape2020(f, "GET /skills/activity")))
	f.Add([]byte(`{"skillActivity":[{"skillId":"7","queueCount":1e400,"agentsWorking":1e300,"agentsACW":-1},7,null]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := decodeSkills(answer(string(body)))
		if err != nil {
			return
		}
		if len(p.skills) > p.rows {
			t.Errorf("%d rows became %d skills", p.rows, len(p.skills))
		}
		for _, s := range p.skills {
			if s.id == "" || strings.TrimSpace(s.name) == "" || s.channel.Channel == "" || s.channel.Alerting != nil {
				t.Errorf("skill = %+v", s)
			}
			for _, n := range []*float64{s.channel.Waiting, s.channel.Active} {
				if n != nil && !(*n >= 0 && *n <= math.MaxFloat64) {
					t.Errorf("%v contacts", *n)
				}
			}
			for _, ratio := range []*float64{s.channel.ServiceLevel, s.channel.ServiceLevelTarget} {
				if ratio != nil && !(*ratio >= 0 && *ratio <= 1) {
					t.Errorf("ratio %v", *ratio)
				}
			}
			for _, a := range s.agents {
				if a.Count < 0 {
					t.Errorf("%d agents are %s", a.Count, a.State)
				}
			}
		}
	})
}

// TestServiceLevelGoal: a goal of 0 % is none, since every service level reaches it.
func TestServiceLevelGoal(t *testing.T) {
	for goal, want := range map[string]*float64{`80`: new(0.8), `"95"`: new(0.95), `0`: nil, `"0"`: nil, `0.0`: nil, `null`: nil} {
		_, s := one(t, `{"skillId":7,"mediaTypeId":4,"serviceLevel":50,"serviceLevelGoal":`+goal+`}`)
		if diff := cmp.Diff(want, s.channel.ServiceLevelTarget); diff != "" || *s.channel.ServiceLevel != 0.5 {
			t.Errorf("goal %s: service level %v, target (-want +got):\n%s", goal, *s.channel.ServiceLevel, diff)
		}
	}
}
