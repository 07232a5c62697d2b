// The Debian package and the systemd units in it, tried with systemd's own programs.

package deploy_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// exposure is what systemd-analyze security may find at the most, in tenths: 0 is a sealed box, 100 a root shell.
const exposure = "15"

// unpack makes the Debian package and returns the folder with what is in it.
func unpack(t *testing.T) string {
	t.Helper()
	for _, program := range []string{"dpkg-deb", "systemd-analyze", "systemd-socket-activate"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("NOT CHECKED: package and units, %s is not there (Debian: dpkg, systemd)", program)
		}
	}
	tool(t, "nfpm")
	dist, root := t.TempDir(), t.TempDir()
	// Built as in other tests, whose compiled packages are used again; --old-file keeps make from building it anew.
	binary := filepath.Join(dist, "ccaas_exporter")
	output(t, "go", "build", "-ldflags=-s -w", "-o", binary, "..")
	output(t, "make", "-C", "..", "--no-print-directory", "--old-file=build", "package", "BUILD=", "VERSION=1.2.3", "DIST="+dist, "BINARY="+binary)
	output(t, "dpkg-deb", "--extract", files(t, filepath.Join(dist, "*.deb"))[0], root)
	return root
}

func output(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
	return string(out)
}

func TestPackage(t *testing.T) {
	if testing.Short() {
		t.Log("not run: it builds a package")
		return
	}
	root := unpack(t)
	t.Run("files", func(t *testing.T) {
		var got []string
		err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
			path = strings.TrimPrefix(path, root)
			if !entry.IsDir() && !strings.HasPrefix(path, "/usr/share/ccaas_exporter/") {
				got = append(got, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"/lib/systemd/system/ccaas_exporter.service", "/lib/systemd/system/ccaas_exporter.socket", "/usr/bin/ccaas_exporter",
			"/usr/share/bash-completion/completions/ccaas_exporter",
			"/usr/share/doc/ccaas-exporter/config.example.yml", "/usr/share/doc/ccaas-exporter/copyright",
			"/usr/share/man/man1/ccaas_exporter.1.gz", "/usr/share/zsh/vendor-completions/_ccaas_exporter",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("files beside rules and boards (-want +got):\n%s", diff)
		}
		if secrets, err := os.Stat(filepath.Join(root, "etc/ccaas_exporter/secrets")); err != nil || secrets.Mode().Perm() != 0o700 {
			t.Errorf("the folder of secrets is %v, %v, want one for root alone", secrets, err)
		}
	})
	t.Run("units", func(t *testing.T) { checkUnits(t, root) })
	t.Run("socket activation", func(t *testing.T) { activate(t, filepath.Join(root, "usr/bin/ccaas_exporter")) })
}

// checkUnits has systemd read the units and rate the hardening. The program is where it was unpacked.
func checkUnits(t *testing.T, root string) {
	t.Helper()
	folder := t.TempDir()
	var units []string
	for _, file := range files(t, filepath.Join(root, "lib/systemd/system/*")) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		unit := filepath.Join(folder, filepath.Base(file))
		here := strings.ReplaceAll(string(text), "/usr/bin/ccaas_exporter", root+"/usr/bin/ccaas_exporter")
		if err := os.WriteFile(unit, []byte(here), 0o600); err != nil {
			t.Fatal(err)
		}
		units = append(units, unit)
	}
	if said := output(t, "systemd-analyze", append([]string{"verify", "--man=no"}, units...)...); said != "" {
		t.Errorf("systemd-analyze verify: %s", said)
	}
	i := slices.IndexFunc(units, func(name string) bool { return strings.HasSuffix(name, ".service") })
	output(t, "systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold="+exposure, units[i])
}

// activate starts the program by a connection to a socket that systemd holds.
func activate(t *testing.T, program string) {
	t.Helper()
	address := "127.0.0.1:" + freePorts(t, 1)[0]
	activated := exec.Command("systemd-socket-activate", "--listen="+address, program, "--web.systemd-socket", "--demo")
	if err := activated.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = activated.Process.Signal(syscall.SIGTERM)
		if err := activated.Wait(); err != nil {
			t.Errorf("after SIGTERM: %v", err)
		}
	})
	client := http.Client{Timeout: time.Minute}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); ; <-tick.C {
		response, err := client.Get("http://" + address + "/metrics")
		if err != nil && time.Now().Before(deadline) {
			continue // it does not listen yet
		}
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), "ccaas_exporter_build_info") {
			t.Errorf("GET /metrics: %s, %v, %.200s", response.Status, err, body)
		}
		return
	}
}
