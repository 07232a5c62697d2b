package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// readPages returns every Markdown page of the repository by its path from the root.
func readPages(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", ".tools", "testdata"}, entry.Name()):
			return fs.SkipDir
		case filepath.Ext(path) != ".md":
			return nil
		}
		content, err := fs.ReadFile(root, path)
		pages[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// TestReadmeIsShort holds the README to what a visitor reads: what is longer has a page of its own in docs/.
func TestReadmeIsShort(t *testing.T) {
	const most = 12_000
	if got := len(readPages(t)["README.md"]); got == 0 || got > most {
		t.Errorf("README.md has %d bytes, want 1 to %d", got, most)
	}
}

// TestReadmeConfiguration checks that the minimal configuration of the README is one.
func TestReadmeConfiguration(t *testing.T) {
	_, after, _ := strings.Cut(readPages(t)["README.md"], "```yaml\n")
	example, _, found := strings.Cut(after, "```")
	c, err := parseConfig([]byte(example), platforms())
	if !found || err != nil || len(c.accounts) != 2 {
		t.Errorf("configuration of README.md: %v, want one with two accounts, found\n%s", err, example)
	}
}

// TestPagesNameEveryScenario checks that a user of the demo finds every scenario.
func TestPagesNameEveryScenario(t *testing.T) {
	const page = "docs/configuration.md"
	content := readPages(t)[page]
	for _, scenario := range simulator.Scenarios() {
		if !strings.Contains(content, "| `"+scenario+"` |") {
			t.Errorf("%s has no row for scenario %s", page, scenario)
		}
	}
}

var (
	fence   = regexp.MustCompile("(?ms)^```.*?^```")
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)|<img[^>]* src="([^"]+)"`)
	heading = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	noSlug  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	foreign = regexp.MustCompile(`(?i)\bthe contract\b|\bof the (facts|brief)\b`)
)

// slugs returns the anchors of a page's headings, as GitHub makes them.
func slugs(page string) (anchors []string) {
	for _, match := range heading.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		anchors = append(anchors, strings.ReplaceAll(noSlug.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-"))
	}
	return anchors
}

// deadLinks returns the links of the page at path that lead to no file of root, or to no heading of one of the pages.
func deadLinks(root fs.FS, pages map[string]string, path string) (dead []string) {
	for _, match := range link.FindAllStringSubmatch(fence.ReplaceAllString(pages[path], ""), -1) {
		target := match[1] + match[2]
		if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
			continue
		}
		file, anchor, _ := strings.Cut(target, "#")
		to := path
		if file != "" {
			to = filepath.ToSlash(filepath.Join(filepath.Dir(path), file))
		}
		_, err := fs.Stat(root, to)
		if err != nil || anchor != "" && !slices.Contains(slugs(pages[to]), anchor) {
			dead = append(dead, target)
		}
	}
	return dead
}

// TestLinksLead checks every relative link of every page.
func TestLinksLead(t *testing.T) {
	pages := readPages(t)
	for path := range pages {
		if dead := deadLinks(os.DirFS(".."), pages, path); dead != nil {
			t.Errorf("%s: links that lead nowhere: %q", path, dead)
		}
	}
}

// TestPagesStandAlone checks that no page refers to a document that its readers do not have.
func TestPagesStandAlone(t *testing.T) {
	for path, content := range readPages(t) {
		if found := foreign.FindAllString(content, -1); found != nil {
			t.Errorf("%s refers to documents outside the repository: %q", path, found)
		}
	}
}

func TestDeadLinks(t *testing.T) {
	pages := map[string]string{
		"README.md": "# A (b)\n[good](docs/a.md) [top](#a-b) [there](docs/a.md#x_y-z) [out](https://host.example/none)\n" +
			"```\n# no heading\n[no link](none)\n```\n[gone](docs/none.md) [nowhere](#no-heading) [lost](docs/a.md#b) <img alt=\"\" src=\"none.svg\">",
		"docs/a.md": "## x_y, `Z`\n[back](../README.md) [out of the tree](../../README.md)",
	}
	root := fstest.MapFS{"README.md": {}, "docs/a.md": {}}
	got := map[string][]string{}
	for path := range pages {
		got[path] = deadLinks(root, pages, path)
	}
	want := map[string][]string{
		"README.md": {"docs/none.md", "#no-heading", "docs/a.md#b", "none.svg"},
		"docs/a.md": {"../../README.md"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("deadLinks (-want +got):\n%s", diff)
	}
}
