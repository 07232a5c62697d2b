// Command chartcheck does what helm lint and helm template do with a chart, and looks at what comes out: every object must
// decode strictly into its Kubernetes type, and every pod must be admitted where pod security is restricted.
//
//	chartcheck [--values=FILE] CHART
//
// A FILE of - is the standard input. The objects are written as a JSON array, as the API server would read them. Findings
// are written to the standard error, one a line; the exit status is then 1.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, stdin io.Reader, stdout io.Writer) error {
	flags := flag.NewFlagSet("chartcheck", flag.ContinueOnError)
	file := flags.String("values", "", "YAML file of values beside those of the chart")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("chartcheck: name one chart")
	}
	values, err := readValues(*file, stdin)
	if err != nil {
		return fmt.Errorf("values: %w", err)
	}
	documents, err := render(flags.Arg(0), values)
	if err != nil {
		return err
	}
	findings := lint(flags.Arg(0), values)
	objects := []runtime.Object{} // an array also when there are none
	for _, d := range documents {
		object, err := decode(d.text)
		if err != nil {
			findings = append(findings, fmt.Errorf("%s: %w", d.path, err))
			continue
		}
		findings = append(findings, admit(object))
		objects = append(objects, object)
	}
	if err := errors.Join(findings...); err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(objects)
}
