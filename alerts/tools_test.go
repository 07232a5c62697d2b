// How the tests run the programs that `make tools` builds.

package alerts_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tool finds a program in TOOLS_DIR, in .tools/bin of the repository, or on the PATH.
func tool(t *testing.T, name string) string {
	t.Helper()
	for _, folder := range []string{os.Getenv("TOOLS_DIR"), filepath.Join("..", ".tools", "bin")} {
		if folder == "" {
			continue
		}
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return path
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not there: run `make tools`, or `go test -short` to leave out what needs it", name)
	}
	return path
}

// output runs a program to its end and returns what it wrote.
func output(ctx context.Context, stdin, path string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// glob returns the files of a pattern and fails when there are none.
func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no file is called %s (%v)", pattern, err)
	}
	return files
}
