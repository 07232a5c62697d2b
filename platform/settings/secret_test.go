package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadSecret: what editors and shells put around a secret is left out, and what cannot be one is an error that does not show it.
func TestReadSecret(t *testing.T) {
	dir := t.TempDir()
	for name, tc := range map[string]struct{ content, want, problem string }{
		"plain":       {"s3cret", "s3cret", ""},
		"line end":    {" s3cret\r\n", "s3cret", ""},
		"byte order":  {"\ufeffs3cret\n", "s3cret", ""},
		"empty":       {" \n", "", "file is empty"},
		"two lines":   {"s3cret\nother", "", "file holds more than one line"},
		"utf-16":      {"\xff\xfes\x003\x00", "", "file is UTF-16, save it as UTF-8"},
		"big endian":  {"\xfe\xff\x00s", "", "file is UTF-16, save it as UTF-8"},
		"no mark":     {"s\x003\x00", "", "file is UTF-16, save it as UTF-8"},
		"not a file:": {"", "", "no such file"},
	} {
		file := filepath.Join(dir, name)
		if name != "not a file:" {
			if err := os.WriteFile(file, []byte(tc.content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := ReadSecret(file)
		switch {
		case got != tc.want || (err != nil) != (tc.problem != ""):
			t.Errorf("%s: ReadSecret = %q, %v, want %q, %q", name, got, err, tc.want, tc.problem)
		case err != nil && (!strings.Contains(err.Error(), tc.problem) || !strings.Contains(err.Error(), file) || strings.Contains(err.Error(), "s3")):
			t.Errorf("%s: error = %v, want %q with the file and without the secret", name, err, tc.problem)
		}
	}
}
