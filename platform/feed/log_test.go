package feed

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// unlocked is a log that notes the lines that are written while an account is locked.
type unlocked struct {
	account *Account
	lines   int
	held    []string
}

func (u *unlocked) Write(line []byte) (int, error) {
	u.lines++
	for range 10_000 { // another run may hold the lock for a moment
		if u.account == nil {
			return len(line), nil
		}
		if u.account.mu.TryLock() {
			u.account.mu.Unlock()
			return len(line), nil
		}
		runtime.Gosched()
	}
	u.held = append(u.held, string(line))
	return len(line), nil
}

// TestLogWithoutLock writes every kind of line with the account unlocked: a log that is slow must not hold up scrapes.
func TestLogWithoutLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &unlocked{}
		runs, connects := 0, 0
		log.account = NewAccount(t.Context(), Source{
			Platform: "genesys", Name: "emea", Info: func() Info { return Info{RegionCode: "eu-central-1"} },
			Feeds: []Feed{
				{Name: Health, MinInterval: 15 * time.Second, Timeout: time.Second, Poll: func(context.Context) (*platform.Snapshot, error) {
					if runs++; runs%3 == 0 {
						return nil, errors.New("gone")
					}
					return apiIs(platform.Status(1 + runs%3)), nil
				}},
				{Name: "stream", Serve: func(_ context.Context, s Stream) error {
					if connects++; connects%2 == 0 {
						s.Connected(true)
						time.Sleep(2 * time.Minute)
						s.Connected(false)
					}
					return errors.New("cut off")
				}},
			},
		}, defaultLimits, slog.New(slog.NewTextHandler(log, nil)))
		defer log.account.Close()
		for range 20 {
			log.account.Refresh(t.Context())
			log.account.State()
			time.Sleep(time.Minute)
		}
		time.Sleep(time.Hour)
		log.account.State() // everything has expired
		if synctest.Wait(); log.lines < 30 || len(log.held) > 0 {
			t.Errorf("%d lines, of which were written with the account locked: %q", log.lines, log.held)
		}
	})
}
