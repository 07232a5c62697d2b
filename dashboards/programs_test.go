package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

// tool finds a program that make tools builds.
func tool(t *testing.T, name string) string {
	t.Helper()
	for _, folder := range []string{os.Getenv("TOOLS_DIR"), "../.tools/bin"} {
		if folder == "" {
			continue
		}
		path, err := filepath.Abs(filepath.Join(folder, name))
		if err == nil {
			_, err = os.Stat(path)
		}
		if err == nil {
			return path
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not there: run make tools first (%v)", name, err)
	}
	return path
}

func build(t *testing.T, binary string) {
	t.Helper()
	command := exec.Command("go", "build", "-ldflags=-s -w", "-o", binary, ".")
	command.Dir = ".."
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
}

// start runs a program until the test ends and returns the address that it logs to listen on.
func start(t *testing.T, binary string, args ...string) (url string) {
	t.Helper()
	url, _ = launch(t, binary, args...)
	return url
}

// launch is start with a function that stops the program before the test ends.
func launch(t *testing.T, binary string, args ...string) (url string, stop func()) {
	t.Helper()
	output := &log{listening: make(chan string, 1)}
	command := exec.Command(binary, args...)
	command.Stdout, command.Stderr = output, output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	stop = func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Errorf("%s does not stop", binary)
			_ = command.Process.Kill()
			<-ended
		}
	}
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			t.Logf("%s:\n%s", filepath.Base(binary), output)
		}
	})
	select {
	case address := <-output.listening:
		return "http://" + address, stop
	case <-ended:
		t.Fatalf("%s ended:\n%s", binary, output)
	case <-time.After(time.Minute):
		t.Fatalf("%s does not listen:\n%s", binary, output)
	}
	return "", stop
}

// log keeps the last of what a program prints, and finds its address in it.
type log struct {
	mu        sync.Mutex
	buffer    bytes.Buffer
	listening chan string
}

var listeningOn = regexp.MustCompile(`msg="Listening on" (?:component=web )?address=(\S+)`)

func (l *log) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m := listeningOn.FindSubmatch(text); m != nil {
		select {
		case l.listening <- string(m[1]):
		default:
		}
	}
	const limit = 1 << 16
	if l.buffer.Len() > limit {
		l.buffer.Reset()
	}
	return l.buffer.Write(text)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}
