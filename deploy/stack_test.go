package deploy_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDemoStack runs demo-stack.sh as a user does, looks whether Prometheus sees the exporter and the Alertmanager, and
// presses Ctrl-C.
func TestDemoStack(t *testing.T) {
	if testing.Short() {
		t.Log("not run: it builds and starts three programs")
		return
	}
	binary := filepath.Join(t.TempDir(), "ccaas_exporter")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", binary, ".")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	temporary := t.TempDir()
	ports := freePorts(t, 3)
	script := exec.Command("./demo-stack.sh")
	script.Env = append(os.Environ(), "TMPDIR="+temporary, "EXPORTER="+binary, "TOOLS_DIR="+filepath.Dir(tool(t, "prometheus")),
		"SCENARIO=calm", "EXPORTER_PORT="+ports[0], "PROMETHEUS_PORT="+ports[1], "ALERTMANAGER_PORT="+ports[2])
	script.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var problems bytes.Buffer
	script.Stderr = &problems
	stdout, err := script.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := script.Start(); err != nil {
		t.Fatal(err)
	}
	interrupt := func() { _ = syscall.Kill(-script.Process.Pid, syscall.SIGINT) }
	tooLong := time.AfterFunc(2*time.Minute, interrupt)
	defer tooLong.Stop()
	ready := false
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if strings.Contains(lines.Text(), "Ctrl-C") {
			ready = true
			checkStack(t, "http://127.0.0.1:"+ports[1])
			interrupt()
		}
	}
	if err := script.Wait(); err != nil || !ready {
		t.Errorf("demo-stack.sh was ready: %t, ended with %v:\n%s", ready, err, &problems)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	for _, port := range ports {
		if conn, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			conn.Close()
			t.Errorf("something listens on port %s still", port)
		}
	}
}

// checkStack wants Prometheus to have rules, the exporter as a target, and the Alertmanager.
func checkStack(t *testing.T, prometheus string) {
	t.Helper()
	var answer struct {
		Data struct {
			Groups        []any
			ActiveTargets []struct{ ScrapePool string }
			Active        []any `json:"activeAlertmanagers"`
		}
	}
	deadline := time.Now().Add(time.Minute)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	// Discovery takes a moment after Prometheus is ready.
	for ; time.Now().Before(deadline); <-tick.C {
		for _, path := range []string{"/api/v1/rules", "/api/v1/targets", "/api/v1/alertmanagers"} {
			response, err := new(http.Client).Get(prometheus + path)
			if err != nil {
				t.Fatal(err)
			}
			err = json.NewDecoder(response.Body).Decode(&answer)
			response.Body.Close()
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
		d := answer.Data
		if len(d.Groups) > 0 && len(d.ActiveTargets) == 1 && d.ActiveTargets[0].ScrapePool == "ccaas_exporter" && len(d.Active) == 1 {
			return
		}
	}
	t.Errorf("Prometheus has %d groups, targets %v, %d alertmanagers", len(answer.Data.Groups), answer.Data.ActiveTargets, len(answer.Data.Active))
}

func freePorts(t *testing.T, n int) (ports []string) {
	t.Helper()
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		_, port, err := net.SplitHostPort(listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, port)
	}
	return ports
}
