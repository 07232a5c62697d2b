// What a newcomer meets: how to start without a configuration, what to look at in the demo, which version this is.

package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/prometheus/common/version"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// unreadable says why the configuration file cannot be read, and how to start when it does not exist.
func unreadable(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case errors.Is(err, syscall.EISDIR):
		return fmt.Errorf("%s is a directory, expected a file", path)
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%s: a part of the path is a file, expected a directory", path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: this user may not read it", path)
	default:
		return err
	}
	return fmt.Errorf("%s: no such file\nWithout a configuration, --demo shows everything on simulated platforms. "+
		"With an account, start from config.example.yml and name your file by --config.file", path)
}

// sayWhatNext prints, when the demo runs, where to look and what to try.
func (f *flags) sayWhatNext(out io.Writer) {
	if !f.demo.on {
		return
	}
	base := "http://HOST:PORT" // as the log says
	if f.web != nil && f.web.WebListenAddresses != nil && len(*f.web.WebListenAddresses) > 0 {
		base = urlOf((*f.web.WebListenAddresses)[0], base)
	}
	base += f.prefix()
	fmt.Fprintf(out, `
The demo plays %s on simulated platforms. What to do next:
  scrape      %s%s   by Prometheus or curl: only a scrape asks the platforms
  look        %s/   in a browser, at what the scrapes brought
  break       curl -X POST '%s/demo/scenario?name=trunk-outage'
  scenarios   %s

`, f.demo.scenario, base, f.telemetryPath, base, base, strings.Join(simulator.Scenarios(), " "))
}

// urlOf is where a browser on this machine reaches a listen address, or otherwise when its port is not known yet.
func urlOf(address, otherwise string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "0" || port == "" {
		return otherwise
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// NoteVersion takes the version from the build information where the linker was given none, as by go run and go install. It
// is to be called before Run, once: everything that names the version reads it from then on.
func NoteVersion() {
	if info, ok := debug.ReadBuildInfo(); ok && version.Version == "" {
		version.Version = buildVersion(info)
	}
}

// buildVersion is the version of the main module: a tag, a pseudo-version of a commit, or devel.
func buildVersion(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	return "devel" // go run
}
