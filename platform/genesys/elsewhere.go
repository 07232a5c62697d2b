package genesys

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/sync/errgroup"

	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
)

// LoginElsewhere logs in at every other region's login host and returns the codes of the regions that know the client. The
// error says that some could not be asked.
func (c Config) LoginElsewhere(ctx context.Context) (known []string, err error) {
	transport, err := c.HTTP.Transport()
	if err != nil {
		return nil, err
	}
	client := &http.Client{
		Transport: transport, Timeout: time.Duration(c.HTTP.Timeout),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	own, _ := regionOf(c.Region)
	var (
		group errgroup.Group // without a context: one that fails costs no other
		lock  sync.Mutex
	)
	group.SetLimit(parallel)
	for _, r := range regions {
		if r.domain == own.domain {
			continue
		}
		group.Go(guard.Func(func() error {
			_, err := c.credentials("https://login."+r.domain)(ctx, client)
			if _, refused := errors.AsType[*oauth2.RetrieveError](err); refused {
				return nil
			}
			if err == nil {
				lock.Lock()
				known = append(known, r.code)
				lock.Unlock()
			}
			return err
		}))
	}
	err = group.Wait()
	slices.Sort(known)
	return known, err
}
