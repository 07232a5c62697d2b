package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/ccaas-exporter/ccaas_exporter/"

// mayImport tells which of our packages each package may use: imports point down. Main may use all.
var mayImport = map[string][]string{
	"collector":           {"platform", "platform/sip"},
	"platform":            {},
	"platform/rest":       {},
	"platform/simulator":  {},
	"platform/sip":        {},
	"platform/statuspage": {"platform", "platform/rest"},
	"platform/probe":      {"platform", "platform/rest"},
	"platform/genesys":    {"platform", "platform/rest", "platform/statuspage", "platform/probe"},
	"platform/cxone":      {"platform", "platform/rest", "platform/statuspage", "platform/probe"},
	"platform/webhook":    {"platform"},
	"alerts":              {},
	"dashboards":          {},
}

func TestImportsPointDown(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (path == "tools" || strings.HasPrefix(entry.Name(), ".") && path != ".") {
			return fs.SkipDir
		}
		// Tests may use the simulator too.
		folder := filepath.ToSlash(filepath.Dir(path))
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || folder == "." {
			return nil
		}
		allowed, known := mayImport[folder]
		if !known {
			t.Errorf("%s: folder %s has no line in mayImport", path, folder)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			ours, isOurs := strings.CutPrefix(imported, module)
			if isOurs && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s, which is not below it", path, ours)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
