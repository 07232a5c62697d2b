package presence

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

// server is a real Redis on a free port of the loopback interface.
type server struct {
	address string
	args    []string
	process *exec.Cmd
}

// startRedis starts a server until the test ends. CI must have one; elsewhere the test is skipped without it.
func startRedis(t *testing.T, args ...string) *server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("redis-server is missing: tools/install-packages.sh redis-server installs it")
		}
		t.Skip("redis-server is missing: this test needs a real Redis")
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{address: l.Addr().String(), args: args}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s.start(t)
	return s
}

// start starts the server with nothing in it, and waits until it listens.
func (s *server) start(t *testing.T) {
	t.Helper()
	_, port, _ := net.SplitHostPort(s.address)
	args := append([]string{"--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir(), "--port", port}, s.args...)
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "PORT", port)
	}
	s.process = exec.CommandContext(context.WithoutCancel(t.Context()), "redis-server", args...)
	output := &bytes.Buffer{}
	s.process.Stdout, s.process.Stderr = output, output
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	p := s.process
	t.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
	for {
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.address)
		if err == nil {
			_ = c.Close()
			return
		}
		if p.Process.Signal(syscall.Signal(0)) != nil || t.Context().Err() != nil {
			t.Fatalf("redis-server does not listen: %v\n%s", err, output)
		}
	}
}

func (s *server) signal(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := s.process.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// keeper returns a keeper of the pair p.
func (s *server) keeper(t *testing.T, c RedisConfig) *inRedis {
	t.Helper()
	c.Address = s.address
	k, err := newInRedis(c, "p")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.client.Close() })
	return k
}

// claimed claims, and returns whether the lease is valid and what was remembered.
func claimed(t *testing.T, k keeper) (leads bool, records map[string]string) {
	t.Helper()
	granted, remembered, err := k.claim(t.Context())
	if err != nil {
		t.Fatalf("claim: %v", err)
	}
	if remembered != nil {
		records = map[string]string{}
		for id, record := range remembered {
			records[id] = string(record)
		}
	}
	return granted.valid(time.Now()), records
}

func wantClaim(t *testing.T, when string, k keeper, wantLead bool, want map[string]string) {
	t.Helper()
	if leads, records := claimed(t, k); leads != wantLead || !cmp.Equal(records, want) {
		t.Errorf("%s: claim = %v with %v, want %v with %v", when, leads, records, wantLead, want)
	}
}

// TestRedisHasOneWriter: the second process waits, takes over what the first remembered, and the first can save nothing more.
func TestRedisHasOneWriter(t *testing.T) {
	s := startRedis(t)
	first, second := s.keeper(t, RedisConfig{}), s.keeper(t, RedisConfig{})
	wantClaim(t, "the first", first, true, map[string]string{})
	wantClaim(t, "the second", second, false, nil)
	if err := first.save(t.Context(), map[string][]byte{"a": []byte("1"), "b": []byte("2")}); err != nil {
		t.Errorf("save: %v", err)
	}
	if err := first.save(t.Context(), map[string][]byte{"a": nil}); err != nil {
		t.Errorf("save: %v", err)
	}
	wantClaim(t, "the first again", first, true, nil)
	former := *first
	if err := first.lock.Release(t.Context()); err != nil { // as after a long pause
		t.Fatal(err)
	}
	wantClaim(t, "the second after it", second, true, map[string]string{"b": "2"})
	if err := former.save(t.Context(), map[string][]byte{"b": []byte("3")}); !errors.Is(err, errSuperseded) {
		t.Errorf("save of the former writer = %v, want %v", err, errSuperseded)
	}
	wantClaim(t, "the former", &former, false, nil)
	second.release(t.Context())
	wantClaim(t, "the former after the second", &former, true, map[string]string{"b": "2"})
}

// TestRedisStops: a server that hangs grants nothing, and the lease that was granted ends by itself.
func TestRedisStops(t *testing.T) {
	s := startRedis(t)
	k := s.keeper(t, RedisConfig{})
	wantClaim(t, "at first", k, true, map[string]string{})
	s.signal(t, syscall.SIGSTOP)
	if granted, _, err := k.claim(t.Context()); err == nil || granted.valid(time.Now()) {
		t.Errorf("claim of a server that hangs = %v, %v, want an error", granted, err)
	}
	if err := k.save(t.Context(), map[string][]byte{"a": []byte("1")}); err == nil {
		t.Error("save into a server that hangs succeeds, want an error")
	}
	s.signal(t, syscall.SIGCONT)
	wantClaim(t, "at work again", k, true, nil)
}

