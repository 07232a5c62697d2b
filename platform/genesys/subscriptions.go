package genesys

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

// This file brings topics onto channels: which, on how many, and whether the platform accepted them.

const (
	// manyRefusals in a row make a channel not worth another try.
	manyRefusals = 3
	// retryAfter a failed renewal. A channel is renewed after half of its life, so there is time.
	retryAfter = time.Minute
)

var errNoTopics = errors.New("no queue, trunk or edge to subscribe to")

// plan spreads the topics over channels: those of edges first, then trunks, queues, and conversations. What does not fit
// on as many channels as there may be is left to polls.
func (s *stream) plan() (lists [][]string) {
	var topics []string
	for _, subject := range s.subjects {
		topics = append(topics, subject.topics()...)
	}
	if s.waits != nil {
		topics = append(topics, s.client.queues.conversationTopics()...)
	}
	lists = slices.Collect(slices.Chunk(topics, maxTopics))
	return lists[:min(len(lists), s.limit)]
}

// establish makes sure of the channels and their subscriptions, and connects. With an error it returns the sockets that
// are open all the same.
func (s *stream) establish(ctx context.Context) (sockets []*socket, err error) {
	lists := s.plan()
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
	s.updateCoverage()
	for _, c := range s.channels {
		k, err := s.connect(ctx, c)
		if err != nil {
			if c.refusals++; c.refusals >= manyRefusals {
				s.discard(c)
			}
			return sockets, err
		}
		c.refusals = 0
		sockets = append(sockets, k)
	}
	return sockets, nil
}

// prepare keeps the channels that still live, and makes as many more as are needed.
func (s *stream) prepare(ctx context.Context, wanted int) error {
	for _, c := range slices.Clone(s.channels) {
		alive, err := s.alive(ctx, c)
		if err != nil {
			return err
		}
		if !alive {
			s.discard(c)
			if s.endReason == cutClosed {
				s.endReason = cutChannel
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
		if err := s.releaseChannel(ctx, c); err != nil {
			s.log.Info("channel not released", "reason", string(platform.ReasonOf(err)), "err", err)
		}
	}
	s.channels = s.channels[:wanted]
	return nil
}

// discard forgets a channel: the next run makes another.
func (s *stream) discard(c *channel) {
	s.channels = slices.DeleteFunc(s.channels, func(kept *channel) bool { return kept == c })
}

// assign subscribes a channel to a list of topics, unless it is already.
func (s *stream) assign(ctx context.Context, c *channel, list []string, anew bool) error {
	if !anew && slices.Equal(c.topics, list) {
		return nil
	}
	err := s.subscribe(ctx, c, list)
	if isGone(err) {
		s.discard(c)
	}
	return err
}

// updateCoverage notes which subjects are covered, and logs what polls have to stand in for when that changes.
func (s *stream) updateCoverage() {
	held, problems := map[string]bool{}, map[string]int{}
	for _, c := range s.channels {
		for _, topic := range c.topics {
			held[topic] = true
		}
		for _, topic := range c.rejected {
			delete(held, topic.ID)
			k, _ := readTopic(topic.ID)
			problems[strings.TrimSpace(fmt.Sprintf("%s rejected: %.100s %.100s", k, topic.Reason, strings.Join(topic.Missing, " ")))]++
		}
	}
	s.metrics.topics.Set(float64(len(held)))
	wanted := 0
	for _, subject := range s.subjects {
		topics := subject.topics()
		wanted += len(topics)
		missing := slices.ContainsFunc(topics, func(topic string) bool { return !held[topic] })
		subject.state().subscribed.Store(!missing && !subject.needsPoll())
	}
	if s.waits != nil {
		wanted += len(s.client.queues.conversationTopics())
	}
	if room := s.limit * maxTopics; wanted > room {
		problems["beyond stream.max_channels"] = wanted - room
	}
	var lines []string
	for _, problem := range slices.Sorted(maps.Keys(problems)) {
		lines = append(lines, fmt.Sprintf("%d %s", problems[problem], problem))
	}
	if told := strings.Join(lines, "; "); told != s.lastWarning {
		s.lastWarning = told
		if told == "" {
			s.log.Info("stream carries all topics now")
		} else {
			s.log.Warn("stream lacks topics, polls stand in for them", "topics", feed.Redact(told))
		}
	}
}

// maintain reconciles, and keeps the subscriptions alive and up to date.
func (s *stream) maintain(ctx context.Context, to feed.Stream) error {
	calm := time.NewTimer(0) // reconcile at once
	renew := time.NewTimer(s.renewal())
	defer calm.Stop()
	defer renew.Stop()
	for {
		anew := false
		select {
		case <-ctx.Done():
			return nil
		case <-s.dropped:
			calm.Reset(s.pace.reconcile)
			continue
		case <-calm.C:
			since := s.reliableSince.Load()
			// An error is the poll's to report, when a scrape runs it: its interval is short again.
			_ = s.poll(ctx, to, func(p *syncState) bool { return p.lastPoll.Load() < since })
			continue
		case <-s.topicsChanged:
		case <-renew.C:
			anew = true
		}
		changed, err := s.update(ctx, anew)
		if _, ends := errors.AsType[*cutError](err); ends {
			return err
		}
		renew.Reset(s.renewal())
		if err != nil {
			s.log.Warn("subscription failed", "reason", string(platform.ReasonOf(err)), "err", err)
			renew.Reset(retryAfter)
		}
		if changed { // nobody told what happened on the new topics until now
			s.reliableSince.Store(time.Now().UnixNano())
			calm.Reset(0)
		}
	}
}

// renewal is how long the subscriptions need no renewal: half of the shortest life that is left, but not beyond the end
// of the token, with whose rights they end.
func (s *stream) renewal() time.Duration {
	left := channelLife
	for _, c := range s.channels {
		left = min(left, time.Until(c.expires))
	}
	return max(min(left/2, time.Until(s.client.rest.Auth().Expiry)), time.Second)
}

// update subscribes to what the topics have become, or to everything anew.
func (s *stream) update(ctx context.Context, anew bool) (changed bool, err error) {
	lists := s.plan()
	if len(lists) != len(s.channels) {
		return false, &cutError{reason: cutTopics}
	}
	defer s.updateCoverage()
	for i, c := range slices.Clone(s.channels) {
		changed = changed || !slices.Equal(c.topics, lists[i])
		if err := s.assign(ctx, c, lists[i], anew); err != nil {
			if isGone(err) {
				return changed, &cutError{cutChannel, err}
			}
			return changed, err
		}
	}
	return changed, nil
}
