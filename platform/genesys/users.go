package genesys

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

const (
	// feedUsers is the name of the feed.
	feedUsers = "users"
	// usersPage is the largest page of users in public use.
	usersPage = 500
	// usersTimeout bounds one sweep: 10,000 users are 20 pages, one after the other.
	usersTimeout = 2 * time.Minute
)

// users are the persons of the organization. One sweep over the list reads who they are and what they do; nothing of it is
// published but through the roster.
type users struct {
	*client
	external *externalIDs // nil where no presence is compared by them
	missed   map[string]bool
	roster   atomic.Pointer[platform.Roster]
}

// newUsers returns nil where no presence is compared, so that no person is read.
func newUsers(c *client, s health.Surroundings, log *slog.Logger) *users {
	if s.Directory == 0 {
		return nil
	}
	u := &users{client: c}
	if s.ExternalIDs != "" {
		u.external = newExternalIDs(c, s.ExternalIDs, s.Directory, log)
	}
	return u
}

// feed reads the persons, and the external ids of some of them.
func (u *users) feed() feed.Feed {
	f := feed.Feed{
		Name: feedUsers, Class: platform.ClassPresence, Timeout: usersTimeout, Calls: 1, Poll: u.poll,
		Fields: fieldsOf(systemPresence, routingStatus),
	}
	if u.external != nil {
		f.Calls += externalPerRun
	}
	return f
}

// persons returns how the persons are read.
func (u *users) persons() feed.Persons {
	return feed.Persons{Activities: feedUsers, Directory: feedUsers, Roster: u.roster.Load}
}

// poll sweeps over all users. Runs do not overlap.
func (u *users) poll(ctx context.Context) (*platform.Snapshot, error) {
	started := time.Now()
	read, err := u.sweep(ctx)
	if err != nil {
		return nil, err
	}
	snapshot := &platform.Snapshot{Anomalies: read.Anomalies}
	if err := u.take(read, started); err != nil {
		return snapshot, err
	}
	if u.external != nil && u.external.read(ctx, u.roster.Load()) {
		u.withExternal()
	}
	return snapshot, nil
}

// sweep is what all pages say. A user who is met on two pages, because the list moved between them, is one.
type sweep struct {
	persons    map[string]platform.Person
	activities map[string]platform.Activity // of those whose presence the platform sent
	platform.Anomalies
}

// sweep reads all pages.
func (u *users) sweep(ctx context.Context) (*sweep, error) {
	s := &sweep{persons: map[string]platform.Person{}, activities: map[string]platform.Activity{}}
	for number := 1; number <= maxPages; number++ {
		page, err := u.page(ctx, number)
		if err != nil {
			return nil, err
		}
		for i := range page.users {
			s.add(&page.users[i])
		}
		s.Add(page.Anomalies)
		if page.last(number) {
			return s, nil
		}
	}
	return nil, fmt.Errorf("%s: list does not end within %d pages", opUsers, maxPages)
}

// page reads one page.
func (u *users) page(ctx context.Context, number int) (page *userPage, err error) {
	err = u.rest.Do(ctx, rest.Request{
		Operation: opUsers, URL: u.api + pathUsers, Priority: platform.ClassPresence, Personal: true,
		Query: url.Values{
			"pageSize": {strconv.Itoa(usersPage)}, "pageNumber": {strconv.Itoa(number)},
			"expand": {"presence", "routingStatus", "outOfOffice"}, "state": {"active"},
		},
	}, func(response rest.Response) (err error) {
		page, err = readUsers(response.Body)
		return rest.NotEmpty(err)
	})
	if err == nil && !page.found { // an answer like {} must not pass for an empty list
		err = fmt.Errorf("%s: %w", opUsers, errNoEntities)
	}
	return page, err
}

// add takes a user over as the page shows it. The platform resolves presences with best effort: where it leaves one out, what
// the user does is unknown.
func (s *sweep) add(w *userWire) {
	s.persons[w.ID] = platform.Person{ID: w.ID, Email: w.Email, Username: w.Username}
	if activity, known := w.activity(&s.Anomalies); known {
		s.activities[w.ID] = activity
	} else {
		delete(s.activities, w.ID)
	}
}

// take makes a roster of a sweep, or returns why the sweep is not trusted. A user whom a sweep misses may have slipped from
// one page to another: only the second sweep without the user shows that the user is gone.
func (u *users) take(s *sweep, started time.Time) error {
	before := u.roster.Load()
	if before == nil {
		before = &platform.Roster{}
	}
	err := feed.Suspect(opUsers, "persons", len(s.persons), len(before.Persons))
	if err == nil {
		err = feed.Suspect(opUsers, "presences", len(s.activities), len(s.persons))
	}
	if err != nil {
		u.suspect()
		return err
	}
	missed := map[string]bool{}
	for id, person := range before.Persons {
		if _, listed := s.persons[id]; !listed && !u.missed[id] {
			s.persons[id], missed[id] = person, true
		}
	}
	u.missed = missed
	u.publish(s.persons, &platform.Roster{Activities: s.activities, Listed: started, Read: started, FullRead: started})
	return nil
}

// publish completes a roster and makes it the latest.
func (u *users) publish(persons map[string]platform.Person, roster *platform.Roster) {
	if u.external != nil {
		for id, person := range persons {
			person.External = u.external.of(id)
			persons[id] = person
		}
		u.external.forget(persons)
	}
	roster.Persons = persons
	u.roster.Store(roster)
}

// suspect marks the roster, which stays as it is.
func (u *users) suspect() {
	if before := u.roster.Load(); before != nil {
		marked := *before
		marked.Suspect = true
		u.roster.Store(&marked)
	}
}

// withExternal publishes ids that were read after the sweep.
func (u *users) withExternal() {
	roster := *u.roster.Load()
	u.publish(maps.Clone(roster.Persons), &roster)
}
