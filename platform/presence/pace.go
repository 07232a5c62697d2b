package presence

import (
	"time"

	"golang.org/x/time/rate"
)

const (
	// lasting is how long an agent should stay on queue for the request that it took.
	lasting = 2 * time.Minute
	// undoneCost is what a release costs more that did not last so long, in requests.
	undoneCost = 3
	paceBurst  = 10
)

// pace is how fast agents are put back on queue, which takes a request for each. It is the whole budget while releases last. While
// most agents are taken off queue again soon, it sinks to a quarter: those who have been free longest go first, and more requests
// would buy little.
type pace struct{ limiter *rate.Limiter }

func newPace(perMinute float64) pace {
	limit := rate.Limit(perMinute / 60)
	if perMinute <= 0 {
		limit = rate.Inf
	}
	return pace{rate.NewLimiter(limit, paceBurst)}
}

// ready reports whether an agent may be put on queue now.
func (p pace) ready(now time.Time) bool { return p.limiter.TokensAt(now) >= 1 }

// sent notes that an agent is put on queue.
func (p pace) sent(now time.Time) { p.limiter.AllowN(now, 1) }

// undone notes that an agent is taken off queue who was put there a short while ago. However many they are, the pace recovers within
// about a minute.
func (p pace) undone(now time.Time) {
	if p.limiter.TokensAt(now) > -60*float64(p.limiter.Limit()) {
		p.limiter.ReserveN(now, undoneCost)
	}
}
