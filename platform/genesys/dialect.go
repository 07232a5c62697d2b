package genesys

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// dialect describes what Genesys Cloud's answers say besides the data.
func dialect() rest.Dialect {
	return rest.Dialect{CorrelationHeaders: []string{"ININ-Correlation-Id"}, Window: window, Fault: fault}
}

// The headers that say how many calls are left; they stand on every answer.
const (
	limitUsed    = "Inin-Ratelimit-Count"   // requests used
	limitAllowed = "Inin-Ratelimit-Allowed" // requests in the window
	limitReset   = "Inin-Ratelimit-Reset"   // seconds left of the window
)

// LimitHeaders are the headers that say how many calls are left.
func LimitHeaders() []string { return []string{limitUsed, limitAllowed, limitReset} }

// window reads how many calls are left.
func window(h http.Header) (rest.Window, bool) {
	number := func(name string) (float64, bool) {
		n, err := strconv.ParseUint(strings.TrimSpace(h.Get(name)), 10, 31)
		return float64(n), err == nil
	}
	used, counted := number(limitUsed)
	allowed, limited := number(limitAllowed)
	if !counted || !limited {
		return rest.Window{}, false
	}
	seconds, _ := number(limitReset)
	return rest.Window{Allowed: allowed, Remaining: allowed - used, Reset: time.Duration(seconds) * time.Second}, true
}

// fault reads both forms of errors: message, code and details of the API; error and description of the token host,
// which answers 400 and "rate limit exceeded" where the API answers 429.
func fault(_ http.Header, body []byte) rest.Fault {
	var b struct {
		Message          string `json:"message"`
		Code             string `json:"code"`
		Error            string `json:"error"`
		Description      string `json:"description"`
		ErrorDescription string `json:"error_description"`
		Details          []struct {
			ErrorCode string `json:"errorCode"`
		} `json:"details"`
	}
	_ = rest.Unmarshal(body, &b) // a field of an unexpected type does not spoil the others
	f := rest.Fault{Code: cmp.Or(b.Code, b.Error), Message: cmp.Or(b.Message, b.ErrorDescription, b.Description)}
	for _, detail := range b.Details {
		f.Details = append(f.Details, detail.ErrorCode)
	}
	f.RateLimited = b.Error == "invalid_request" && strings.HasPrefix(strings.ToLower(f.Message), "rate limit exceeded")
	return f
}
