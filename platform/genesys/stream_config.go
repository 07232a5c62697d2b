package genesys

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/common/model"
)

// channelsPerClient is how many notification channels the platform keeps for a user and an application. One more
// silently ends the one unused longest.
const channelsPerClient = 20

// StreamConfig says what comes by push over the platform's notification service. What does, is polled only every
// Reconcile while the stream is connected.
type StreamConfig struct {
	Enabled bool `yaml:"enabled"`
	Queues  bool `yaml:"queues"`
	Trunks  bool `yaml:"trunks"`
	Edges   bool `yaml:"edges"`
	// Conversations measures how long contacts wait (ccaas_queue_wait_seconds). These events are large and hold
	// personal data, of which nothing is kept.
	Conversations bool           `yaml:"conversations"`
	Reconcile     model.Duration `yaml:"reconcile"`
	// MaxChannels of up to 1,000 topics each. A queue takes one topic, a second for conversations; a trunk instance two;
	// an edge one, and a second when it is not a cloud media edge.
	MaxChannels int `yaml:"max_channels"`
}

// DefaultStreamConfig is off.
var DefaultStreamConfig = StreamConfig{
	Queues: true, Trunks: true, Edges: true, Reconcile: model.Duration(10 * time.Minute), MaxChannels: 1,
}

// UnmarshalYAML fills in the defaults.
func (c *StreamConfig) UnmarshalYAML(unmarshal func(any) error) error {
	type plain StreamConfig
	*c = DefaultStreamConfig
	return unmarshal((*plain)(c))
}

// Validate returns every problem, each beginning with its key.
func (c StreamConfig) Validate(feeds FeedIntervals) (problems []error) {
	if c.Reconcile <= 0 {
		problems = append(problems, fmt.Errorf("reconcile: %v is not positive", c.Reconcile))
	}
	if c.MaxChannels < 1 || c.MaxChannels > channelsPerClient {
		problems = append(problems, fmt.Errorf("max_channels: %d is not between 1 and %d", c.MaxChannels, channelsPerClient))
	}
	if c.Enabled && c.Conversations && feeds.Queues == 0 {
		problems = append(problems, errors.New("conversations: needs feeds.queues, which is off"))
	}
	carries := c.Queues && feeds.Queues != 0 || c.Trunks && feeds.Trunks != 0 || c.Edges && feeds.Edges != 0 ||
		c.Conversations && feeds.Queues != 0
	if c.Enabled && !carries {
		problems = append(problems, errors.New("enabled: nothing to carry, expected one of queues, trunks, edges and conversations whose feed is on"))
	}
	return problems
}
