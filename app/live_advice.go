package app

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/ccaas-exporter/ccaas_exporter/platform"
	"github.com/ccaas-exporter/ccaas_exporter/platform/guard"
	"github.com/ccaas-exporter/ccaas_exporter/platform/presence"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
)

// findings are what an account's runs say, in words for an administrator. Nothing that a platform sent is repeated, but the
// names of permissions.
func (k *accountCheck) findings() (all []finding) {
	find := func(problem bool, code, feed, format string, args ...any) {
		f := finding{Problem: problem, Code: code, Account: k.source.Name, Text: fmt.Sprintf(format, args...)}
		if feed != "" {
			f.Feeds = []string{feed}
		}
		all = append(all, f)
	}
	for _, r := range k.runs {
		if r.err != nil {
			code, text := k.advice(r)
			find(true, code, r.feed.Name, "%s", text)
		}
	}
	for _, warning := range k.warnings {
		find(false, "configuration", "", "%s", warning)
	}
	const acceptable = 5 // seconds
	if math.Abs(k.skew) > acceptable {
		side := "ahead of"
		if k.skew < 0 {
			side = "behind"
		}
		find(false, "clock", "", "the platform's clock is %.0f s %s the one of this machine: is NTP at work here?", math.Abs(k.skew), side)
	}
	for _, r := range k.runs {
		k.remarks(r, func(code, format string, args ...any) { find(false, code, r.feed.Name, format, args...) })
	}
	return all
}

// remarks are what a run showed besides its outcome.
func (k *accountCheck) remarks(r *feedRun, find func(code, format string, args ...any)) {
	for _, remark := range r.remarks {
		find(remark.Code, "%s", remark.Text)
	}
	if r.err == nil {
		slices.Sort(r.missing)
		for _, operation := range slices.Compact(r.missing) {
			find("not_offered", "this account is not offered %s (404): what it would bring stays absent", operation)
		}
		slices.Sort(r.forbidden)
		for _, operation := range slices.Compact(r.forbidden) {
			find("not_permitted", "the client may not ask for %s (403), so that what it would bring stays absent: add %s to the role of the client, "+
				"or switch the feed off", operation, strings.Join(r.feed.Permissions, " and "))
		}
		if noun := k.empty(r); noun != "" {
			find("empty_list", "the list of %s is empty, while others are not: perhaps there are none, perhaps the client has no role in the "+
				"division that holds the %s", noun, noun)
		}
	}
	for _, place := range livePlaces(r.anomalies) {
		code := "schema"
		if place.Value != "" {
			code = "unknown_value"
		}
		find(code, "%s", place)
	}
	short := r.totals.short()
	for _, operation := range slices.Sorted(maps.Keys(short)) {
		of := short[operation]
		find("total", "%s of %s says %d, but the list holds %d", of.field, operation, of.named, of.listed)
	}
}

// lists are the feeds that read a list of what they are named after.
var lists = map[string]string{"trunks": "trunks", "edges": "edges", "queues": "queues", "presence": "agents", "agents": "agents"}

// empty returns what the list of a run should hold, when it holds nothing while another list of the account does.
func (k *accountCheck) empty(r *feedRun) (noun string) {
	listed := func(r *feedRun) (n int) {
		for _, f := range r.found {
			n += f.Count
		}
		return n
	}
	others := slices.ContainsFunc(k.runs, func(other *feedRun) bool { return lists[other.feed.Name] != "" && listed(other) > 0 })
	if !others || listed(r) > 0 {
		return ""
	}
	return lists[r.feed.Name]
}

// sentences say what to do about a failure, by its reason.
var sentences = map[string]string{
	string(platform.ReasonAuth): "the login works, but the API refuses the token: does the organization's IP allowlist hold the address " +
		"of this machine, and is the client one of this region?",
	string(platform.ReasonNotFound): "this account is not offered what the feed asks for (404): switch the feed off, or mend the address " +
		"where the configuration names one",
	string(platform.ReasonRateLimited): "the platform limits the rate of calls: does something else use the same client? Wait a minute and check again",
	string(platform.ReasonTimeout):     "no complete answer came in time: is a proxy or a firewall in the way? Otherwise lengthen http.timeout",
	string(platform.ReasonNetwork):     "the host cannot be reached: look at its name, DNS, the proxy and the firewall",
	string(platform.ReasonServerError): "the platform reports a fault of its own: check again later, and look at its status page",
	string(platform.ReasonBadResponse): "the answer is not what the platform documents: --log.level=debug shows more, and --check.bundle=FILE makes a " +
		"report that can be sent",
	string(platform.ReasonBreakerOpen): "calls are held back after repeated failures: see the failures of the other feeds",
	string(platform.ReasonBudget):      "the account's own budget of calls does not suffice: raise rate_limit.requests_per_minute or burst",
	"no_answer":                        "the target does not answer OPTIONS: look at its URI, transport and port, and at the firewall of the far end",
	"ended":                            "the platform ended the stream at once: check again, and look for another program that uses the same client",
	"no_heartbeat":                     "the stream is connected, but no heartbeat came: does a proxy cut or hold WebSockets?",
}

