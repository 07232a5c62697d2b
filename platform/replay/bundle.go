// Package replay plays the platforms of a bundle: the file of shapes that ccaas_exporter --check.bundle writes. It serves every
// call as it was recorded, with plausible values in the places of those that a bundle does not hold, so that a user's report
// becomes a test:
//
//	go test ./platform/replay -bundle=report.tar.gz
package replay

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Call is one call of a bundle, in calls/NNNN.json. Names that people gave are numbered.
type Call struct {
	Account   string            `json:"account"`
	Platform  string            `json:"platform"`
	Feed      string            `json:"feed"`
	Operation string            `json:"operation"` // Login, or the client's word
	Method    string            `json:"method"`
	Path      string            `json:"path,omitempty"` // of the platform's API
	Query     map[string]string `json:"query,omitempty"`
	Status    int               `json:"status"`
	Headers   map[string]string `json:"headers,omitempty"`
	Latency   float64           `json:"latency_ms"`
	Failure   string            `json:"failure,omitempty"` // why there is no answer
	Body      json.RawMessage   `json:"body,omitempty"`    // its shape
	Other     string            `json:"other,omitempty"`   // of a body that is no JSON
	Needs     []string          `json:"needs,omitempty"`   // the permissions that an error names
}

// Login is the operation of a call that logs in.
const Login = "login"

// Row is the outcome of a feed.
type Row struct {
	Account    string         `json:"account"`
	Platform   string         `json:"platform"` // "" of what is no platform's
	Feed       string         `json:"feed"`
	Result     string         `json:"result"`
	Reason     string         `json:"reason"`
	Found      []Found        `json:"found"`
	Unknowns   map[string]int `json:"unknown_values"`
	Violations int            `json:"schema_violations"`
	Places     []Place        `json:"anomalies"`
}

// Found is how many objects of a kind a feed found.
type Found struct {
	What  string `json:"what"`
	Count int    `json:"count"`
}

// Place is where an answer is not as documented.
type Place struct {
	Path  string `json:"path"`
	Value string `json:"value"`
	Count int    `json:"count"`
}

// Bundle is what a bundle holds, as far as it can be replayed.
type Bundle struct {
	Rows  []Row  // of report.json
	Calls []Call // in their order
}

// mostBytes bounds what is unpacked.
const mostBytes = 1 << 30

// Read unpacks a bundle.
func Read(packed io.Reader) (*Bundle, error) {
	files, err := unpack(packed)
	if err != nil {
		return nil, fmt.Errorf("no bundle of --check.bundle: %w", err)
	}
	b := &Bundle{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		switch {
		case name == "report.json":
			var report struct {
				Rows []Row `json:"rows"`
			}
			err = json.Unmarshal(files[name], &report)
			b.Rows = report.Rows
		case strings.HasPrefix(name, "calls/"):
			var call Call
			err = json.Unmarshal(files[name], &call)
			b.Calls = append(b.Calls, call)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if b.Rows == nil {
		return nil, errors.New("no bundle of --check.bundle: report.json is missing")
	}
	return b, nil
}

func unpack(packed io.Reader) (files map[string][]byte, err error) {
	zipped, err := gzip.NewReader(packed)
	if err != nil {
		return nil, err
	}
	files = map[string][]byte{}
	archive := tar.NewReader(io.LimitReader(zipped, mostBytes))
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if files[header.Name], err = io.ReadAll(archive); err != nil {
			return nil, err
		}
	}
}
