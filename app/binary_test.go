package app

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// folder holds what all tests of the package share, from the first that needs it until the last has ended.
var folder = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "ccaas_exporter") })

func TestMain(m *testing.M) {
	code := m.Run()
	if err := theBrowser.stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if path, err := folder(); err == nil {
		_ = os.RemoveAll(path)
	}
	os.Exit(code)
}

// built builds the program once: linking takes seconds.
var built = sync.OnceValues(func() (path string, err error) {
	if path, err = folder(); err != nil {
		return "", err
	}
	path = filepath.Join(path, "ccaas_exporter")
	out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", path, "..").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// binary is the program itself.
func binary(t *testing.T) (path string) {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// allAccepted waits until the server has accepted all connections, and returns a time before which they were made. Until then a
// connection is the kernel's, which resets it when the server ends: on a busy machine for any time.
func allAccepted(t *testing.T, address string) (before time.Time) {
	t.Helper()
	_, text, _ := strings.Cut(address, ":")
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	listener := regexp.MustCompile(fmt.Sprintf(`: \S+:%04X 0+:0000 0A \S+:(\S+) `, port)) // with the number of those that wait
	for t.Context().Err() == nil {
		before = time.Now()
		table, err := os.ReadFile("/proc/net/tcp")
		if err != nil {
			return before.Add(-time.Second) // not Linux
		}
		if m := listener.FindSubmatch(table); m == nil {
			t.Fatalf("no listener has port %d:\n%s", port, table)
		} else if string(bytes.Trim(m[1], "0")) == "" {
			break
		}
	}
	return before
}
