package notify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

const (
	// manyRefusals in a row make a channel not worth another try.
	manyRefusals = 3
	// retryAfter a failed renewal. A channel is renewed after half of its life, so there is time.
	retryAfter = time.Minute
)

var errNoTopics = errors.New("no queue, trunk or edge to subscribe to")

// plan spreads topics over channels. What does not fit on as many channels as there may be is left out.
func (s *Stream) plan(topics []string) [][]string {
	lists := slices.Collect(slices.Chunk(topics, maxTopics))
	return lists[:min(len(lists), s.MaxChannels)]
}

// establish makes sure of the channels and their subscriptions, and connects. With an error it returns the sockets that
// are open all the same.
func (s *Stream) establish(ctx context.Context, to Subscriber) (sockets []*socket, err error) {
	lists := s.plan(to.Topics())
	if len(lists) == 0 {
		return nil, errNoTopics
	}
	if err := s.prepare(ctx, len(lists)); err != nil {
		return nil, err
	}
	for i, c := range s.channels {
		if err := s.assign(ctx, c, lists[i], false); err != nil {
			return nil, err
		}
	}
	s.updateCoverage(to)
	for _, c := range s.channels {
		k, err := s.connect(ctx, c)
		if err != nil {
			if c.refusals++; c.refusals >= manyRefusals {
				s.discard(c)
				s.logUnreleased(s.releaseChannel(ctx, c)) // nothing listens to its events
			}
			return sockets, err
		}
		c.refusals = 0
		sockets = append(sockets, k)
	}
	return sockets, nil
}

// prepare keeps the channels that still live, and makes as many more as are needed.
func (s *Stream) prepare(ctx context.Context, wanted int) error {
	for _, c := range slices.Clone(s.channels) {
		alive, err := s.alive(ctx, c)
		if err != nil {
			return err
		}
		if !alive {
			s.discard(c)
			if s.endReason == endClosed {
				s.endReason = endChannel
			}
		}
	}
	for len(s.channels) < wanted {
		c, err := s.open(ctx)
		if err != nil {
			return err
		}
		s.channels = append(s.channels, c)
	}
	for _, c := range s.channels[wanted:] {
		s.logUnreleased(s.releaseChannel(ctx, c))
	}
	s.channels = s.channels[:wanted]
	return nil
}

// discard forgets a channel: the next run makes another.
func (s *Stream) discard(c *channel) {
	s.channels = slices.DeleteFunc(s.channels, func(kept *channel) bool { return kept == c })
}

// assign subscribes a channel to a list of topics, unless it is already.
func (s *Stream) assign(ctx context.Context, c *channel, list []string, anew bool) error {
	if !anew && slices.Equal(c.topics, list) {
		return nil
	}
	err := s.subscribe(ctx, c, list)
	if isGone(err) {
		s.discard(c)
	}
	return err
}

// updateCoverage says which topics are subscribed to, and logs which are not when that changes.
func (s *Stream) updateCoverage(to Subscriber) {
	held, problems := map[string]bool{}, map[string]int{}
	for _, c := range s.channels {
		for _, topic := range c.topics {
			held[topic] = true
		}
		for _, topic := range c.rejected {
			delete(held, topic.ID)
			kind, _ := s.forms.read(topic.ID)
			problems[strings.TrimSpace(fmt.Sprintf("%s rejected: %.100s %.100s", kind, topic.Reason, strings.Join(topic.Missing, " ")))]++
		}
	}
	s.metrics.topics.Set(float64(len(held)))
	to.Subscribed(held)
	if beyond := len(to.Topics()) - s.MaxChannels*maxTopics; beyond > 0 {
		problems["beyond stream.max_channels"] = beyond
	}
	var lines []string
	for _, problem := range slices.Sorted(maps.Keys(problems)) {
		lines = append(lines, fmt.Sprintf("%d %s", problems[problem], problem))
	}
	if warning := strings.Join(lines, "; "); warning != s.lastWarning {
		s.lastWarning = warning
		if warning == "" {
			s.Log.Info("stream carries all topics now")
		} else {
			s.Log.Warn("stream lacks topics, polls stand in for them", "topics", feed.Redact(warning))
		}
	}
}

// maintain reconciles, and keeps the subscriptions alive and up to date.
func (s *Stream) maintain(ctx context.Context, to Subscriber) error {
	reconcile := time.NewTimer(0) // at once
	renew := time.NewTimer(s.renewal())
	defer reconcile.Stop()
	defer renew.Stop()
	for {
		anew := false
		select {
		case <-ctx.Done():
			return nil
		case <-s.dropped:
			reconcile.Reset(s.Pace.Reconcile)
			continue
		case <-reconcile.C:
			to.Reconcile(ctx, time.Unix(0, s.reliableSince.Load()))
			continue
		case <-s.Changed:
		case <-renew.C:
			anew = true
		}
		changed, err := s.update(ctx, to, anew)
		if _, ends := errors.AsType[*endError](err); ends {
			return err
		}
		renew.Reset(s.renewal())
		if err != nil {
			s.Log.Warn("subscription failed", "reason", string(platform.ReasonOf(err)), "err", err)
			renew.Reset(retryAfter)
		}
		if changed { // events of the new topics were not received until now
			s.reliableSince.Store(time.Now().UnixNano())
			reconcile.Reset(0)
		}
	}
}

// renewal is how long the subscriptions need no renewal: half of the shortest life that is left, but not beyond the end
// of the token, with whose rights they end.
func (s *Stream) renewal() time.Duration {
	left := channelLife
	for _, c := range s.channels {
		left = min(left, time.Until(c.expires))
	}
	return max(min(left/2, time.Until(s.Client.Auth().Expiry)), time.Second)
}

// update subscribes to what the topics have become, or to everything anew.
func (s *Stream) update(ctx context.Context, to Subscriber, anew bool) (changed bool, err error) {
	lists := s.plan(to.Topics())
	if len(lists) != len(s.channels) {
		return false, &endError{reason: endTopics}
	}
	defer s.updateCoverage(to)
	for i, c := range slices.Clone(s.channels) {
		changed = changed || !slices.Equal(c.topics, lists[i])
		if err := s.assign(ctx, c, lists[i], anew); err != nil {
			if isGone(err) {
				return changed, &endError{endChannel, err}
			}
			return changed, err
		}
	}
	return changed, nil
}
