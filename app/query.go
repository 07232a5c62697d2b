package app

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxParameters is how many parameters of a query are read.
const maxParameters = 1000

// query reads a request's query strictly: a parameter that is lost or misspelt would otherwise serve more than was asked
// for. No error repeats the query.
func query(r *http.Request, known ...string) (url.Values, error) {
	if strings.Count(r.URL.RawQuery, "&") >= maxParameters {
		return nil, fmt.Errorf("more than %d parameters", maxParameters)
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, errors.New("the query cannot be read")
	}
	for key, given := range values {
		switch {
		case !slices.Contains(known, key):
			return nil, errors.New("unknown parameter, expected " + strings.Join(known, ", "))
		case slices.Contains(given, ""):
			return nil, errors.New(key + " is empty")
		}
	}
	return values, nil
}
