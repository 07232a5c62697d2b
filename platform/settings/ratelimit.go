package settings

import "fmt"

// RateLimit is the section of the configuration file with an account's budget of API calls. Each vendor has defaults.
type RateLimit struct {
	RequestsPerMinute float64 `yaml:"requests_per_minute"`
	Burst             int     `yaml:"burst"` // calls that may be made at once
}

// Validate returns every problem, each beginning with its key. The limit is the vendor's in requests a minute, 0 when
// it publishes none.
func (r RateLimit) Validate(limit float64) (problems []error) {
	switch {
	case !(r.RequestsPerMinute > 0): // NaN too
		problems = append(problems, fmt.Errorf("requests_per_minute: %v is not positive", r.RequestsPerMinute))
	case limit > 0 && r.RequestsPerMinute > limit:
		problems = append(problems, fmt.Errorf("requests_per_minute: %v is above the platform's limit of %v", r.RequestsPerMinute, limit))
	}
	if r.Burst <= 0 {
		problems = append(problems, fmt.Errorf("burst: %d is not positive", r.Burst))
	}
	return problems
}
