package app

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// syncPlan is two accounts and a sync with settings of its own, and more pairs.
const syncPlan = `
genesys: [{name: emea, region: eu-central-1, client_id: id, client_secret: x}]
cxone: [{name: us, access_key_id: id, access_key_secret: x%s}]
presence:
  - name: us-emea
    source: us
    target: emea
    sync: {client_id: id, client_secret: x, rules: [{state: engaged, presence: Busy}]%s}
%s`

const secondSync = `  - {name: again, source: us, target: emea, sync: {client_id: id, client_secret: x, poll: 10s, rules: [{state: engaged, presence: Busy}]}}
`

func TestPlanOfSyncs(t *testing.T) {
	for name, tc := range map[string]struct {
		account, sync, more string
		want                []string
		refused             string // "" = none
	}{
		"as it is": {"", "", "", []string{
			"us agents 5s 1 12.0", "us-emea definitions 1h 1 0.0", "us-emea writes 1s 1 60.0", "us-emea total 60.0 240 300",
		}, ""},
		"polls rarer than the feed's": {"", ", poll: 2m", "", []string{"us agents 30s 1 2.7"}, ""},
		"two pairs of one source":     {"", "", secondSync, []string{"us agents 5s 1 18.0", "again writes 1s 1 60.0"}, ""},
		"few changes a minute":        {"", ", max_changes_per_minute: 20", "", []string{"us-emea writes 1s 1 20.0"}, ""},
		"a writer with too small a budget": {
			"", ", rate_limit: {requests_per_minute: 50}", "", nil,
			"us-emea: the feeds plan 60.0 calls a minute, above the budget of 50",
		},
		"a source with too small a budget": {
			", rate_limit: {requests_per_minute: 40, burst: 5}", ", poll: 1s", "", nil, "us: the feeds plan ",
		},
	} {
		file := writeFile(t, "config.yml", fmt.Sprintf(syncPlan, tc.account, tc.sync, tc.more))
		var out bytes.Buffer
		err := Run(t.Context(), []string{"--config.check", "--config.file=" + file}, &out, io.Discard)
		if (err == nil) != (tc.refused == "") || err != nil && !strings.Contains(err.Error(), tc.refused) {
			t.Errorf("%s: check = %v, want %q", name, err, tc.refused)
		}
		var rows []string
		for line := range strings.Lines(out.String()) {
			rows = append(rows, strings.Join(strings.Fields(line), " "))
		}
		if got := slices.DeleteFunc(slices.Clone(tc.want), func(want string) bool { return !slices.Contains(rows, want) }); !cmp.Equal(tc.want, got) {
			t.Errorf("%s: plan = %q, want %q in it", name, rows, tc.want)
		}
	}
}
