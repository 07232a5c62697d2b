package app

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

const (
	cxoneInteraction = "CXone Interaction"
	offlinePresence  = "ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5" // the same in all organizations
)

// syncOf is the configuration of a sync of the first n agents of a world.
func syncOf(t *testing.T, w *simulator.World, n int) string {
	t.Helper()
	agents := make([]string, n)
	for i := range n {
		agents[i] = fmt.Sprintf("%q: %q", w.Persons("us")[i].ID, w.Persons("emea")[i].ID)
	}
	id, secret := w.WriterCredentials("emea")
	return fmt.Sprintf(`
presence:
  - name: us-emea
    source: us
    target: emea
    match: []
    agents: {%s}
    sync:
      dry_run: false
      client_id: %q
      client_secret_file: %q
      poll: 1s
      protect_after: 0s
      rules:
        - {state: engaged, presence: %s}
        - {state: ready, release: available}
`, strings.Join(agents, ", "), id, writeFile(t, "writer", secret), cxoneInteraction)
}

// do lets agents of both platforms do something.
func do(t *testing.T, w *simulator.World, site string, persons []simulator.Person, actions ...simulator.Action) {
	t.Helper()
	for _, p := range persons {
		for _, a := range actions {
			if err := w.Act(site, p.ID, a); err != nil {
				t.Error(err)
			}
		}
	}
}

// atWork puts the first n agents On Queue in emea and makes them available in us.
func atWork(t *testing.T, w *simulator.World, n int) (ofUS []simulator.Person) {
	t.Helper()
	do(t, w, "emea", w.Persons("emea")[:n], simulator.LogIn, simulator.GoOnQueue)
	ofUS = w.Persons("us")[:n]
	do(t, w, "us", ofUS, simulator.LogIn, simulator.BeAvailable)
	return ofUS
}

// TestTerminatedWithinBatch sends SIGTERM while a batch is on its way: it is finished, and the next is not begun.
func TestTerminatedWithinBatch(t *testing.T) {
	t.Parallel()
	world, configuration := patientWorld(t, "")
	agents := atWork(t, world, 60)
	text, err := os.ReadFile(configuration)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(configuration, append(text, syncOf(t, world, 60)...), 0o600); err != nil {
		t.Fatal(err)
	}
	asked, answer := make(chan struct{}), make(chan struct{})
	var once sync.Once
	world.Inject("emea", simulator.Fault{Method: http.MethodPut, Path: "/api/v2/users/presences/bulk", Rewrite: func(body []byte) []byte {
		once.Do(func() { close(asked) })
		<-answer
		return body
	}})
	p := startProcess(t, binary(t), configuration)
	do(t, world, "us", agents, simulator.TakeContact)
	<-asked
	var ended sync.WaitGroup
	ended.Go(func() { p.terminate(t) })
	for ask(t.Context(), p.address, "/-/healthy").err == nil { // until it listens no more
		if t.Context().Err() != nil {
			t.Fatalf("the process takes no notice of the signal:\n%s", p.log)
		}
	}
	<-time.After(300 * time.Millisecond) // by now the sync is to end
	close(answer)
	ended.Wait()
	writes := world.Writes("emea")
	for _, one := range writes {
		if one.Status != http.StatusOK || one.Size != len(writes) {
			t.Errorf("%d writes, the first %+v, want those of one batch, which succeeds", len(writes), writes[0])
			break
		}
	}
}

// scraped lets so many scrapers ask again and again until the function that it returns is called.
func (p *program) scraped(t *testing.T, n int) (stop func()) {
	t.Helper()
	end := make(chan struct{})
	var scraping sync.WaitGroup
	for range n {
		scraping.Go(func() {
			for {
				select {
				case <-end:
					return
				default:
					p.scrape(t)
				}
			}
		})
	}
	return func() { close(end); scraping.Wait() }
}

// TestReloadUnderSync reloads a sync, its accounts, and what is no configuration, while agents change and the exporter is scraped. In
// the end all are protected; no source is lost meanwhile, and the reading client never writes.
func TestReloadUnderSync(t *testing.T) {
	t.Parallel()
	const n, rounds = 20, 12
	var agents []simulator.Person
	u := startUnderWith(t, simulator.Options{}, func(w *simulator.World) string {
		agents = atWork(t, w, n)
		return syncOf(t, w, n)
	})
	text, err := os.ReadFile(u.configuration)
	if err != nil {
		t.Fatal(err)
	}
	feeds := regexp.MustCompile(`feeds: \{.*edges.*\}`) // of emea
	good := feeds.ReplaceAllString(string(text), "feeds: {events: off, quota: off, users: 1s}")
	variants := []struct {
		text   string
		status int
	}{
		{strings.Replace(good, "protect_after: 0s", "protect_after: 1ms", 1), 200},
		{strings.Replace(good, "users: 1s", "users: 900ms", 1), 200},
		{strings.Replace(good, "capacity: 1ms", "capacity: 1m", 1), 200},
		{"presence: 7", 500},
		{good, 200},
	}
	stop := u.scraped(t, 3)
	for i := range rounds {
		action := simulator.TakeContact
		if i%3 == 1 {
			action = simulator.EndContact
		}
		do(t, u.world, "us", agents, action)
		v := variants[i%len(variants)]
		if err := os.WriteFile(u.configuration, []byte(v.text), 0o600); err != nil {
			t.Error(err)
		}
		if status, body := u.do(t, http.MethodPost, "/-/reload"); status != v.status {
			t.Errorf("reload %d = %d %s, want %d", i, status, body, v.status)
		}
	}
	stop()
	do(t, u.world, "us", agents, simulator.TakeContact)
	s := u.until(t, "all are protected", func(s samples) bool {
		return s.find(t, "ccaas_presence_changes_total", `action="protect"`, `result="written"`) != "" && protected(u.world, n) == n
	})
	if got := s.find(t, "ccaas_presence_source_lost"); got != "0" {
		t.Errorf("source_lost = %s, want 0", got)
	}
	writer, _ := u.world.WriterCredentials("emea")
	for _, one := range u.world.Writes("emea") {
		if one.Client != writer || one.Definition == offlinePresence {
			t.Errorf("write = %+v, want none by the reading client, and none of an agent who is given up", one)
		}
	}
}

// protected counts the first n agents whose presence was written last for a contact.
func protected(w *simulator.World, n int) (count int) {
	last := map[string]simulator.PresenceWrite{}
	for _, one := range w.Writes("emea") {
		last[one.User] = one
	}
	for _, p := range w.Persons("emea")[:n] {
		if last[p.ID].Status == http.StatusOK && last[p.ID].Bulk {
			count++
		}
	}
	return count
}
