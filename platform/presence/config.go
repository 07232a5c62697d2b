package presence

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// Config is one pair of accounts in the configuration file.
type Config struct {
	Name      string         `yaml:"name"`      // label pair; also the label account of the writer's own API metrics
	Source    string         `yaml:"source"`    // account whose agents' states are followed
	Target    string         `yaml:"target"`    // account on which the same agents have a presence
	Directory model.Duration `yaml:"directory"` // how often the agents of both accounts are listed
	Match     []Key          `yaml:"match"`     // in this order
	// Agents are ids of the source's agents with the ids of the same persons on the target, before every other match.
	Agents  map[string]string `yaml:"agents,omitempty"`
	Exclude []string          `yaml:"exclude,omitempty"` // patterns of e-mail addresses, user names and ids of agents that are left alone
	Sync    *SyncConfig       `yaml:"sync,omitempty"`    // nil: compared only, nothing is ever written
}

// DefaultConfig is a pair of which nothing is said yet.
func DefaultConfig() Config {
	return Config{Directory: model.Duration(time.Hour), Match: []Key{ByExternalID, ByEmail, ByUsername}}
}

// UnmarshalYAML fills in the defaults.
func (c *Config) UnmarshalYAML(unmarshal func(any) error) error {
	type plain Config
	*c = DefaultConfig()
	return unmarshal((*plain)(c))
}

// Key is what persons are matched by.
type Key string

// The keys.
const (
	ByExternalID Key = "external_id" // the id of the source's agent, as the target keeps it
	ByEmail      Key = "email"
	ByUsername   Key = "username"
)

// SyncConfig is how presences are written. Writing needs a client of its own.
type SyncConfig struct {
	DryRun          bool `yaml:"dry_run"` // decide, count and log, but write nothing; the default
	settings.Client `yaml:",inline"`
	Poll            model.Duration `yaml:"poll"` // of the source's states
	Rules           []Rule         `yaml:"rules"`
	// WhileInteracting is what happens to an agent who is on a contact of the target.
	WhileInteracting WhileInteracting `yaml:"while_interacting"`
	ProtectAfter     model.Duration   `yaml:"protect_after"` // how long an agent must be busy on the source before protection
	ReleaseAfter     model.Duration   `yaml:"release_after"` // and no longer busy before release
	// ManualOverride is how long an agent's own later choice stands: until the source's state asks for something else (0), or for a
	// time, whatever the source's state asks for meanwhile.
	ManualOverride Override         `yaml:"manual_override"`
	Reconcile      model.Duration   `yaml:"reconcile"` // between two full reads of both sides, at most
	SourceLost     SourceLostConfig `yaml:"source_lost"`
	MaxChanges     int              `yaml:"max_changes_per_minute"` // of all agents
}

// DefaultSyncConfig is a sync of which nothing is said yet: a dry run.
func DefaultSyncConfig() SyncConfig {
	return SyncConfig{
		DryRun:           true,
		Client:           settings.Client{RateLimit: settings.RateLimit{RequestsPerMinute: 240, Burst: 10}},
		Poll:             model.Duration(5 * time.Second),
		WhileInteracting: ProtectInteracting,
		ReleaseAfter:     model.Duration(5 * time.Second),
		Reconcile:        model.Duration(5 * time.Minute),
		SourceLost:       SourceLostConfig{After: model.Duration(90 * time.Second), Failures: 3, Presence: "Offline", MaxShare: 1},
		MaxChanges:       600,
	}
}

// UnmarshalYAML fills in the defaults.
func (c *SyncConfig) UnmarshalYAML(unmarshal func(any) error) error {
	type plain SyncConfig
	*c = DefaultSyncConfig()
	return unmarshal((*plain)(c))
}

// Rule says which presence a state of the source asks for. Exactly one of Presence, Release and Leave is given.
type Rule struct {
	State    platform.AgentState `yaml:"state"`
	Code     string              `yaml:"code,omitempty"`     // pattern of the unavailable code's name; "" = any
	Presence string              `yaml:"presence,omitempty"` // name or id of a presence definition
	Release  Release             `yaml:"release,omitempty"`
	Leave    bool                `yaml:"leave,omitempty"` // nothing is written
}

// Release is what an agent gets back who is free again on the source.
type Release string

// The releases.
const (
	ReleasePrevious  Release = "previous"  // what the agent had before the sync wrote
	ReleaseOnQueue   Release = "on_queue"  // likewise, and On Queue for whom the sync took off queue
	ReleaseAvailable Release = "available" // the presence Available
)

// WhileInteracting decides whether an agent is taken off queue who is on a contact of the target: the contact stays, but no new one
// comes.
type WhileInteracting string

// The choices.
const (
	ProtectInteracting WhileInteracting = "protect"
	WaitForInteraction WhileInteracting = "wait"
)

// Override is how long a person's own choice stands, whatever the state of the source asks for meanwhile; 0 = until the state of the
// source asks for something else.
type Override time.Duration

// ended reports whether the choice in a record has ended, given what the rules want now.
func (o Override) ended(r record, wants string, now time.Time) bool {
	if o == 0 {
		return wants != r.Chose
	}
	return now.Sub(r.ChoseAt) >= time.Duration(o)
}

// untilChange is how an Override of 0 is written.
const untilChange = "until_change"

// UnmarshalYAML reads until_change or a duration.
func (o *Override) UnmarshalYAML(unmarshal func(any) error) error {
	var text string
	if err := unmarshal(&text); err != nil {
		return err
	}
	*o = 0
	if text == untilChange {
		return nil
	}
	d, err := model.ParseDuration(text)
	if err != nil || d == 0 {
		return fmt.Errorf("%q is neither %s nor a duration such as 15m", text, untilChange)
	}
	*o = Override(d)
	return nil
}

// MarshalYAML writes what UnmarshalYAML reads.
func (o Override) MarshalYAML() (any, error) {
	if o == 0 {
		return untilChange, nil
	}
	return model.Duration(o).String(), nil
}

// SourceLostConfig says what happens when the source cannot be read.
type SourceLostConfig struct {
	After    model.Duration `yaml:"after"`     // since the last read
	Failures int            `yaml:"failures"`  // and this many failed reads in a row
	Presence string         `yaml:"presence"`  // name or id of the presence definition that agents get who were logged in
	MaxShare float64        `yaml:"max_share"` // of those agents, at most
}

// UnmarshalYAML fills in the defaults.
func (c *SourceLostConfig) UnmarshalYAML(unmarshal func(any) error) error {
	type plain SourceLostConfig
	*c = DefaultSyncConfig().SourceLost
	return unmarshal((*plain)(c))
}
