// Programs, ports and an inbox for notifications.

package alerts_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// listeningOn finds the address in what the exporter, Prometheus and Alertmanager log when they listen.
var listeningOn = regexp.MustCompile(`msg="Listening on" (?:component=web )?address=(\S+)`)

// firstAddress sends the address in the first line that has one.
type firstAddress chan string

func (f firstAddress) Write(line []byte) (int, error) {
	if m := listeningOn.FindSubmatch(line); m != nil {
		select {
		case f <- string(m[1]):
		default:
		}
	}
	return len(line), nil
}

// start runs a program on a port that the kernel chooses, until the test ends or stop is called, and returns the address on
// which it listens. It logs the end of the program's output when the test failed.
func start(t *testing.T, path string, args ...string) (address string, stop func()) {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), filepath.Base(path)+".log"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, path, append(args, "--web.listen-address=127.0.0.1:0")...)
	listening := make(firstAddress, 1)
	cmd.Stdout, cmd.Stderr = log, io.MultiWriter(log, listening)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	if err := cmd.Start(); err != nil {
		stop()
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // ended by our signal, whatever it says
		close(ended)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
		_ = log.Close()
		if t.Failed() {
			content, _ := os.ReadFile(log.Name())
			t.Logf("%s wrote:\n…%s", filepath.Base(path), content[max(0, len(content)-4000):])
		}
	})
	select {
	case address = <-listening:
	case <-ended:
		t.Fatalf("%s ended before it listened", path)
	case <-time.After(patience):
		t.Fatalf("%s does not listen", path)
	}
	return address, stop
}

// freePort returns an unused address of the loopback interface, for a port that must be known before the program starts.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func writeFile(t *testing.T, folder, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// get returns the body of an answer, and whether it was a 200.
func get(ctx context.Context, address string) ([]byte, bool) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, false
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return body, err == nil && response.StatusCode == http.StatusOK
}

// notification is what Alertmanager sends to a webhook.
type notification struct {
	Receiver string `json:"receiver"`
	Status   string `json:"status"`
	Alerts   []struct {
		Status string            `json:"status"`
		Labels map[string]string `json:"labels"`
	} `json:"alerts"`
}

// names are the different alerts in it, sorted.
func (n notification) names() string {
	var names []string
	for _, a := range n.Alerts {
		names = append(names, a.Labels["alertname"])
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

func (n notification) String() string {
	text := fmt.Sprintf("%s to %s:", n.Status, n.Receiver)
	for _, a := range n.Alerts {
		text += fmt.Sprintf(" %s %v", a.Status, a.Labels)
	}
	return text
}

// inbox is a webhook that keeps the notifications it receives.
type inbox struct {
	url      string
	received chan notification
}

func openInbox(t *testing.T) *inbox {
	t.Helper()
	in := &inbox{received: make(chan notification, 1000)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n notification
		if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&n); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		in.received <- n
	}))
	t.Cleanup(server.Close)
	in.url = server.URL
	return in
}

// next waits for a notification.
func (in *inbox) next(t *testing.T, within time.Duration) notification {
	t.Helper()
	select {
	case n := <-in.received:
		return n
	case <-time.After(within):
		t.Fatalf("no notification within %v", within)
	case <-t.Context().Done():
		t.Fatal(t.Context().Err())
	}
	return notification{}
}

// rest returns the notifications that next has not returned.
func (in *inbox) rest() (all []notification) {
	for {
		select {
		case n := <-in.received:
			all = append(all, n)
		default:
			return all
		}
	}
}
