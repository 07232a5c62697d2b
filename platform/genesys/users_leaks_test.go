package genesys

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// canaries are what must not leave the package: a name, an e-mail address, a login, ids.
var canaries = []string{"Jane Canary", "canary.jane@example.com", "canary-login", userID(1), userID(2), "canary-external"}

// wantNoCanary searches text for persons.
func wantNoCanary(t *testing.T, where, text string) {
	t.Helper()
	for _, canary := range canaries {
		if strings.Contains(text, canary) {
			t.Errorf("%s names %s:\n%.400s", where, canary, text)
		}
	}
}

// TestNobodyIsNamed lets everything succeed and fail that concerns persons. Logs from info up, errors, what a page shows of
// them, snapshots and metrics name no person.
func TestNobodyIsNamed(t *testing.T) {
	o := newOrganization(t)
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelInfo}))
	source, _ := o.source(t, compared(logger))
	account := feed.NewAccount(t.Context(), source, feed.PlaneLimits{}, logger)
	defer account.Close()
	w, writing := o.writer(t, nil)

	person := fmt.Sprintf(`{"id":%q,"name":"Jane Canary","email":"canary.jane@example.com","username":"canary-login","presence":{"message":"Jane Canary",
		"presenceDefinition":{"id":"d","systemPresence":"On Queue"},"modifiedDate":"Jane Canary"},"routingStatus":{"status":"IDLE"}}`, userID(1))
	good := usersAnswer(1, person, user(2, "On Queue", "IDLE"), user(3, "On Queue", "IDLE"))
	named := fmt.Sprintf(`{"message":"user Jane Canary canary.jane@example.com %s","code":"some.code","entityName":"Jane Canary"}`, userID(1))
	answers := []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/externalid") {
			fmt.Fprint(w, `[{"authorityName":"cxone","externalKey":"canary-external"}]`)
			return
		}
		fmt.Fprint(w, good)
	}}
	for _, body := range []string{`"Jane Canary canary.jane@example.com"`, `{"entities":"Jane Canary"}`, `[{"id":Jane Canary}]`, usersAnswer(1, person), `Jane Canary`} {
		answers = append(answers, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
	}
	for _, status := range []int{400, 401, 403, 404, 409, 418, 500, 429} {
		answers = append(answers, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, named)
		})
	}
	for i, answer := range answers {
		o.fails(answer)
		err := account.Poll(t.Context(), feedUsers)
		_, many := w.WriteMany(t.Context(), toBusy(2))
		_, one := w.WriteOne(t.Context(), toBusy(1)[0])
		wantNoCanary(t, fmt.Sprintf("an error after answer %d", i), fmt.Sprint(err, many, one))
		if i == 0 && (err != nil || externalOf(source.Persons.Roster())[userID(1)] != "canary-external") {
			t.Errorf("the roster was not read: %v", err)
		}
		if i > 5 && (many == nil || one == nil) {
			t.Errorf("writes succeed with answer %d", i)
		}
	}
	state := account.State()
	wantNoCanary(t, "the state of the account", fmt.Sprintf("%+v", state.Feeds)+mustJSON(t, state.Snapshots))
	wantNoCanary(t, "the log", log.String())
	if !strings.Contains(log.String(), "feed failed") {
		t.Errorf("the log does not say that the feed failed:\n%s", log.String())
	}
	for name, source := range map[string]feed.Source{"account": source, "writer": writing} {
		registry := prometheus.NewRegistry()
		registry.MustRegister(source.Metrics)
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		wantNoCanary(t, "the metrics of the "+name, fmt.Sprint(families))
		if !strings.Contains(fmt.Sprint(families), "operation") {
			t.Errorf("the %s has no metrics", name)
		}
	}
}
