package app

import (
	"io"
	"path/filepath"
	"strings"
	"testing"
)

// TestOddCommandLines wants a sentence, with the flag that it is about, for every odd command line.
func TestOddCommandLines(t *testing.T) {
	dir := t.TempDir()
	for args, want := range map[string]string{
		"extra":                                     `unexpected "extra": everything is a flag here, and this one takes no value or has no name; --help lists all`,
		"--check.live=yes":                          `unexpected "yes": everything is a flag here, and this one takes no value or has no name; --help lists all`,
		"--no-such":                                 "unknown long flag '--no-such': --help lists all",
		"--config.file":                             "--config.file: expected a value, as in --config.file=VALUE",
		"--check.format=yaml":                       `--check.format: unknown value "yaml", expected one of text, json`,
		"--log.level=loud":                          `--log.level: unknown value "loud", expected one of debug, info, warn, error`,
		"--web.timeout-offset=abc":                  `--web.timeout-offset: "abc" is no duration, expected one such as 500ms`,
		"--check.live --config.check":               "--config.check, --check.live, --presence.explain: expected one of them at most",
		"--check.live --check.bundle=":              "--check.bundle: expected the name of a file to write, such as report.tar.gz",
		"--check.bundle=b.tar.gz":                   "--check.bundle needs --check.live",
		"--check.format=json":                       "--check.format needs --check.live",
		"--demo --check.format=text":                "--check.format needs --check.live",
		"--check.regions":                           "--check.regions needs --check.live",
		"--config.file=" + dir:                      dir + " is a directory, expected a file",
		"--demo --check.live --check.bundle=" + dir: "--check.bundle: " + dir + ": it is a directory, expected a file to write",
		"--config.file=" + filepath.Join(dir, "n.yml"): filepath.Join(dir, "n.yml") + ": no such file\nWithout a configuration, --demo shows everything on simulated platforms. " +
			"With an account, start from config.example.yml and name your file by --config.file",
	} {
		err := Run(t.Context(), strings.Fields(args), io.Discard, io.Discard)
		if err == nil || err.Error() != want {
			t.Errorf("Run(%s) = %v, want %s", args, err, want)
		}
	}
}
