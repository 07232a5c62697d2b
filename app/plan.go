package app

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/presence"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// planned are calls that an account makes again and again.
type planned struct {
	name      string
	every     time.Duration
	calls     float64 // each time
	perMinute float64 // at most
}

// plannedBy returns the calls that a source plans: when every list fits on one page, with runs as early as their jitter allows.
// A stream makes a few calls when it starts, which do not count.
func plannedBy(s feed.Source, pairs []presence.Config) (rows []planned) {
	for _, f := range s.Feeds {
		if f.Serve != nil {
			continue
		}
		row := planned{f.Name, f.MinInterval, f.Calls, f.Calls / (f.MinInterval.Minutes() * (1 - feed.Jitter))}
		if f.Name == s.Persons.Activities {
			row.poll(syncPolls(s.Name, pairs))
		}
		rows = append(rows, row)
	}
	for _, p := range pairs {
		if p.Name == s.Name && p.Sync != nil {
			rows = append(rows, writesOf(p)...)
		}
	}
	return rows
}

// syncPolls returns how often each sync reads the states of a source.
func syncPolls(account string, pairs []presence.Config) (polls []time.Duration) {
	for _, p := range pairs {
		if p.Source == account && p.Sync != nil {
			polls = append(polls, time.Duration(p.Sync.Poll))
		}
	}
	return polls
}

// poll adds the runs of syncs, whose loops know no jitter. A scrape finds a run due only where every sync waits longer.
func (r *planned) poll(syncs []time.Duration) {
	total, own := 0.0, r.perMinute
	for _, every := range syncs {
		total += r.calls / every.Minutes()
		if every < r.every {
			r.every, own = every, 0
		}
	}
	r.perMinute = own + total
}

// writesOf returns the calls of a writer: at most a batch each second, and no more than there may be changes. Single writes take
// what the budget leaves, and wait for it.
func writesOf(p presence.Config) []planned {
	directory := time.Duration(p.Directory)
	return []planned{
		{"definitions", directory, 1, 1 / directory.Minutes()},
		{"writes", presence.BatchEvery, 1, min(1/presence.BatchEvery.Minutes(), float64(p.Sync.MaxChanges))},
	}
}

// printPlan writes a table of the calls that each account plans. A plan that does not fit into its account's budget is an error.
func printPlan(out io.Writer, sources []feed.Source, pairs []presence.Config) error {
	var problems []error
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ACCOUNT\tFEED\tEVERY\tCALLS/RUN\tCALLS/MIN\tBUDGET\tVENDOR LIMIT")
	for _, s := range sources {
		total := 0.0
		for _, row := range plannedBy(s, pairs) {
			total += row.perMinute
			fmt.Fprintf(w, "%s\t%s\t%v\t%g\t%.1f\t\t\n", s.Name, row.name, settings.Interval(row.every), row.calls, row.perMinute)
		}
		limit := "not published"
		if s.Budget.Limit > 0 {
			limit = strconv.FormatFloat(s.Budget.Limit, 'g', -1, 64)
		}
		fmt.Fprintf(w, "%s\ttotal\t\t\t%.1f\t%g\t%s\n", s.Name, total, s.Budget.PerMinute, limit)
		if total > s.Budget.PerMinute {
			problems = append(problems, fmt.Errorf("%s: the feeds plan %.1f calls a minute, above the budget of %g: lengthen their intervals or raise rate_limit.requests_per_minute",
				s.Name, total, s.Budget.PerMinute))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return errors.Join(problems...)
}
