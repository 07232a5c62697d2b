package presence

import (
	"os"
	"path/filepath"
	"testing"
)

// TestPasswordFile: what is no password is an error, and is not sent as one.
func TestPasswordFile(t *testing.T) {
	for content, want := range map[string]string{
		"s3cret\r\n": "s3cret", "\ufeffs3cret\n": "s3cret", "": "", "s3cret\nother\n": "", "\xff\xfes\x003\x00": "",
	} {
		file := filepath.Join(t.TempDir(), "password")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := (RedisConfig{PasswordFile: file}).password(); got != want || (err == nil) != (want != "") {
			t.Errorf("password of %q = %q, %v, want %q", content, got, err, want)
		}
	}
}
