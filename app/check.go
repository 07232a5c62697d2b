package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"text/tabwriter"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// check validates the configuration and prints, for each feed, the calls per minute that it plans. A plan that does not
// fit into its account's budget is an error.
func check(ctx context.Context, load func() (*Config, error), out io.Writer, log *slog.Logger) error {
	config, err := load()
	if err != nil {
		return err
	}
	var sources []feed.Source
	persons := map[string]feed.Persons{} // by account
	a, plan := newApp(ctx, load, log), &setup{config: config}
	defer a.close()
	defer plan.stopAllBut(&setup{})
	warnings := config.missingFiles()
	problems := append(a.buildFollowed(plan, &setup{}), checkWebhooksWeb(config.Webhooks))
	for i, settings := range config.accountSettings() {
		source, cut, err := a.source(plan, config.accounts[i].path, settings)
		problems = append(problems, placed(config.accounts[i].path, err))
		warnings = append(warnings, cut...)
		sources = append(sources, source)
		if err == nil {
			persons[config.accounts[i].Label()] = source.Persons
		}
		if source.Close != nil {
			defer source.Close()
		}
	}
	for i, c := range config.Presence {
		p := &pair{settings: pairSettings{c, config.Redis}}
		err := a.openPair(plan, p)
		if err == nil {
			sources = append(sources, p.opened)
			defer p.stop()
			from, opened := persons[c.Source]
			if to, too := persons[c.Target]; opened && too { // those that could not be opened are reported
				err = unread(c, [2]feed.Persons{from, to})
			}
		}
		problems = append(problems, placed(fmt.Sprintf("presence[%d]", i), err))
	}
	if err := errors.Join(problems...); err != nil {
		return settings.MaskError(err)
	}
	for _, warning := range warnings {
		fmt.Fprintln(out, "warning:", warning)
	}
	return printPlan(out, sources)
}

// printPlan writes a table: when every list fits on one page, with runs as early as their jitter allows.
func printPlan(out io.Writer, sources []feed.Source) error {
	var problems []error
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ACCOUNT\tFEED\tEVERY\tCALLS/RUN\tCALLS/MIN\tBUDGET\tVENDOR LIMIT")
	for _, s := range sources {
		total := 0.0
		for _, f := range s.Feeds {
			if f.Serve != nil { // a stream makes a few calls when it starts
				continue
			}
			perMinute := f.Calls / (f.MinInterval.Minutes() * (1 - feed.Jitter))
			total += perMinute
			fmt.Fprintf(w, "%s\t%s\t%v\t%g\t%.1f\t\t\n", s.Name, f.Name, settings.Interval(f.MinInterval), f.Calls, perMinute)
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
