package feed

import (
	"errors"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
)

// explanations say what a reason means to the reader of a page.
var explanations = map[platform.Reason]string{
	platform.ReasonAuth:        "the platform refuses the credentials or the token",
	platform.ReasonForbidden:   "the client lacks a permission",
	platform.ReasonNotFound:    "the platform does not know this address",
	platform.ReasonRateLimited: "the platform limits the rate of calls",
	platform.ReasonTimeout:     "no complete answer came in time",
	platform.ReasonNetwork:     "the host cannot be reached",
	platform.ReasonServerError: "the platform reports a fault of its own",
	platform.ReasonBadResponse: "the answer is not what the platform documents",
	platform.ReasonBreakerOpen: "calls are held back after repeated failures",
	platform.ReasonBudget:      "the account's own budget of calls is used up",
}

// maxExplanation is the most bytes that a briefer may add to an explanation.
const maxExplanation = 120

// explain returns what failed and why, in the exporter's own words: nothing in it comes from the platform. An error adds its
// operation and status by a method Brief.
func explain(err error) string {
	if _, panicked := errors.AsType[*guard.PanicError](err); panicked {
		return "panic: a fault of the exporter, the log has the details"
	}
	reason := platform.ReasonOf(err)
	text := explanations[reason]
	if text == "" {
		text = "the run failed" // a reason that only a vendor's package knows
	}
	text = string(reason) + ": " + text
	if known, ok := errors.AsType[interface {
		error
		Brief() string
	}](err); ok {
		if brief := known.Brief(); brief != "" && len(brief) <= maxExplanation {
			text += " (" + brief + ")"
		}
	}
	return text
}
