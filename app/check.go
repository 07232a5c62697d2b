package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

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
	for i, wanted := range config.accountSettings() {
		source, cut, err := a.source(plan, config.accounts[i].path, wanted)
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
	return printPlan(out, sources, config.Presence)
}
