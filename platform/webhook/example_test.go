package webhook_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v3"

	"github.com/ccaas-exporter/ccaas_exporter/platform/webhook"
)

// A receiver with one hook gets the audio quality of a call twice, and counts it once.
func Example() {
	dir, err := os.MkdirTemp("", "webhook")
	check(err)
	defer os.RemoveAll(dir)
	secret := filepath.Join(dir, "token")
	check(os.WriteFile(secret, []byte("a-token-of-some-length"), 0o600))

	var config webhook.Config
	check(yaml.Unmarshal(fmt.Appendf(nil, `
listen_address: :10055
hooks:
  - {name: voice, kind: voice_quality, account: us, labels: [skill], bearer: {file: %q}}
`, secret), &config))
	receiver := webhook.New(webhook.Options{Logger: slog.New(slog.DiscardHandler)})
	check(receiver.Apply(config))

	for range 2 {
		request := httptest.NewRequest(http.MethodPost, "/webhook/voice", strings.NewReader(`{"ContactId": 1, "SkillName": "Billing", "AvgMos": 4.2, "AvgRtt": 0}`))
		request.Header.Set("Authorization", "Bearer a-token-of-some-length")
		answer := httptest.NewRecorder()
		receiver.ServeHTTP(answer, request)
		fmt.Println(answer.Code)
	}
	stranger := httptest.NewRecorder()
	receiver.ServeHTTP(stranger, httptest.NewRequest(http.MethodPost, "/webhook/voice", strings.NewReader("{}")))
	fmt.Println(stranger.Code)

	measured := receiver.Metrics("us")
	receiver.Close() // what was acknowledged is counted
	registry := prometheus.NewRegistry()
	check(registry.Register(measured))
	families, err := registry.Gather()
	check(err)
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if m.GetHistogram() == nil {
				continue
			}
			fmt.Println(family.GetName(), m.GetHistogram().GetSampleCount(), m.GetHistogram().GetSampleSum())
		}
	}
	// Output:
	// 200
	// 200
	// 404
	// ccaas_voice_mos 1 4.2
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
