package cxone

import (
	"cmp"
	"net/http"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// dialect describes what CXone's answers say besides the data. They say nothing about the rate limit.
func dialect() rest.Dialect {
	return rest.Dialect{CorrelationHeaders: []string{"CorrelationId"}, Fault: fault}
}

// fault reads error and one of two spellings of its description, which may stand in a header instead.
func fault(h http.Header, body []byte) rest.Fault {
	var b struct {
		Error            string `json:"error"`
		ErrorDescription string `json:"error_description"`
		Description      string `json:"errorDescription"`
	}
	_ = rest.Unmarshal(body, &b) // a field of an unexpected type does not spoil the others
	return rest.Fault{Code: b.Error, Message: cmp.Or(b.ErrorDescription, b.Description, h.Get("icStatusDescription"))}
}
