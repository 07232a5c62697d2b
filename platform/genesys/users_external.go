package genesys

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

const (
	// externalPerRun is how many users' external ids one run reads: the platform answers them for one user at a time only.
	externalPerRun = 20
	// externalTimeout bounds the time that they take of a run.
	externalTimeout = 5 * time.Second
)

// externalIDs are the ids that users have elsewhere, as the platform keeps them under an authority. The list of users does not
// hold them, so each costs a call: they are read little by little after the sweeps, with what the budget has left, those of
// users who are there before those of users who are offline, and again when the interval has passed.
type externalIDs struct {
	*client
	authority string
	interval  time.Duration
	log       *slog.Logger
	known     map[string]externalID // by user
	failing   bool                  // the last read failed, which has been logged
}

type externalID struct {
	key  string // "" when the user has none
	read time.Time
}

func newExternalIDs(c *client, authority string, interval time.Duration, log *slog.Logger) *externalIDs {
	return &externalIDs{client: c, authority: authority, interval: interval, log: log, known: map[string]externalID{}}
}

// of returns the external id of a user as far as it is known.
func (e *externalIDs) of(user string) string { return e.known[user].key }

// forget drops the ids of users who are gone.
func (e *externalIDs) forget(persons map[string]platform.Person) {
	maps.DeleteFunc(e.known, func(user string, _ externalID) bool {
		_, there := persons[user]
		return !there
	})
}

// read reads the ids of the users who are next, and reports whether one has changed. A failure ends the turn: what is missing
// is read after another sweep.
func (e *externalIDs) read(ctx context.Context, roster *platform.Roster) (changed bool) {
	ctx, cancel := context.WithTimeout(ctx, externalTimeout)
	defer cancel()
	for _, user := range e.next(roster, time.Now()) {
		key, err := e.ask(ctx, user)
		if err != nil {
			e.failed(err)
			return changed
		}
		e.failing = false
		changed = changed || key != e.known[user].key
		e.known[user] = externalID{key, time.Now()}
	}
	return changed
}

// next returns the users whose ids are due: first those who are there, of them first those never read or read longest ago.
func (e *externalIDs) next(roster *platform.Roster, now time.Time) []string {
	type turn struct {
		rank int // 1 of users who are offline
		read time.Time
		user string
	}
	var due []turn
	for user := range roster.Persons {
		known, read := e.known[user]
		if read && now.Sub(known.read) < e.interval {
			continue
		}
		rank := 0
		if activity, there := roster.Activities[user]; !there || activity.State == platform.AgentOffline {
			rank = 1
		}
		due = append(due, turn{rank, known.read, user})
	}
	slices.SortFunc(due, func(a, b turn) int {
		return cmp.Or(a.rank-b.rank, a.read.Compare(b.read), strings.Compare(a.user, b.user))
	})
	var users []string
	for _, t := range due[:min(len(due), externalPerRun)] {
		users = append(users, t.user)
	}
	return users
}

// ask reads the external id of one user; "" when the user has none.
func (e *externalIDs) ask(ctx context.Context, user string) (key string, err error) {
	var ids []externalWire
	err = e.rest.Do(ctx, rest.Request{
		Operation: opUserExternal, URL: e.api + pathUsers + "/" + url.PathEscape(user) + "/externalid",
		Priority: platform.ClassDetail, Personal: true,
	}, func(response rest.Response) (err error) {
		ids, err = readExternal(rest.NewDecoder(response.Body))
		return rest.NotEmpty(err)
	})
	for _, id := range ids {
		if id.Authority == e.authority { // both are case-sensitive
			key = id.Key
		}
	}
	if failed, ok := errors.AsType[*rest.Error](err); ok && failed.Status == http.StatusNotFound {
		err = nil // the user has left since the sweep
	}
	return key, err
}

type externalWire struct {
	Authority string `json:"authorityName"`
	Key       string `json:"externalKey"`
}

// readExternal decodes the external ids of one user.
func readExternal(dec *rest.Decoder) (ids []externalWire, err error) {
	_, err = rest.List(dec, func(dec *rest.Decoder) error {
		var id externalWire
		readable, err := rest.Element(dec, &id)
		if readable {
			ids = append(ids, id)
		}
		return err
	})
	return ids, err
}

// failed logs that ids cannot be read: once, and not when only the budget is short.
func (e *externalIDs) failed(err error) {
	switch platform.ReasonOf(err) {
	case platform.ReasonBudget, platform.ReasonRateLimited, platform.ReasonTimeout:
		return
	}
	if !e.failing {
		e.log.Warn("external ids of users cannot be read", "err", err)
	}
	e.failing = true
}
