// The chart: what chartcheck, Helm's linter and templates with strict decoding, makes of values.

package deploy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/ccaas-exporter/ccaas_exporter/app"
)

const chart = "helm/ccaas-exporter"

// production is what a user sets who has an account, secrets and the operator.
const production = `
config:
  genesys: [{name: emea, region: eu-central-1, client_id: id, client_secret_file: /run/secrets/ccaas/genesys}]
secrets: {existingSecret: ccaas}
serviceMonitor: {enabled: true, labels: {release: prometheus}}
rules: {enabled: true, labels: {release: prometheus}}
boards: {enabled: true}
networkPolicy:
  enabled: true
`

// object is a Kubernetes object, as the API server would read it.
type object map[string]any

// at returns what is at a path of keys and indexes such as spec.ports.0.name.
func (o object) at(path string) any {
	var value any = map[string]any(o)
	for key := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			i := int(key[0] - '0')
			if i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// render returns the objects of the chart by kind and name, or what is wrong.
func render(t *testing.T, values string) (map[string]object, error) {
	t.Helper()
	check := exec.CommandContext(t.Context(), tool(t, "chartcheck"), "--values=-", chart)
	check.Stdin = strings.NewReader(values)
	var stderr bytes.Buffer
	check.Stderr = &stderr
	out, err := check.Output()
	if err != nil {
		return nil, errors.New(stderr.String())
	}
	var list []object
	if err := json.Unmarshal(out, &list); err != nil {
		t.Fatal(err)
	}
	objects := map[string]object{}
	for _, o := range list {
		objects[o.at("kind").(string)+" "+o.at("metadata.name").(string)] = o
	}
	if len(objects) != len(list) {
		t.Errorf("two objects have one name:\n%s", values)
	}
	return objects, nil
}

func rendered(t *testing.T, values string) map[string]object {
	t.Helper()
	objects, err := render(t, values)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

const (
	deployment = "Deployment ccaas"
	container  = "spec.template.spec.containers.0"
	one        = "config: {cxone: [{name: us, access_key_id: id, access_key_secret_file: /run/secrets/ccaas/us}]"
)

var digest = strings.Repeat("a1b2c3d4", 8)

// chartTests have values, and what stands at a place in one of the objects that come of them.
var chartTests = []struct {
	name, values string
	object, path string
	want         string // as JSON
}{
	{"demo", "demo: true", deployment, container + ".args", `["--demo"]`},
	{"demo has no configuration", "demo: true", "ConfigMap ccaas", "data", `null`},
	{"configuration", one + "}", deployment, container + ".args", `["--config.file=/etc/ccaas/config.yml"]`},
	{"flags", "{demo: true, extraArgs: [--log.format=json]}", deployment, container + ".args", `["--demo","--log.format=json"]`},
	{"one replica", one + "}", deployment, "spec.replicas", `1`},
	{"update", one + "}", deployment, "spec.strategy.type", `"RollingUpdate"`},
	{"update of presences compared only", one + ", presence: [{name: p}]}", deployment, "spec.strategy.type", `"RollingUpdate"`},
	{"update of the only writer", one + ", presence: [{name: p, sync: {dry_run: true}}]}", deployment, "spec.strategy.type", `"Recreate"`},
	{"update with Redis", one + ", presence: [{name: p, sync: {dry_run: true}}], redis: {address: r}}", deployment, "spec.strategy.type", `"RollingUpdate"`},
	{"update as chosen", one + "}\nstrategy: Recreate", deployment, "spec.strategy.type", `"Recreate"`},
	{"no token", "demo: true", "ServiceAccount ccaas", "automountServiceAccountToken", `false`},
	{"no token in the pod", "demo: true", deployment, "spec.template.spec.automountServiceAccountToken", `false`},
	{"read-only root", "demo: true", deployment, container + ".securityContext.readOnlyRootFilesystem", `true`},
	{"a Secret", one + "}\nsecrets: {existingSecret: ours}", deployment, "spec.template.spec.volumes.1", `{"name":"secrets","secret":{"defaultMode":288,"secretName":"ours"}}`},
	{"CSI", one + "}\nsecrets: {csi: {driver: secrets-store.csi.k8s.io, readOnly: true, volumeAttributes: {secretProviderClass: ours}}}", deployment, "spec.template.spec.volumes.1", `{"csi":{"driver":"secrets-store.csi.k8s.io","readOnly":true,"volumeAttributes":{"secretProviderClass":"ours"}},"name":"secrets"}`},
	{"digest", "{demo: true, image: {digest: sha256:" + digest + "}}", deployment, container + ".image", `"ghcr.io/ccaas-exporter/ccaas_exporter@sha256:` + digest + `"`},
	{"tag", "{demo: true, image: {tag: edge}}", deployment, container + ".image", `"ghcr.io/ccaas-exporter/ccaas_exporter:edge"`},
	{"scheme of probes", "{demo: true, probes: {scheme: HTTPS}}", deployment, container + ".readinessProbe.httpGet", `{"path":"/-/ready","port":"metrics","scheme":"HTTPS"}`},
	{"scheduling", "{demo: true, tolerations: [{key: a, operator: Exists}], priorityClassName: high}", deployment, "spec.template.spec.tolerations", `[{"key":"a","operator":"Exists"}]`},
	{"annotations", "{demo: true, scrapeAnnotations: true}", "Service ccaas", "metadata.annotations", `{"prometheus.io/path":"/metrics","prometheus.io/port":"10054","prometheus.io/scrape":"true"}`},
	{"no webhooks", one + "}", "Service ccaas-webhooks", "spec", `null`},
	{"webhooks", one + `, webhooks: {listen_address: "[::]:10056", hooks: []}}`, deployment, container + ".ports", `[{"containerPort":10054,"name":"metrics"},{"containerPort":10056,"name":"webhooks"}]`},
	{"webhooks' service", one + ", webhooks: {hooks: []}}\nwebhooks: {service: {type: LoadBalancer, externalTrafficPolicy: Local}}", "Service ccaas-webhooks", "spec.type", `"LoadBalancer"`},
	{"webhooks' host", one + ", webhooks: {hooks: []}}\nwebhooks: {ingress: {host: hooks.example.org}}", "Ingress ccaas-webhooks", "spec.rules.0.host", `"hooks.example.org"`},
	{"TLS passes through", one + ", webhooks: {hooks: []}}\nwebhooks: {ingress: {host: hooks.example.org}}", "Ingress ccaas-webhooks", "spec.tls", `null`},
	{"the job", production, "ServiceMonitor ccaas", "spec.endpoints.0.relabelings", `[{"replacement":"ccaas_exporter","targetLabel":"job"}]`},
	{"what Prometheus selects", production, "ServiceMonitor ccaas", "metadata.labels.release", `"prometheus"`},
	{"what the sidecar selects", production, "ConfigMap ccaas-board-overview", "metadata.labels.grafana_dashboard", `"1"`},
	{"the policy", production, "NetworkPolicy ccaas", "spec.egress.1", `{"ports":[{"port":443,"protocol":"TCP"}]}`},
	{"more egress", production + "  egress: [{ports: [{port: 3128}]}]", "NetworkPolicy ccaas", "spec.egress.2", `{"ports":[{"port":3128}]}`},
	{"who scrapes", "{demo: true, networkPolicy: {enabled: true, metricsFrom: [{namespaceSelector: {}}]}}", "NetworkPolicy ccaas", "spec.ingress.0.from", `[{"namespaceSelector":{}}]`},
}

// TestChart renders the chart over the table.
func TestChart(t *testing.T) {
	for _, test := range chartTests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := json.Marshal(rendered(t, test.values)[test.object].at(test.path))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.want {
				t.Errorf("%s of %s = %s, want %s", test.path, test.object, got, test.want)
			}
		})
	}
}

