package cxone

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/health"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// canaries are what must not leave the package: a name, an e-mail address, a login, an id.
var canaries = []string{"Jane Canary", "canary.jane@example.com", "canary-login", "17400471"}

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
	tenants := &staff{answers: map[string]string{}, text: `{"error":"some_error","error_description":"agent Jane Canary canary.jane@example.com 17400471"}`}
	c := account(tenant(t, tenants.ServeHTTP))
	c.RateLimit = settings.RateLimit{RequestsPerMinute: 60_000, Burst: 1000}
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelInfo}))
	source, err := c.Open(health.Surroundings{Thresholds: settings.DefaultThresholds, Directory: time.Hour, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	account := feed.NewAccount(t.Context(), source, feed.PlaneLimits{}, logger)
	t.Cleanup(account.Close)

	person := `{"agentId":17400471,"userName":"canary-login","emailAddress":"canary.jane@example.com","isActive":"Jane Canary","firstName":"Jane Canary"}`
	state := `{"agentId":17400471,"agentStateId":3,"startDate":"Jane Canary","lastUpdateTime":"canary.jane@example.com","userName":"canary-login"}`
	answers := [][2]string{
		{directoryList(0, -1, person, agentNamed(2), agentNamed(3)), stateList(0, -1, state, stated(2, 1, 1), stated(3, 1, 1))},
		{directoryList(0, -1, person), stateList(0, -1, state)},
		{directoryList(0, 7, person), stateList(0, 7, state)},
		{`"Jane Canary canary.jane@example.com"`, `"Jane Canary canary.jane@example.com"`},
		{`{"agents":"Jane Canary"}`, `{"agentStates":"Jane Canary"}`},
		{`{"agents":[Jane Canary]}`, `{"agentStates":[Jane Canary]}`},
		{`Jane Canary`, `Jane Canary`},
	}
	for _, status := range []string{"400", "401", "403", "404", "409", "500", "429"} {
		answers = append(answers, [2]string{status, status})
	}
	for i, answer := range answers {
		tenants.set(pathAgents, answer[0])
		tenants.set(pathAgentStates, answer[1])
		listed := account.Poll(t.Context(), feedDirectory)
		read := account.Poll(t.Context(), feedAgents)
		wantNoCanary(t, fmt.Sprintf("an error after answer %d", i), fmt.Sprint(listed, read))
		if roster := source.Persons.Roster(); roster == nil || roster.Persons["17400471"].Email != "canary.jane@example.com" ||
			roster.Activities["17400471"].State != "engaged" {
			t.Errorf("the roster after answer %d is %+v", i, roster)
		}
	}
	exported := account.State()
	wantNoCanary(t, "the state of the account", fmt.Sprintf("%+v", exported.Feeds))
	for _, snapshot := range exported.Snapshots {
		wantNoCanary(t, "a snapshot", fmt.Sprintf("%+v", *snapshot))
	}
	wantNoCanary(t, "the log", log.String())
	if !strings.Contains(log.String(), "feed failed") {
		t.Errorf("the log does not say that a feed failed:\n%s", log.String())
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(source.Metrics)
	families, err := registry.Gather()
	if err != nil || !strings.Contains(fmt.Sprint(families), opAgents) {
		t.Errorf("metrics = %v, %v", families, err)
	}
	wantNoCanary(t, "the metrics", fmt.Sprint(families))
}
