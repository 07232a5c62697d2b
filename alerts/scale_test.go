// Rules and routes in fast motion: every duration divided by a factor, everything else as it is.

package alerts_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

var (
	// inQuery finds strings, which stay as they are, and where PromQL has durations: in brackets and after offset.
	inQuery = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\boffset\s+-?\w+`)
	// durations are words such as 5m, 1h30m or 500ms.
	duration = regexp.MustCompile(`\b(?:\d+(?:ms|[smhdwy]))+\b`)
	// durationKeys are the keys of rule files and Alertmanager configurations whose value is a duration.
	durationKeys = regexp.MustCompile(`^(for|keep_firing_for|interval|group_wait|group_interval|repeat_interval)$`)
)

// scale divides all durations in a YAML document of rules or routes by factor.
func scale(t *testing.T, document []byte, factor int) []byte {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal(document, &root); err != nil {
		t.Fatal(err)
	}
	scaleNode(t, &root, factor)
	scaled, err := yaml.Marshal(&root)
	if err != nil {
		t.Fatal(err)
	}
	return scaled
}

func scaleNode(t *testing.T, n *yaml.Node, factor int) {
	t.Helper()
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			switch key, value := n.Content[i].Value, n.Content[i+1]; {
			case key == "expr":
				value.Value = scaleQuery(t, value.Value, factor)
			case durationKeys.MatchString(key) && value.Kind == yaml.ScalarNode:
				value.Value = scaleDurations(t, value.Value, factor)
			}
		}
	}
	for _, child := range n.Content {
		scaleNode(t, child, factor)
	}
}

func scaleQuery(t *testing.T, query string, factor int) string {
	t.Helper()
	return inQuery.ReplaceAllStringFunc(query, func(part string) string {
		if strings.HasPrefix(part, `"`) {
			return part
		}
		return scaleDurations(t, part, factor)
	})
}

func scaleDurations(t *testing.T, text string, factor int) string {
	t.Helper()
	return duration.ReplaceAllStringFunc(text, func(word string) string {
		d, err := model.ParseDuration(word)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%dms", time.Duration(d).Milliseconds()/int64(factor))
	})
}

func TestScale(t *testing.T) {
	const rules = `groups:
    - name: g5m
      interval: 1m
      rules:
        - record: ccaas:x:max5m
          labels: {window: "5m"}
          expr: max_over_time((count by (a) (x{a="[5m] offset 5m"} > 300))[5m:15s] offset 10m) + y offset -1h / 40
        - alert: A
          expr: absent(x)
          for: 5m
          keep_firing_for: 1h30m
          annotations: {summary: for 5m}
`
	want := `groups:
    - name: g5m
      interval: 1000ms
      rules:
        - record: ccaas:x:max5m
          labels: {window: "5m"}
          expr: max_over_time((count by (a) (x{a="[5m] offset 5m"} > 300))[5000ms:250ms] offset 10000ms) + y offset -60000ms / 40
        - alert: A
          expr: absent(x)
          for: 5000ms
          keep_firing_for: 90000ms
          annotations: {summary: for 5m}
`
	if diff := cmp.Diff(want, string(scale(t, []byte(rules), 60))); diff != "" {
		t.Errorf("scale (-want +got):\n%s", diff)
	}
	const routes = "route: {group_wait: 30s, group_interval: 5m, routes: [{repeat_interval: 4h, receiver: 5m}]}\n"
	wantRoutes := "route: {group_wait: 500ms, group_interval: 5000ms, routes: [{repeat_interval: 240000ms, receiver: 5m}]}\n"
	if diff := cmp.Diff(wantRoutes, string(scale(t, []byte(routes), 60))); diff != "" {
		t.Errorf("scale (-want +got):\n%s", diff)
	}
}
