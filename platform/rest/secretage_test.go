package rest

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/oauth2"
)

// secretFile writes a secret that was modified at a time.
func secretFile(t *testing.T, path string, modified time.Time) {
	t.Helper()
	if err := os.WriteFile(path, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, modified, modified); err != nil {
		t.Fatal(err)
	}
}

// secretAges are the times that the client exports, by the labels of their series.
func secretAges(t *testing.T, c *Client) map[string]float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c.Metrics())
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	ages := map[string]float64{}
	for _, family := range families {
		if strings.Contains(family.String(), canary) {
			t.Errorf("a metric shows a path: %s", family)
		}
		if family.GetName() != secretFileFamily.Name {
			continue
		}
		for _, m := range family.GetMetric() {
			var labels []string
			for _, pair := range m.GetLabel() {
				labels = append(labels, pair.GetName()+"="+pair.GetValue())
			}
			ages[strings.Join(labels, ",")] = m.GetGauge().GetValue()
		}
	}
	return ages
}

// TestSecretAges replaces and removes files between logins.
func TestSecretAges(t *testing.T) {
	folder := filepath.Join(t.TempDir(), canary)
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	old, rotated := time.Unix(1_700_000_000, 0), time.Unix(1_710_000_000, 0)
	key, app := filepath.Join(folder, "key"), filepath.Join(folder, "app")
	secretFile(t, key, old)
	secretFile(t, app, old)
	c, err := New(Options{
		Secrets: Secrets{
			"access_key_secret_file": {File: key},
			"client_secret_file":     {File: app},
			"given_as_a_value":       {Value: canary},
			"never_there":            {File: filepath.Join(folder, "none")},
			"a_folder":               {File: folder},
		},
		Authorizer: Bearer(func(context.Context, *http.Client) (*oauth2.Token, error) {
			return nil, errors.New("refused")
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	want := map[string]float64{"key=access_key_secret_file": 1_700_000_000, "key=client_secret_file": 1_700_000_000}
	if diff := cmp.Diff(want, secretAges(t, c)); diff != "" {
		t.Errorf("before a login (-want +got):\n%s", diff)
	}

	secretFile(t, key, rotated)
	if err := os.Remove(app); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, secretAges(t, c)); diff != "" {
		t.Errorf("a scrape reads no file (-want +got):\n%s", diff)
	}
	if err := c.Authenticate(t.Context()); err == nil {
		t.Error("the login succeeds, want it refused")
	}
	want = map[string]float64{"key=access_key_secret_file": 1_710_000_000}
	if diff := cmp.Diff(want, secretAges(t, c)); diff != "" {
		t.Errorf("after a login (-want +got):\n%s", diff)
	}
}
