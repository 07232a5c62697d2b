package platform

import "time"

// SIPProbe is the result of one burst of SIP OPTIONS requests to a target.
type SIPProbe struct {
	Target    string // its name in the configuration
	Trunk     string // the trunk that it stands for, "" when none
	Success   bool
	Duration  time.Duration            // of the whole burst
	Phases    map[string]time.Duration // resolve, connect, tls, response; those that were reached
	Code      int                      // of the last final response; 0 when none came
	RoundTrip *time.Duration           // mean of the burst
	Jitter    *time.Duration           // RFC 3550 over the burst
	Loss      *float64                 // ratio of requests without a final response
	Expiry    time.Time                // earliest of the certificates; zero without TLS
	Condition
}
