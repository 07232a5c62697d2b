package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The permissions that a failure names are those that the README asks for.
func TestPermissionsOfFeedsAreDocumented(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	config, err := parseConfig([]byte(demoConfig(liveWorld(t))), platforms())
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, s := range config.accountSettings() {
		source, err := s.account.Open(new(setup).surroundings(s, nil, slog.New(slog.DiscardHandler)))
		if err != nil {
			t.Fatal(err)
		}
		defer source.Close()
		for _, f := range source.Feeds {
			for _, permission := range f.Permissions {
				named++
				if !strings.Contains(string(readme), "`"+permission+"`") {
					t.Errorf("the README does not name %s, which feed %s needs", permission, f.Name)
				}
			}
		}
	}
	if named == 0 {
		t.Error("no feed names a permission")
	}
}

func TestLiveCheckInterrupted(t *testing.T) {
	t.Parallel()
	world := liveWorld(t)
	world.StopHeartbeats("emea", true) // the check waits for one
	file := writeFile(t, "config.yml", demoConfig(world))
	packed := filepath.Join(t.TempDir(), "bundle.tar.gz")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		ended <- Run(ctx, []string{"--config.file=" + file, "--check.live", "--check.bundle=" + packed}, io.Discard, io.Discard)
	}()
	for world.Topics("emea") == 0 {
		select {
		case err := <-ended:
			t.Fatalf("the check ended with %v before it was interrupted", err)
		case <-time.After(time.Millisecond):
		}
	}
	cancel()
	if err := <-ended; err == nil || err.Error() != "the check was interrupted" {
		t.Errorf("Run = %v, want the check was interrupted", err)
	}
	if _, err := os.Stat(packed); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file of the bundle: %v, want none", err)
	}
	if topics := world.Topics("emea"); topics != 0 {
		t.Errorf("the check leaves %d topics subscribed to, want 0", topics)
	}
}
