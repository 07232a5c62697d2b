package webhook

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"
)

// TestKeyFiles replaces, breaks and removes the file of a key.
func TestKeyFiles(t *testing.T) {
	key, next := newKey(t), newKey(t)
	path := publicKey(t, key.Public())
	u := &under{sender: sender{key: key, consumer: "c", version: "1", url: "https://hooks.example.org/webhook/voice"}}
	u.Receiver = newReceiver(t, t.Output(), fmt.Sprintf(voiceHook, path, ""))
	put := func(content []byte, age time.Duration) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age) // a file system may keep time coarsely
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	other, err := os.ReadFile(publicKey(t, next.Public()))
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, signer *sender, want int) {
		t.Helper()
		u.sender = *signer
		if got := u.post(t, call(1)); got != want {
			t.Errorf("%s = %d, want %d", what, got, want)
		}
	}
	before, after := u.sender, u.sender
	after.key = next
	check("first key", &before, 200)
	put(other, time.Hour)
	check("first key, replaced", &before, 404)
	check("second key", &after, 200)
	put([]byte("no PEM"), time.Minute)
	check("broken file", &after, 404)
	put(other, time.Second)
	check("second key again", &after, 200)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	check("no file", &after, 404)
	// A file that cannot be read for a moment looks the same afterwards.
	put(other, time.Hour)
	check("file is back", &after, 200)
	hidden := path + ".hidden"
	if err := os.Rename(path, hidden); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil { // can be looked at, cannot be read
		t.Fatal(err)
	}
	check("a directory", &after, 404)
	if err := errors.Join(os.Remove(path), os.Rename(hidden, path)); err != nil {
		t.Fatal(err)
	}
	check("the same file again", &after, 200)
	if got := u.refused(t); got[keyUnavailable] != 3 {
		t.Errorf("refused %v, want three for the file", got)
	}
}

// TestWatchedAgain reads a file that could not be read, or not be used, and then is as it was: neither its size nor its
// time shows that it can be used now.
func TestWatchedAgain(t *testing.T) {
	path := file(t, "content")
	at := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	fails := true
	w := watched[string]{path: path, parse: func(content []byte) (string, error) {
		if fails {
			return "", errors.New("unreadable")
		}
		return string(content), nil
	}}
	if got, err := w.read(); err == nil || got != "" {
		t.Errorf("read() = %q, %v, want the error", got, err)
	}
	fails = false
	if got, err := w.read(); err != nil || got != "content" {
		t.Errorf("read() again = %q, %v, want the content", got, err)
	}
	// Two changes within one tick of the file system's clock.
	for _, content := range []string{"CONTENT", "Content"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		now := time.Now().Truncate(time.Second)
		if err := os.Chtimes(path, now, now); err != nil {
			t.Fatal(err)
		}
		if got, err := w.read(); err != nil || got != content {
			t.Errorf("read() = %q, %v, want %q", got, err, content)
		}
	}
	if err := os.WriteFile(path, make([]byte, maxKeyFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := w.read(); err == nil {
		t.Errorf("read() of a huge file = %d bytes, want an error", len(got))
	}
}