// TestChartRefuses wants a sentence for values that cannot work.
func TestChartRefuses(t *testing.T) {
	const writer = "config: {presence: [{name: p, sync: {dry_run: true}}]}\n"
	for values, want := range map[string]string{
		"":                                      "config is empty: set it to the exporter's configuration, or set demo=true",
		"{demo: true, config: {cxone: []}}":     "demo needs no config",
		"{demo: true, confg: {}}":               "additional properties 'confg' not allowed",
		"{demo: true, replicas: two}":           "at '/replicas': got string, want integer",
		"{demo: true, image: {digest: latest}}": "at '/image/digest'",
		writer + "replicas: 2":                  "presence synchronization has one writer",
		writer + "strategy: RollingUpdate":      "a rolling update runs two writers",
		"{demo: true, secrets: {existingSecret: a, csi: {driver: d}}}":                      "give existingSecret or csi, not both",
		"{demo: true, webhooks: {ingress: {host: h.example.org}}}":                          "config has no webhooks",
		"{demo: true, resources: {limit: {memory: 1Gi}}}":                                   `unknown field "spec.template.spec.containers[0].resources.limit"`,
		"{demo: true, serviceMonitor: {enabled: true, endpoint: {scheme: https, tls: {}}}}": `unknown field "spec.endpoints[0].tls"`,
	} {
		t.Run(values, func(t *testing.T) {
			t.Parallel()
			if _, err := render(t, values); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error = %v, want %q in it", err, want)
			}
		})
	}
}

