package app

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is the program in a process of its own.
type process struct {
	binary string
	url    string
	pid    int
	stop   func()
	page   bytes.Buffer // of the last scrape
}

func buildProgram(b *testing.B) *process {
	b.Helper()
	p := &process{binary: filepath.Join(b.TempDir(), "ccaas_exporter")}
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", p.binary, "..").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	return p
}

// start runs the program until it is stopped.
func (p *process) start(b *testing.B, config string) {
	b.Helper()
	log := &logLines{listening: make(chan string, 1)}
	command := exec.CommandContext(context.WithoutCancel(b.Context()), p.binary, "--config.file="+config, "--web.listen-address=127.0.0.1:0")
	command.Stderr = log
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	p.stop = func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		if err := command.Wait(); err != nil {
			b.Errorf("the exporter ended with %v\n%s", err, log)
		}
	}
	p.pid = command.Process.Pid
	select {
	case address := <-log.listening:
		p.url = "http://" + address + "/metrics"
	case <-time.After(20 * time.Second):
		b.Fatalf("the exporter does not listen:\n%s", log)
	}
}

// scrape returns a page, which is good until the next scrape.
func (p *process) scrape(b *testing.B) (page []byte) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, p.url, nil)
	if err != nil {
		b.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	p.page.Reset()
	_, err = p.page.ReadFrom(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatalf("GET %s = %s %v", p.url, answer.Status, err)
	}
	return p.page.Bytes()
}

// memory reads a size of the process in MiB: VmRSS is resident now, VmHWM is the most that ever was.
func (p *process) memory(b *testing.B, what string) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if words := strings.Fields(line); len(words) == 3 && words[0] == what+":" {
			kib, err := strconv.ParseFloat(words[1], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kib / 1024
		}
	}
	b.Fatalf("no %s in\n%s", what, status)
	return 0
}

// cpu reads how many seconds of a processor the process has used.
func (p *process) cpu(b *testing.B) float64 {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the name may hold spaces
	const ticks = 100                             // a second
	total := 0.0
	for _, field := range strings.Fields(rest)[11:13] { // utime and stime
		n, err := strconv.ParseFloat(field, 64)
		if err != nil {
			b.Fatal(err)
		}
		total += n / ticks
	}
	return total
}
