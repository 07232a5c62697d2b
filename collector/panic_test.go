package collector

import (
	"strings"
	"testing"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
)

// broken is an account that cannot be rendered.
type broken struct{}

func (broken) Name() string             { return "broken" }
func (broken) State() feed.AccountState { panic("broken") }

// TestPanic: an account that panics ends neither the process nor the page of the others.
func TestPanic(t *testing.T) {
	families, err := New(append(accounts(genesysState()), broken{}), Options{}).Gather()
	if err == nil || !strings.Contains(err.Error(), "broken") || len(families) == 0 {
		t.Errorf("Gather = %d families, %v, want those of the other account and an error", len(families), err)
	}
}
