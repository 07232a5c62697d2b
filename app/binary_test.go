package app

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
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
