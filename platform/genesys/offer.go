package genesys

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// offer is a call that an account can do without: where the platform does not permit it (403) or does not offer it (404), what
// it would bring stays absent, which is no failure of the feed, and the call rests for offeredAgain. Its methods are not called
// at the same time.
type offer struct {
	operation  string
	permission string
	log        *slog.Logger
	refused    time.Time // when the platform last refused; the zero time while it does not
}

// due reports whether it is time to ask.
func (o *offer) due() bool { return o.refused.IsZero() || time.Since(o.refused) >= offeredAgain }

// withheld notes how a call ended and reports whether the platform refused it. The log says when that begins and ends.
func (o *offer) withheld(err error) bool {
	before := !o.refused.IsZero()
	switch {
	case isForbidden(err), isNotFound(err):
		o.refused = time.Now()
		if !before {
			o.log.Info("platform does not permit the call", "operation", o.operation, "needs", o.permission,
				"asked_again", offeredAgain.String(), "err", err)
		}
		return true
	case err == nil && before:
		o.refused = time.Time{}
		o.log.Info("platform permits the call now", "operation", o.operation)
	}
	return false
}

// isForbidden reports whether the API answered a request with a 403.
func isForbidden(err error) bool {
	refused, ok := errors.AsType[*rest.Error](err)
	return ok && refused.Status == http.StatusForbidden && !refused.Login
}
