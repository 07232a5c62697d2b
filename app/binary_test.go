package app

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
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

// running is the binary at work.
type running struct {
	*exec.Cmd
	log     *logLines
	address string
}

func startProcess(t *testing.T, binary, configuration string) running {
	t.Helper()
	p := running{exec.CommandContext(t.Context(), binary, "--config.file="+configuration, "--web.listen-address=127.0.0.1:0"), &logLines{listening: make(chan string, 1)}, ""}
	p.Stderr = p.log
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	p.address = <-p.log.listening
	return p
}

// terminate sends SIGTERM and waits for the end, which has to come in time and with exit code 0.
func (p running) terminate(t *testing.T) {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	late := time.AfterFunc(10*time.Second, func() { _ = p.Process.Kill() }) // as an orchestrator does
	defer late.Stop()
	if err := p.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v, want exit 0 within 10 s\n%s", err, p.log)
	}
}
