package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// vendors are the words by which a vendor is known.
var vendors = regexp.MustCompile(`(?i)genesys|purecloud|inin-|cxone|incontact`)

// mayNameVendors are the vendors' own folders, what simulates and shows them, and the program's list of platforms and its demo.
var mayNameVendors = []string{
	"platform/genesys/", "platform/cxone/", "platform/simulator/", "dashboards/", "alerts/", "deploy/", "tools/",
	"app/platforms.go", "app/demo.go", "app/demo_webhooks.go",
}

// TestVendorsStayAtHome looks for vendors in names, imports and texts of the code. Comments, and texts of several words such as
// help and messages, may speak of them.
func TestVendorsStayAtHome(t *testing.T) {
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		name := filepath.ToSlash(strings.TrimPrefix(path, "../"))
		if err != nil || entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != ".." {
			return fs.SkipDir
		}
		allowed := slices.ContainsFunc(mayNameVendors, func(place string) bool { return strings.HasPrefix(name, place) })
		if allowed || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			word := ""
			switch n := n.(type) {
			case *ast.Ident:
				word = n.Name
			case *ast.BasicLit:
				word = n.Value
			}
			if vendors.MatchString(word) && !strings.Contains(word, " ") {
				t.Errorf("%s names a vendor: %s", files.Position(n.Pos()), word)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
