// Package deploy_test checks the examples in this folder: that they are well-formed and name files that exist.
package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

type compose struct {
	Services map[string]struct {
		Image     string
		Build     string
		Command   []string
		Ports     []string
		Volumes   []string
		ReadOnly  bool `yaml:"read_only"`
		Tmpfs     []string
		DependsOn []string `yaml:"depends_on"`
		CapDrop   []string `yaml:"cap_drop"`
		Security  []string `yaml:"security_opt"`
		Memory    string   `yaml:"mem_limit"`
		CPUs      float64  `yaml:"cpus"`
		PIDs      int      `yaml:"pids_limit"`
	}
	Volumes map[string]any
}

func load(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func TestCompose(t *testing.T) {
	var c compose
	load(t, "compose/docker-compose.yml", &c)
	pinned := regexp.MustCompile(`^[a-z/]+:v?[0-9]+\.[0-9]+\.[0-9]+@sha256:[0-9a-f]{64}$`)
	for _, name := range []string{"exporter", "prometheus", "alertmanager", "grafana"} {
		s, ok := c.Services[name]
		if !ok {
			t.Errorf("there is no service %s", name)
		}
		if s.Build == "" && !pinned.MatchString(s.Image) {
			t.Errorf("%s: image %q is not pinned", name, s.Image)
		}
		if !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.Security, []string{"no-new-privileges:true"}) {
			t.Errorf("%s: capabilities dropped %q, security options %q", name, s.CapDrop, s.Security)
		}
		if s.Memory == "" || s.CPUs == 0 || s.PIDs == 0 {
			t.Errorf("%s is not limited: memory %q, CPUs %v, processes %d", name, s.Memory, s.CPUs, s.PIDs)
		}
		if len(s.Ports) == 0 {
			t.Errorf("%s publishes no port", name)
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s publishes %s beyond loopback", name, port)
			}
		}
		for _, other := range s.DependsOn {
			if _, ok := c.Services[other]; !ok {
				t.Errorf("%s depends on %s, which is not there", name, other)
			}
		}
		for _, volume := range s.Volumes {
			from, _, _ := strings.Cut(volume, ":")
			if _, named := c.Volumes[from]; named {
				continue
			}
			if _, err := os.Stat(filepath.Join("compose", from)); err != nil || !strings.HasSuffix(volume, ":ro") {
				t.Errorf("%s mounts %s: missing or writable (%v)", name, volume, err)
			}
		}
	}
	if e := c.Services["exporter"]; !e.ReadOnly || !slices.Contains(e.Tmpfs, "/tmp") {
		t.Errorf("the exporter's file system: read-only %v, tmpfs %q, want read-only but for /tmp, where the demo has keys", e.ReadOnly, e.Tmpfs)
	}
	if _, err := os.Stat(filepath.Join("compose", c.Services["exporter"].Build, "Dockerfile")); err != nil {
		t.Errorf("the exporter is built from %s: %v", c.Services["exporter"].Build, err)
	}
}

// mounted returns the path outside a container for a path inside.
func mounted(t *testing.T, service, inside string) string {
	t.Helper()
	var c compose
	load(t, "compose/docker-compose.yml", &c)
	for _, volume := range c.Services[service].Volumes {
		parts := strings.Split(volume, ":")
		if parts[1] == inside {
			return filepath.Join("compose", parts[0])
		}
	}
	t.Fatalf("%s mounts nothing at %s", service, inside)
	return ""
}

func TestGrafanaProvisioning(t *testing.T) {
	var providers struct {
		Providers []struct {
			Type    string
			Options struct{ Path string }
		}
	}
	load(t, "compose/grafana/dashboards.yml", &providers)
	if len(providers.Providers) != 1 || providers.Providers[0].Type != "file" {
		t.Fatalf("providers = %+v, want one of type file", providers.Providers)
	}
	boards, err := filepath.Glob(filepath.Join(mounted(t, "grafana", providers.Providers[0].Options.Path), "*.json"))
	if err != nil || len(boards) == 0 {
		t.Errorf("the provider finds no boards: %v", err)
	}
	var sources struct {
		Datasources []struct{ Type, URL string }
	}
	load(t, "compose/grafana/datasources.yml", &sources)
	if len(sources.Datasources) != 1 || sources.Datasources[0].Type != "prometheus" || sources.Datasources[0].URL != "http://prometheus:9090" {
		t.Errorf("data sources = %+v, want the Prometheus beside", sources.Datasources)
	}
}

// TestPrometheusConfig has promtool read the configuration with the rules where the container has them.
func TestPrometheusConfig(t *testing.T) {
	var config struct {
		RuleFiles     []string `yaml:"rule_files"`
		ScrapeConfigs []struct {
			JobName string `yaml:"job_name"`
		} `yaml:"scrape_configs"`
	}
	source := mounted(t, "prometheus", "/etc/prometheus/prometheus.yml")
	load(t, source, &config)
	if len(config.ScrapeConfigs) != 1 || config.ScrapeConfigs[0].JobName != "ccaas_exporter" {
		t.Errorf("scrape configurations = %+v, want the job ccaas_exporter", config.ScrapeConfigs)
	}
	folder := t.TempDir()
	rules, err := filepath.Abs(mounted(t, "prometheus", "/etc/prometheus/rules"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(rules, filepath.Join(folder, "rules")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "prometheus.yml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool(t, "promtool"), "check", "config", path).CombinedOutput()
	if err != nil {
		t.Fatalf("promtool: %v\n%s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(rules, "*.rules.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no rules in %s: %v", rules, err)
	}
	if want := len(files); strings.Count(string(out), "rules found") != want {
		t.Errorf("promtool read not all of %d rule files:\n%s", want, out)
	}
}

// tool finds a program that make tools builds.
func tool(t *testing.T, name string) string {
	t.Helper()
	for _, folder := range []string{os.Getenv("TOOLS_DIR"), "../.tools/bin"} {
		path, err := filepath.Abs(filepath.Join(folder, name))
		if err == nil && folder != "" {
			_, err = os.Stat(path)
		}
		if err == nil && folder != "" {
			return path
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not there: run make tools first (%v)", name, err)
	}
	return path
}