// advice says what to do about the failure of a run.
func (k *accountCheck) advice(r *feedRun) (code, text string) {
	failed := r.failure()
	_, panicked := errors.AsType[*guard.PanicError](r.err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](r.err)
	wrong, _ := errors.AsType[*presence.CheckError](r.err)
	reason := reasonOf(r.err)
	switch {
	case wrong != nil:
		return wrong.Code, wrong.Advice
	case panicked:
		return "panic", "the exporter itself fails: please report it, with --check.bundle=FILE"
	case untrusted:
		return "certificate", "the host's certificate is not trusted here: a proxy that opens TLS needs its authority in http.tls_config.ca_file"
	case failed != nil && failed.Login:
		return k.loginAdvice(failed)
	case reason == string(platform.ReasonForbidden):
		return "forbidden", missingPermission(failed, r.feed.Permissions)
	}
	text = cmp.Or(pathAdvice(failed), sentences[reason], "the feed failed: "+reason)
	if failed != nil && failed.Status != 0 && reason != string(platform.ReasonRateLimited) {
		text += " (" + failed.Brief() + ")"
	}
	return reason, text
}

// loginAdvice says what to do about a login that failed.
func (k *accountCheck) loginAdvice(failed *rest.Error) (code, text string) {
	switch {
	case errors.Is(failed, fs.ErrNotExist), errors.Is(failed, fs.ErrPermission):
		return "secret_file", "the file of the secret cannot be read: is its path right, and may this user read it?"
	case failed.Reason() != string(platform.ReasonAuth):
		if failed.Reason() == string(platform.ReasonNotFound) {
			return "login_not_found", "the login host does not know the address of the login: is the URL in the configuration right?"
		}
		return "login_" + failed.Reason(), "the login fails: " + cmp.Or(pathAdvice(failed), sentences[failed.Reason()])
	case failed.Status == 0:
		return "secret_file", "there is no secret to log in with: the file of the secret is empty or not readable as text"
	}
	text = "the login host refuses the client: are its id and secret right, is it enabled, and is it made for this kind of login?"
	if _, ok := k.settings.account.(regional); !ok {
		return "login_refused", text
	}
	text = "the login host refuses the client: are its id and secret right, is it enabled, and is the region right?"
	switch {
	case !k.elsewhere.asked:
		text += " --check.regions asks the login hosts of the other regions"
	case len(k.elsewhere.known) > 0:
		text = "the login host refuses the client: the region is wrong. The login host of " + strings.Join(k.elsewhere.known, ", ") + " knows this client"
	case k.elsewhere.err != nil:
		text += " The login hosts of the other regions could not all be asked; none of those that answered knows this client"
	default:
		text += " No other region's login host knows this client"
	}
	return "login_refused", text
}

// permissionName is the form of a permission.
var permissionName = regexp.MustCompile(`\b[a-z][A-Za-z]{1,40}:[A-Za-z]{1,40}:[A-Za-z]{1,40}\b`)

// missingPermission names what a client lacks: as the platform says, else as the feed needs.
func missingPermission(failed *rest.Error, needed []string) string {
	var named []string
	if failed != nil {
		named = permissionName.FindAllString(failed.Message+" "+strings.Join(failed.Details, " "), -1)
	}
	switch {
	case len(named) > 0:
		return "the client lacks the permission " + strings.Join(named, ", ") + ": add it to the role of the client"
	case len(needed) > 0:
		return "the client lacks a permission; the feed needs " + strings.Join(needed, " and ") + ": add what is missing to the role of the client"
	}
	return "the role of the client may not read this: see \"Permissions to grant\" in the README"
}
