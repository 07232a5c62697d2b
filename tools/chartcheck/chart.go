package main

// What Helm makes of a chart.

import (
	"bufio"
	"errors"
	"io"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	linter "helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	"k8s.io/apimachinery/pkg/util/yaml"
	sigsyaml "sigs.k8s.io/yaml"
)

// release is what the chart is rendered as.
var release = common.ReleaseOptions{Name: "ccaas", Namespace: "monitoring", Revision: 1, IsInstall: true}

// comment is what a document without an object may hold.
var comment = regexp.MustCompile(`(?m)^\s*(#.*|---)?\n?`)

// document is one of the YAML documents of a template.
type document struct {
	path string
	text []byte
}

func readValues(file string, stdin io.Reader) (map[string]any, error) {
	var text []byte
	var err error
	switch file {
	case "":
	case "-":
		text, err = io.ReadAll(stdin)
	default:
		text, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	return values, sigsyaml.UnmarshalStrict(text, &values)
}

// lint returns what helm lint warns of.
func lint(chart string, values map[string]any) (findings []error) {
	for _, m := range linter.RunAll(chart, values, release.Namespace).Messages {
		if m.Severity >= support.WarningSev {
			findings = append(findings, m)
		}
	}
	return findings
}

// render returns the documents of the templates, without the notes.
func render(chart string, values map[string]any) (documents []document, err error) {
	c, err := loader.LoadDir(chart)
	if err != nil {
		return nil, err
	}
	all, err := util.ToRenderValues(c, values, release, nil)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(c, all)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Ext(name) != ".yaml" {
			continue
		}
		reader := yaml.NewYAMLReader(bufio.NewReader(strings.NewReader(files[name])))
		for {
			text, err := reader.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, err
			}
			if comment.ReplaceAllString(string(text), "") != "" {
				documents = append(documents, document{name, text})
			}
		}
	}
	return documents, nil
}