// TestRedisIsReplaced: an empty server in the place of the first begins a new epoch, of which the writer has to learn first.
func TestRedisIsReplaced(t *testing.T) {
	s := startRedis(t)
	k := s.keeper(t, RedisConfig{})
	wantClaim(t, "at first", k, true, map[string]string{})
	s.signal(t, syscall.SIGKILL)
	_ = s.process.Wait()
	if _, _, err := k.claim(t.Context()); err == nil {
		t.Error("claim without a server succeeds, want an error")
	}
	s.start(t)
	if err := k.save(t.Context(), map[string][]byte{"a": []byte("1")}); !errors.Is(err, errSuperseded) {
		t.Errorf("save into an empty server = %v, want %v", err, errSuperseded)
	}
	wantClaim(t, "after it", k, true, map[string]string{})
}

// TestRedisIsEmptied: when the server forgets everything and another process becomes the writer, the former can save nothing.
func TestRedisIsEmptied(t *testing.T) {
	s := startRedis(t)
	first, second := s.keeper(t, RedisConfig{}), s.keeper(t, RedisConfig{})
	wantClaim(t, "at first", first, true, map[string]string{})
	if err := first.client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	wantClaim(t, "the second", second, true, map[string]string{})
	if err := first.save(t.Context(), map[string][]byte{"a": []byte("1")}); !errors.Is(err, errSuperseded) {
		t.Errorf("save of the former writer = %v, want %v", err, errSuperseded)
	}
}

// TestRedisPassword: a password is read from its file for every connection.
func TestRedisPassword(t *testing.T) {
	s := startRedis(t, "--requirepass", "first")
	file := filepath.Join(t.TempDir(), "password")
	write := func(password string) {
		if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("wrong")
	k := s.keeper(t, RedisConfig{PasswordFile: file})
	if _, _, err := k.claim(t.Context()); err == nil || strings.Contains(err.Error(), "wrong\n") {
		t.Errorf("claim with a wrong password = %v, want an error", err)
	}
	write("first")
	wantClaim(t, "with the password", k, true, map[string]string{})
	admin := redis.NewClient(&redis.Options{Addr: s.address, Password: "first"})
	defer admin.Close()
	if err := admin.ConfigSet(t.Context(), "requirepass", "second").Err(); err != nil {
		t.Fatal(err)
	}
	write("second")
	if err := admin.ClientKillByFilter(t.Context(), "TYPE", "normal", "SKIPME", "yes").Err(); err != nil {
		t.Fatal(err)
	}
	if granted, _, err := k.claim(t.Context()); err != nil || !granted.valid(time.Now()) { // the connection was cut
		wantClaim(t, "with the next password", k, true, nil)
	}
}

// TestRedisRights: a user with the rights that the documentation lists, and with no others, can do everything.
func TestRedisRights(t *testing.T) {
	page, err := os.ReadFile("../../docs/presence.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rights, _ := strings.Cut(string(page), "The user needs `")
	rights, _, found := strings.Cut(rights, "`")
	if !found {
		t.Fatal("the page lists no rights")
	}
	s := startRedis(t)
	admin := redis.NewClient(&redis.Options{Addr: s.address})
	defer admin.Close()
	rules := append([]string{"on", ">secret", "resetchannels", "-@all"}, strings.Fields(rights)...)
	if err := admin.ACLSetUser(t.Context(), "ccaas", rules...).Err(); err != nil {
		t.Fatal(err)
	}
	k := s.keeper(t, RedisConfig{Username: "ccaas", Password: "secret"})
	wantClaim(t, "at first", k, true, map[string]string{})
	if err := k.save(t.Context(), map[string][]byte{"a": []byte("1"), "b": nil}); err != nil {
		t.Errorf("save: %v", err)
	}
	wantClaim(t, "again", k, true, nil)
	k.release(t.Context())
	wantClaim(t, "after the release", k, true, map[string]string{"a": "1"})
}