// TestChartObjects wants every object of a production, and no more.
func TestChartObjects(t *testing.T) {
	objects := rendered(t, production)
	want := []string{"ConfigMap ccaas", "Deployment ccaas", "NetworkPolicy ccaas", "Service ccaas", "ServiceAccount ccaas", "ServiceMonitor ccaas"}
	for _, file := range files(t, "../alerts/*.rules.yml") {
		want = append(want, "PrometheusRule ccaas-"+strings.TrimSuffix(filepath.Base(file), ".rules.yml"))
	}
	for _, file := range files(t, "../dashboards/*.json") {
		want = append(want, "ConfigMap ccaas-board-"+strings.TrimPrefix(strings.TrimSuffix(filepath.Base(file), ".json"), "ccaas-"))
	}
	var got []string
	for name := range objects {
		got = append(got, name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

// TestChartRules holds the rules and boards of the chart against those of the repository.
func TestChartRules(t *testing.T) {
	objects := rendered(t, production)
	for _, file := range files(t, "../alerts/*.rules.yml") {
		var want map[string]any
		load(t, file, &want)
		got := objects["PrometheusRule ccaas-"+strings.TrimSuffix(filepath.Base(file), ".rules.yml")].at("spec")
		if diff := cmp.Diff(plain(t, want), plain(t, got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
	for _, file := range files(t, "../dashboards/*.json") {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		data := objects["ConfigMap ccaas-board-"+strings.TrimPrefix(strings.TrimSuffix(name, ".json"), "ccaas-")].at("data").(map[string]any)
		if diff := cmp.Diff(map[string]any{name: string(want)}, data); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

// TestChartConfig has the exporter read the configuration where the pod has it, and wants a change of it to restart the pod.
func TestChartConfig(t *testing.T) {
	objects := rendered(t, production)
	config := objects["ConfigMap ccaas"].at("data").(map[string]any)["config.yml"].(string)
	file := filepath.Join(t.TempDir(), "config.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	if err := app.Run(t.Context(), []string{"--config.check", "--config.file=" + file}, &stdout, &stderr); err != nil {
		t.Errorf("--config.check: %v\n%s", err, &stderr)
	}
	const sum = "spec.template.metadata.annotations"
	changed := rendered(t, strings.Replace(production, "emea", "americas", 1))
	if before, after := objects["Deployment ccaas"].at(sum), changed["Deployment ccaas"].at(sum); cmp.Equal(before, after) {
		t.Errorf("annotations of two configurations are %v", before)
	}
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("no file is called %s (%v)", pattern, err)
	}
	return found
}

// plain is a value as JSON has it: numbers are alike, whatever they were.
func plain(t *testing.T, value any) (same any) {
	t.Helper()
	text, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &same); err != nil {
		t.Fatal(err)
	}
	return same
}
