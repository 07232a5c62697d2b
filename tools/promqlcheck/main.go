// Command promqlcheck holds the queries of rules and dashboards against what the exporter exports: it reports queries
// that do not parse, metrics that no program exports and no rule records, and labels that a metric does not have.
//
//	promqlcheck --families=FILE [--queries=FILE] RULES…
//
// The families are a JSON array of {"name", "type", "labels"}, every label included. RULES are Prometheus rule files;
// they may read each other's recordings, whatever their order. The queries are JSON lines of {"file", "line", "expr"}.
// A FILE of - is the standard input. Findings are written as file:line: text; the exit status is then 1.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	err := run(os.Args[1:], os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "promqlcheck:", err)
		os.Exit(1)
	}
}

var errFindings = errors.New("there are findings")

func run(args []string, stdin io.Reader, stdout io.Writer) error {
	flags := flag.NewFlagSet("promqlcheck", flag.ContinueOnError)
	families := flags.String("families", "", "JSON file of the exported families")
	queries := flags.String("queries", "", "JSON lines of queries to check besides the rules")
	if err := flags.Parse(args); err != nil {
		return err
	}
	known, err := read(*families, stdin, readFamilies)
	if err != nil {
		return fmt.Errorf("families: %w", err)
	}
	var all []query
	if *queries != "" {
		if all, err = read(*queries, stdin, readQueries); err != nil {
			return fmt.Errorf("queries: %w", err)
		}
	}
	for _, file := range flags.Args() {
		found, err := read(file, stdin, func(r io.Reader) ([]query, error) { return readRules(file, r) })
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, found...)
	}
	if len(all) == 0 {
		return errors.New("nothing to check: name rule files or --queries")
	}
	findings := check(known, all)
	for _, f := range findings {
		fmt.Fprintln(stdout, f)
	}
	if len(findings) > 0 {
		return errFindings
	}
	return nil
}

// read opens a file, or the standard input for -, and decodes it.
func read[T any](name string, stdin io.Reader, decode func(io.Reader) (T, error)) (T, error) {
	if name == "-" {
		return decode(stdin)
	}
	file, err := os.Open(name)
	if err != nil {
		var none T
		return none, err
	}
	defer file.Close()
	return decode(file)
}
