package deploy_test

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestActionsArePinned wants a commit and its version for every action of a workflow: a tag can be moved.
func TestActionsArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`^[a-z-]+/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	workflows, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil || len(workflows) == 0 {
		t.Fatalf("workflows: %q, %v", workflows, err)
	}
	commits := map[string]string{} // of actions with their versions
	for _, path := range workflows {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			_, action, is := strings.Cut(lines.Text(), "uses: ")
			switch {
			case !is:
			case !pinned.MatchString(action):
				t.Errorf("%s: %q is not pinned by commit, with its version as a comment", path, action)
			default:
				name, rest, _ := strings.Cut(action, "@")
				if other, met := commits[name]; met && other != rest {
					t.Errorf("%s: %s is pinned to %s and to %s", path, name, rest, other)
				}
				commits[name] = rest
			}
		}
	}
}

func TestImagesOfTheDockerfileArePinned(t *testing.T) {
	text, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	froms := regexp.MustCompile(`(?m)^FROM (?:--platform=\S+ )?(\S+)`).FindAllStringSubmatch(string(text), -1)
	if len(froms) != 2 {
		t.Errorf("the Dockerfile has %d images, want 2", len(froms))
	}
	for _, from := range froms {
		if !regexp.MustCompile(`^[a-z0-9./-]+:[a-z0-9.]+@sha256:[0-9a-f]{64}$`).MatchString(from[1]) {
			t.Errorf("image %s is not pinned by digest", from[1])
		}
	}
	if ports := "\nEXPOSE 10054 10055\n"; !strings.Contains(string(text), ports) {
		t.Errorf("the Dockerfile lacks %q", ports)
	}
}
