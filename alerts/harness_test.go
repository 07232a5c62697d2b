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
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// start runs a program until the test ends or stop is called. It logs the end of the program's output when the test failed.
func start(t *testing.T, path string, args ...string) (stop func()) {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), filepath.Base(path)+".log"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	if err := cmd.Start(); err != nil {
		stop()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait() // ended by our signal, whatever it says
		_ = log.Close()
		if t.Failed() {
			content, _ := os.ReadFile(log.Name())
			t.Logf("%s wrote:\n…%s", filepath.Base(path), content[max(0, len(content)-4000):])
		}
	})
	return stop
}

// freePorts returns unused ports of the loopback interface.
func freePorts(t *testing.T, n int) []int {
	t.Helper()
	ports := make([]int, n)
	for i := range ports {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close() // all at the end, so that they differ
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports
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
