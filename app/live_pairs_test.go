package app

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// pairCase is something about a pair, and what the check says of it.
type pairCase struct {
	change func(w *simulator.World, config string) string
	rows   map[string]string
	code   string
	want   []string
}

func pairCases() map[string]pairCase {
	return map[string]pairCase{
		"works": {
			rows: map[string]string{"matching": "ok", "rules": "ok"}, code: "not_checked",
			want: []string{"us-emea rules: whether the client of the sync may write (presence:userPresence:edit) is not checked: no call that only " +
				"reads shows it, the first write does"},
		},
		"wrong secret of the writer": {
			change: func(w *simulator.World, config string) string {
				_, secret := w.WriterCredentials("emea")
				return strings.Replace(config, secret, "wrong", 1)
			},
			rows: map[string]string{"matching": "ok", "rules": "failed: auth"}, code: "login_refused",
			want: []string{"us-emea rules: the login host refuses the client: are its id and secret right, is it enabled, and is it made for this kind of login?"},
		},
		"definitions forbidden": {
			change: func(w *simulator.World, config string) string {
				w.Inject("emea", simulator.Fault{Path: "/api/v2/presence/definitions", Status: http.StatusForbidden, Body: "{}"})
				return config
			},
			rows: map[string]string{"matching": "ok", "rules": "failed: forbidden"}, code: "forbidden",
			want: []string{
				"emea definitions: the client lacks a permission; the feed needs presence:presenceDefinition:view: add what is missing to the role of the client",
				"us-emea rules: the client lacks a permission; the feed needs presence:presenceDefinition:view: add what is missing to the role of the client",
			},
		},
		"rules that name nothing": {
			change: func(_ *simulator.World, config string) string {
				return strings.Replace(config, "state: engaged, presence: CXone Interaction", "state: engaged, presence: Nap", 1)
			},
			rows: map[string]string{"matching": "ok", "rules": "failed: rules"}, code: "rules",
			want: []string{`us-emea rules: rules[0].presence: there is no presence definition "Nap"`},
		},
		"agents not read": {
			change: func(w *simulator.World, config string) string {
				w.Inject("emea", simulator.Fault{Path: "/api/v2/users", Exact: true, Status: http.StatusForbidden, Body: "{}"})
				return config
			},
			rows: map[string]string{"matching": "failed: persons", "rules": "ok"}, code: "persons",
			want: []string{"us-emea matching: the agents of account emea were not read: see the failures of its own feeds"},
		},
		"no person on both sides": {
			change: func(_ *simulator.World, config string) string {
				return strings.Replace(config, "    sync:\n", "    exclude: [\"*\"]\n    sync:\n", 1)
			},
			rows: map[string]string{"matching": "failed: persons", "rules": "ok"}, code: "persons",
			want: []string{"us-emea matching: no agent was found on both accounts: look at match, and at agents and exclude " +
				"(do both sides have e-mail addresses, and does the target keep the ids of the source?)"},
		},
		"redis gone": {
			change: func(_ *simulator.World, config string) string { return "redis: {address: \"127.0.0.1:1\"}\n" + config },
			rows:   map[string]string{"matching": "ok", "rules": "ok", "redis": "failed: redis"}, code: "redis",
			want: []string{"us-emea redis: Redis cannot be reached: look at redis.address, DNS and the firewall, and whether the server wants TLS " +
				"(redis.tls_config)"},
		},
	}
}

// TestLiveCheckOfPairs checks pairs in worlds where something is wrong with them.
func TestLiveCheckOfPairs(t *testing.T) {
	for name, test := range pairCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := liveWorld(t)
			config, _, _ := strings.Cut(demoConfig(world), "sip_targets:")                                  // bursts take a second,
			config = strings.Replace(config, "    sync:\n", "    match: [email, username]\n    sync:\n", 1) // external ids four
			if test.change != nil {
				config = test.change(world, config)
			}
			report, text := checkWorld(t, config)
			if diff := cmp.Diff(test.rows, report.rows("us-emea")); diff != "" {
				t.Errorf("rows (-want +got):\n%s\n%s", diff, text)
			}
			if diff := cmp.Diff(test.want, report.texts(test.code)); diff != "" {
				t.Errorf("findings of %s (-want +got):\n%s\n%s", test.code, diff, text)
			}
			if writes := world.Writes("emea"); len(writes) > 0 {
				t.Errorf("the check writes %v, want nothing", writes)
			}
			for _, side := range []string{"us", "emea"} {
				for _, person := range world.Persons(side) {
					if person.Email != "" && strings.Contains(text, person.Email) {
						t.Errorf("the report names %s", person.Email)
					}
				}
			}
		})
	}
}
