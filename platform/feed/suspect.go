package feed

import (
	"fmt"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
)

// SuspectError is the error of a poll whose answer lists too few persons to be trusted: a client that has lost a permission,
// or half a page, would look like people leaving. It names no person.
type SuspectError struct {
	Operation   string
	What        string // that the answer holds, such as persons
	Held, Known int    // how many of them the answer holds, and how many are known
}

// Suspect returns a SuspectError when an answer holds nothing, or less than half of what is known; else nil.
func Suspect(operation, what string, held, known int) error {
	if held == 0 || 2*held < known {
		return &SuspectError{operation, what, held, known}
	}
	return nil
}

func (e *SuspectError) Error() string {
	return fmt.Sprintf("%s: the answer is not trusted: it holds %d %s where %d are known", e.Operation, e.Held, e.What, e.Known)
}

// Reason returns the reason as text, where platform.ReasonOf looks for it.
func (e *SuspectError) Reason() string { return string(platform.ReasonBadResponse) }

// Brief returns what may be shown to every reader.
func (e *SuspectError) Brief() string {
	return fmt.Sprintf("%s, %d of %d %s", e.Operation, e.Held, e.Known, e.What)
}
