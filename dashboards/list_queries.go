package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// line is a query in a generated file and its place, for the checks that need a parser of PromQL.
type line struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Expr string `json:"expr"`
}

// readable replaces Grafana's variables with what makes PromQL of a query.
var readable = strings.NewReplacer(
	"$__rate_interval", "1m", "$__interval", "15s", "$__range", "1h", "$platform", ".*", "$region_code", ".*", "$account", ".*",
	"$queue", ".*", "$channel", ".*", "$trunk", ".*", "$feed", ".*",
)

// labelValues is the query of a variable.
var labelValues = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)

// printQueries writes the queries of panels, annotations and variables.
func printQueries(out io.Writer, folder string, files map[string][]byte) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		for n, text := range bytes.Split(files[name], []byte("\n")) {
			expr, found, err := queryIn(string(text))
			if err != nil {
				return fmt.Errorf("%s:%d: %w", name, n+1, err)
			}
			if !found {
				continue
			}
			if err := encoder.Encode(line{path.Join(folder, name), n + 1, readable.Replace(expr)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// queryIn reads a line of a generated file: the encoder writes one key to a line. A table may have a column "definition", so
// that of a variable is known by its function.
func queryIn(text string) (expr string, found bool, err error) {
	text = strings.TrimSuffix(strings.TrimSpace(text), ",")
	for key, start := range map[string]string{`"expr": `: `"`, `"definition": `: `"label_values(`} {
		if value, ok := strings.CutPrefix(text, key); ok && strings.HasPrefix(value, start) {
			err = json.Unmarshal([]byte(value), &expr)
			return labelValues.ReplaceAllString(expr, "count by ($2) ($1)"), true, err
		}
	}
	return "", false, nil
}
