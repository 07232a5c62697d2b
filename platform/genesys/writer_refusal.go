package genesys

import (
	"errors"
	"net/http"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// RefusedError is a write that the platform refused. Its text is that of the request's failure, with the platform's code.
type RefusedError struct {
	refusal platform.Refusal
	cause   *rest.Error
}

func (e *RefusedError) Error() string { return e.cause.Error() }

// Unwrap returns the failure of the request.
func (e *RefusedError) Unwrap() error { return e.cause }

// Refusal returns why, where platform.RefusalOf looks for it.
func (e *RefusedError) Refusal() platform.Refusal { return e.refusal }

// refusals are those with a code of their own. Those of a person say the same of a batch only when it holds one change.
var refusals = map[string]platform.Refusal{
	"presence.not.authorized.update.other.user.presence": platform.RefusedAll,
	"missing.permissions":                                platform.RefusedAll,
	"missing.any.permissions":                            platform.RefusedAll,
	"presence.not.authorized.update.on.queue":            platform.RefusedOnQueue,
	"missing.division.permission":                        platform.RefusedPerson,
	"missing.any.division.permissions":                   platform.RefusedPerson,
	"presenceservice.usernotfound":                       platform.RefusedGone,
	"presenceservice.conflict":                           platform.RefusedBusy,
	"endpoint.does.not.support.on.queue":                 platform.RefusedBatch,
	"max.user.presences":                                 platform.RefusedBatch,
}

// refusedStatuses are those of refusals that one change of a batch may have caused, whatever their code, and what they say of a change
// that stands alone.
var refusedStatuses = map[int]platform.Refusal{
	http.StatusBadRequest: platform.RefusedPerson, http.StatusForbidden: platform.RefusedPerson, http.StatusNotFound: platform.RefusedGone,
	http.StatusConflict: platform.RefusedBusy, http.StatusRequestEntityTooLarge: platform.RefusedPerson,
}

// refusalOf returns the error of a write of so many changes as a refusal, if it is one.
func refusalOf(err error, changes int) error {
	failed, ok := errors.AsType[*rest.Error](err)
	if !ok || failed.Login {
		return err
	}
	refusal := refusals[failed.Code]
	for _, code := range failed.Details {
		if refusal == "" {
			refusal = refusals[code]
		}
	}
	switch refusal {
	case platform.RefusedAll, platform.RefusedOnQueue, platform.RefusedBatch:
	default:
		alone, refused := refusedStatuses[failed.Status]
		switch {
		case refused && changes > 1:
			refusal = platform.RefusedBatch
		case refusal == "":
			refusal = alone
		}
	}
	if refusal == "" {
		return err
	}
	return &RefusedError{refusal, failed}
}
