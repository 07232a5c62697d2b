package rest

import (
	"errors"
	"os"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/metric"
)

var secretFileFamily = &metric.Family{
	Name: "ccaas_secret_file_modified_timestamp_seconds", Type: metric.Gauge, Labels: []string{"key"},
	Help: "Unix time at which the file of a secret of the account was last modified, by configuration key, as of the last login. " +
		"Absent for a secret that is given as a value, and for a file that cannot be read.",
}

// Secrets are the secrets that an account logs in with, by configuration key.
type Secrets map[string]Secret

// readSecretAges notes when the files of the secrets were modified: when the client is made and before each login, which
// reads the files in any case. A scrape reads no file.
func (m *metrics) readSecretAges(secrets Secrets) {
	for key, secret := range secrets {
		if secret.File == "" {
			continue
		}
		if at, err := modified(secret.File); err == nil {
			m.secretFiles.WithLabelValues(key).Set(metric.Unix(at))
			continue
		}
		m.secretFiles.DeleteLabelValues(key)
	}
}

// modified returns when a file was last modified; an error for one that cannot be opened, which that time does not show.
// Of anything but a regular file, such as a pipe, opening it might wait.
func modified(path string) (time.Time, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return time.Time{}, err
	case !info.Mode().IsRegular():
		return time.Time{}, errors.New("not a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), file.Close()
}
