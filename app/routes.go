package app

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// route is a path below the prefix, and what serves it.
type route struct {
	method, path string
	handler      http.HandlerFunc
}

// routes are all but the metrics' own, which the command line names. World is nil outside the demo.
func (a *app) routes(f flags, world *simulator.World) []route {
	all := []route{
		// /-/healthy needs the password like every other route when --web.config.file has basic_auth_users: exporter-toolkit
		// excepts none. A probe without one can open a TCP connection, or send the header (Kubernetes: httpHeaders).
		{http.MethodGet, "/-/healthy", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "healthy") }},
		{http.MethodGet, "/-/ready", a.ready},
		{http.MethodPost, "/-/reload", a.serveReload},
		{http.MethodGet, "/config", a.serveConfig},
		{http.MethodGet, "/sd", a.discovery(f)},
		{http.MethodGet, "/probe", a.serveProbe(f.timeoutOffset)},
		{http.MethodGet, "/api/status", a.serveStatus(world)},
	}
	if world != nil {
		all = append(all, route{http.MethodPost, "/demo/scenario", switchScenario(world)})
	}
	return all
}

// handler serves the routes below the route prefix. A page of another origin can post to none of them.
func (a *app) handler(f flags, world *simulator.World) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+f.telemetryPath, a.metrics(f.timeoutOffset))
	for _, r := range a.routes(f, world) {
		mux.Handle(r.method+" "+r.path, r.handler)
	}
	mux.Handle("GET /{$}", a.servePage(f.telemetryPath, world)) // its links are relative, so that it works below any path
	protection := http.NewCrossOriginProtection()
	if origin := f.origin(); origin != "" {
		_ = protection.AddTrustedOrigin(origin) // made of a scheme and a host
	}
	protected := protection.Handler(mux)
	prefix := f.prefix()
	if prefix == "" {
		return protected
	}
	below := http.NewServeMux()
	below.Handle(prefix+"/", http.StripPrefix(prefix, protected))
	below.Handle("GET /{$}", http.RedirectHandler(prefix+"/", http.StatusFound))
	return below
}

// prefix is what every route's path begins with, "" for none. By default it is the path of the external URL.
func (f *flags) prefix() string {
	given := f.routePrefix
	if given == "" && f.external() != nil {
		given = f.external().Path
	}
	return strings.TrimRight("/"+strings.Trim(given, "/"), "/")
}

// external is the URL under which others reach the exporter, nil when the command line names none.
func (f *flags) external() *url.URL {
	u, err := url.Parse(f.externalURL)
	if f.externalURL == "" || err != nil {
		return nil
	}
	return u
}

// origin is scheme and host of the external URL.
func (f *flags) origin() string {
	if u := f.external(); u != nil {
		return u.Scheme + "://" + u.Host
	}
	return ""
}

// externalPath is a route's path as others see it.
func (f *flags) externalPath(route string) string {
	if u := f.external(); u != nil {
		return strings.TrimRight(u.Path, "/") + route
	}
	return f.prefix() + route
}

// validate finds what the routes cannot be built with.
func (f *flags) validate() error {
	var problems []error
	report := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	taken := []string{"/", "/demo/scenario"}
	for _, r := range new(app).routes(*f, nil) {
		taken = append(taken, r.path)
	}
	switch {
	case !plainPath(f.telemetryPath):
		report("--web.telemetry-path: expected a path such as /metrics, without a slash at its end")
	case slices.Contains(taken, f.telemetryPath):
		report("--web.telemetry-path: %s is taken", f.telemetryPath)
	}
	if u := f.external(); f.externalURL != "" &&
		(u == nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
			!plainPath(cmp.Or(strings.TrimRight(u.Path, "/"), "/"))) {
		report("--web.external-url: expected a URL such as https://prometheus.example.org/ccaas")
	}
	if prefix := f.prefix(); prefix != "" && !plainPath(prefix) {
		report("--web.route-prefix: expected a path such as /ccaas")
	}
	if f.check && f.live.on || f.explain != "" && (f.check || f.live.on) {
		report("--config.check, --check.live, --presence.explain: expected one of them at most")
	}
	if f.timeoutOffset < 0 {
		report("--web.timeout-offset: %v is negative", f.timeoutOffset)
	}
	return settings.MaskError(errors.Join(append(problems, f.live.validate())...))
}

// plainPath accepts paths that mean themselves as a pattern of net/http and in a URL.
func plainPath(p string) bool {
	return strings.HasPrefix(p, "/") && path.Clean(p) == p && !strings.ContainsAny(p, "{}?#%\\ ") && url.PathEscape(p) == strings.ReplaceAll(p, "/", "%2F")
}
