// Two stacks that others wrote: sipp and kamailio, from the Debian packages sip-tester, kamailio and
// kamailio-tls-modules. `make test` installs them where it may.

package sip

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

// launch runs a program until the test ends. Without it the test is skipped, but fails where CI=true.
func launch(t *testing.T, program string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed", program)
		}
		t.Skipf("NOT CHECKED: %s is not installed (Debian: sip-tester kamailio kamailio-tls-modules)", program)
	}
	command := exec.Command(path, args...)
	command.Dir = t.TempDir()
	said := &output{}
	command.Stdout, command.Stderr = said, said
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // kamailio forks
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		_ = command.Wait() // killed
		if t.Failed() {
			t.Logf("%s said:\n%s", program, said)
		}
	})
}

// output keeps the end of what a program says.
type output struct {
	mu   sync.Mutex
	text []byte
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, p...)
	o.text = bytes.Clone(o.text[max(0, len(o.text)-4000):])
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text)
}

// freePort returns a port that is free over TCP, and so most likely over UDP.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(int(addrPort(l.Addr()).Port()))
}

// fill writes a file of testdata with its blanks filled in.
func fill(t *testing.T, name string, blanks ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(strings.NewReplacer(blanks...).Replace(string(content))), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// untilUp probes until the target answers.
func untilUp(t *testing.T, tgt Target) {
	t.Helper()
	tgt.Requests = 1
	for deadline := time.Now().Add(20 * time.Second); ; {
		if probe(t, tgt).Answered == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("no answer from %s", tgt.URI)
		}
		<-time.After(20 * time.Millisecond) // a closed port answers at once
	}
}

func TestAgainstSIPp(t *testing.T) {
	for _, tc := range []struct {
		name, transport, mode string
		drop                  int // the request of each so many that has no answer; 0 = none
		delay                 time.Duration
	}{
		{"all over UDP", UDP, "u1", 0, 0},
		{"all over TCP", TCP, "t1", 0, 0},
		{"four of five over UDP", UDP, "u1", 5, 0},
		{"four of five over TCP", TCP, "t1", 5, 0},
		{"delayed over UDP", UDP, "u1", 0, 150 * time.Millisecond},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			scenario := fill(t, "sipp.xml", "DROP", strconv.Itoa(tc.drop), "DELAY", strconv.Itoa(int(tc.delay.Milliseconds())))
			launch(t, "sipp", "-sf", scenario, "-i", "127.0.0.1", "-p", port, "-t", tc.mode, "-nostdin")
			tgt := target(fmt.Sprintf("sip:127.0.0.1:%s;transport=%s", port, tc.transport))
			tgt.Requests, tgt.Timeout = 25, model.Duration(time.Second)
			untilUp(t, tgt)
			r := probe(t, tgt)
			answered := 25
			if tc.drop != 0 {
				answered = 20
			}
			if !r.Success || r.Code != 200 || r.Answered != answered || *r.Loss != float64(25-answered)/25 || len(r.Ignored) != 0 {
				t.Errorf("result = %+v, want %d of 25 answered with 200", r, answered)
			}
			if *r.RoundTrip() < tc.delay || *r.RoundTrip() > tc.delay+200*time.Millisecond {
				t.Errorf("round trip = %v, want a little over %v", *r.RoundTrip(), tc.delay)
			}
		})
	}
}

func TestAgainstKamailio(t *testing.T) {
	ca := newAuthority(t)
	expiry := time.Now().Add(240 * time.Hour).Truncate(time.Second)
	certFile, keyFile := ca.issue(expiry)
	open, secure := freePort(t), freePort(t)
	config := fill(t, "kamailio.cfg", "UDPPORT", open, "TLSPORT", secure, "CERT", certFile, "KEY", keyFile)
	launch(t, "kamailio", "-DD", "-E", "-f", config, "-Y", t.TempDir(), "-m", "32", "-M", "8")
	up := target("sip:127.0.0.1:" + open)
	up.Timeout = model.Duration(time.Second)
	untilUp(t, up)

	for _, tc := range []struct {
		user    string
		code    int
		success bool
		took    time.Duration
	}{
		{"anybody", 200, true, 0},
		{"challenged", 401, true, 0},
		{"challenged-by-proxy", 407, true, 0},
		{"unknown", 404, true, 0},
		{"overloaded", 503, false, 0},
		{"slow", 200, true, 150 * time.Millisecond},
	} {
		for transport, uri := range map[string]string{
			UDP: "sip:" + tc.user + "@127.0.0.1:" + open,
			TCP: "sip:" + tc.user + "@127.0.0.1:" + open + ";transport=tcp",
			TLS: "sips:" + tc.user + "@127.0.0.1:" + secure,
		} {
			t.Run(tc.user+" over "+transport, func(t *testing.T) {
				tgt := target(uri)
				tgt.Timeout, tgt.Spacing = model.Duration(2*time.Second), model.Duration(200*time.Millisecond)
				tgt.Requests, tgt.TLS = 2, TLSConfig{CAFile: ca.file}
				r := probe(t, tgt)
				if r.Success != tc.success || r.Code != tc.code || r.Answered != 2 || *r.Loss != 0 || len(r.Ignored) != 0 || r.Retransmissions != 0 {
					t.Errorf("result = %+v, want success %v with %d", r, tc.success, tc.code)
				}
				if r.Answered > 0 && *r.RoundTrip() < tc.took {
					t.Errorf("round trip = %v, want at least %v", *r.RoundTrip(), tc.took)
				}
				if got, want := r.Expiry.IsZero(), transport != TLS; got != want || !got && !r.Expiry.Equal(expiry) {
					t.Errorf("expiry = %v, want %v over TLS", r.Expiry, expiry)
				}
			})
		}
	}
}
