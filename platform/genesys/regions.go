package genesys

import (
	"regexp"
	"slices"
	"strings"
)

// region is one place where Genesys Cloud runs. Every host is a prefix on its domain: api., login., apps., streaming.
type region struct {
	code   string // of AWS
	domain string
	label  string // on the login page and on the status page
}

var regions = [...]region{
	{"us-east-1", "mypurecloud.com", "Americas (US East)"},
	{"us-east-2", "use2.us-gov-pure.cloud", "FedRAMP, Americas (US East 2)"},
	{"us-west-2", "usw2.pure.cloud", "Americas (US West)"},
	{"ca-central-1", "cac1.pure.cloud", "Americas (Canada)"},
	{"mx-central-1", "mxc1.pure.cloud", "Americas (Mexico)"},
	{"sa-east-1", "sae1.pure.cloud", "Americas (São Paulo)"},
	{"eu-west-1", "mypurecloud.ie", "EMEA (Dublin)"},
	{"eu-west-2", "euw2.pure.cloud", "EMEA (London)"},
	{"eu-central-1", "mypurecloud.de", "EMEA (Frankfurt)"},
	{"eu-central-2", "euc2.pure.cloud", "EMEA (Zurich)"},
	{"eusc-de-east-1", "edee1.eusc-pure.cloud", "EU sovereign cloud"},
	{"me-central-1", "mec1.pure.cloud", "EMEA (UAE)"},
	{"ap-south-1", "aps1.pure.cloud", "Asia Pacific (Mumbai)"},
	{"ap-southeast-1", "apse1.pure.cloud", "Asia Pacific (Singapore)"},
	{"ap-southeast-2", "mypurecloud.com.au", "Asia Pacific (Sydney)"},
	{"ap-northeast-1", "mypurecloud.jp", "Asia Pacific (Tokyo)"},
	{"ap-northeast-2", "apne2.pure.cloud", "Asia Pacific (Seoul)"},
	{"ap-northeast-3", "apne3.pure.cloud", "Asia Pacific (Osaka)"},
}

const domainPattern = `^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$`

// hostPrefixes begin the names of the platform's hosts.
var hostPrefixes = [...]string{"api.", "login.", "apps.", "streaming.", "www."}

// regionOf finds a region by its code or its domain. A domain that is not listed is taken as it is, because new
// regions appear about once a year; it is then its own code and has no label.
func regionOf(name string) (region, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	known := slices.IndexFunc(regions[:], func(r region) bool { return name == r.code || name == r.domain })
	if known >= 0 {
		return regions[known], true
	}
	isDomain, err := regexp.MatchString(domainPattern, name)
	return region{code: name, domain: name}, err == nil && isDomain && len(name) <= 240 && !isHost(name)
}

// isHost reports whether a name is that of a host of the platform, not of its domain.
func isHost(name string) bool {
	for _, prefix := range hostPrefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// spelling is what a region that is written in another way may mean: an address of a host, or a code with other
// separators; "" when there is no telling.
func spelling(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	if _, rest, ok := strings.Cut(name, "://"); ok {
		name = rest
	}
	name, _, _ = strings.Cut(name, "/")
	name, _, _ = strings.Cut(name, ":")
	for _, prefix := range hostPrefixes {
		if domain, ok := strings.CutPrefix(name, prefix); ok {
			name = domain
			break
		}
	}
	if code := strings.NewReplacer("_", "-", " ", "-").Replace(name); !strings.Contains(name, ".") {
		name = code
	}
	if _, ok := regionOf(name); !ok {
		return ""
	}
	return name
}

// labels are the names of all regions on the status page.
func labels() []string {
	all := make([]string, len(regions))
	for i, r := range regions {
		all[i] = r.label
	}
	return all
}
