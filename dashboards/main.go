// Command dashboards writes the Grafana dashboards of this folder. Run it from the root of the module:
//
//	go run ./dashboards             write dashboards/*.json
//	go run ./dashboards -check      name the files that writing would change, exit 1 when there are any
//	go run ./dashboards -queries    print every query as a line of JSON: its file, line and PromQL
//	go run ./dashboards -draw URL   print the first screen of the Overview as SVG, from the answers of a Prometheus
//
// The boards are read by Grafana 10, 11 and 12. What differs between them:
//
//   - custom.cellOptions, which colours the background of cells, is known to all three. Its older form (displayMode) is not written.
//   - perPage, 20 rows of a timeline at once, is heeded by Grafana 12 only; older ones draw all rows, so that timelines with many
//     objects show those that were in trouble and are high enough for 20.
//   - The transformation merge joins the queries of a table by the labels that all of them have. A label that one query alone has
//     becomes a column in all three; the column is hidden by custom.hidden, not left out by organize, where a link needs its value.
//   - The colour of a series by its name (palette-classic-by-name) is there since 10; an unknown mode would fall back to colours by position.
//   - A timeline that merges equal neighbours replaces values by threshold ranges in the colour mode thresholds, in all three.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// boards in the order in which they are needed.
var boards = []board{overview, platformBoard, telephony, agents, exporter}

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout, "dashboards"); err != nil {
		fmt.Fprintln(os.Stderr, "dashboards:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer, folder string) error {
	flags := flag.NewFlagSet("dashboards", flag.ContinueOnError)
	onlyCheck := flags.Bool("check", false, "write nothing, fail when a file is not as it would be written")
	onlyQueries := flags.Bool("queries", false, "print every query as a line of JSON")
	prometheus := flags.String("draw", "", "print the first screen of the Overview as SVG, from the answers of the Prometheus at this URL")
	caption := flags.String("caption", "", "line below the drawing")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *prometheus != "" {
		return draw(ctx, out, overview, *prometheus, *caption)
	}
	files, err := generate()
	if err != nil {
		return err
	}
	switch {
	case *onlyQueries:
		return printQueries(out, folder, files)
	case *onlyCheck:
		return check(folder, files)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := os.WriteFile(filepath.Join(folder, name), files[name], 0o644); err != nil { //nolint:gosec // not a secret: read by Grafana as another user
			return err
		}
	}
	return nil
}

// generate makes the files by name.
func generate() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, b := range boards {
		var buffer bytes.Buffer
		encoder := json.NewEncoder(&buffer)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(b.dashboard()); err != nil {
			return nil, fmt.Errorf("%s: %w", b.uid, err)
		}
		files[b.uid+".json"] = buffer.Bytes()
	}
	return files, nil
}

// check names each file that is missing, different, or no board's.
func check(folder string, files map[string][]byte) error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(folder, name)
		have, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			problems = append(problems, fmt.Errorf("%s is missing: run make generate", path))
		case err != nil:
			problems = append(problems, err)
		case !bytes.Equal(have, files[name]):
			problems = append(problems, fmt.Errorf("%s differs from what is generated: run make generate", path))
		}
	}
	present, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return err
	}
	for _, path := range present {
		if _, ok := files[filepath.Base(path)]; !ok {
			problems = append(problems, fmt.Errorf("%s belongs to no board: delete it", path))
		}
	}
	return errors.Join(problems...)
}
