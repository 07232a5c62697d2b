package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/simulator"
)

// demoWebhooks are the webhooks of the demo: the receiver's keys in a directory of their own, and the tenant that pushes.
type demoWebhooks struct {
	dir  string
	keys *simulator.WebhookKeys
}

// signedURL is what the demo's signatures are made for: the receiver's port is not known when they are configured.
const signedURL = "https://hooks.example.org/webhook/voice"

// newDemoWebhooks makes keys, certificates and the listener's web configuration.
func newDemoWebhooks() (*demoWebhooks, error) {
	dir, err := os.MkdirTemp("", "ccaas_exporter-demo-")
	if err != nil {
		return nil, err
	}
	d := &demoWebhooks{dir: dir}
	if d.keys, err = simulator.NewWebhookKeys(dir); err == nil {
		err = os.WriteFile(d.webConfig(), fmt.Appendf(nil,
			"tls_server_config: {cert_file: %q, key_file: %q, client_ca_file: %q, client_auth_type: VerifyClientCertIfGiven}\n",
			d.keys.ServerFile, d.keys.ServerKey, d.keys.CAFile), 0o600)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return d, nil
}

func (d *demoWebhooks) webConfig() string { return filepath.Join(d.dir, "web.yml") }

// config is a part of the demo's configuration file: one hook is signed, the other is for one certificate.
func (d *demoWebhooks) config() string {
	return fmt.Sprintf(`webhooks:
  listen_address: 127.0.0.1:0
  web_config_file: %q
  hooks:
    - name: voice
      kind: voice_quality
      account: us
      signature: {url: %q, keys: [{consumer_id: demo, key_version: "1", file: %q}]}
      labels: [location_country]
    - name: script
      kind: script_api
      account: us
      mtls: {subjects: [%q]}
`, d.webConfig(), signedURL, d.keys.PublicKeyFile, "cn:"+simulator.GatewaySubject)
}

// push lets the simulated tenant push to the receiver at an address until ctx ends or the world is closed.
func (d *demoWebhooks) push(ctx context.Context, world *simulator.World, address string) {
	base := "https://" + address + "/webhook/"
	world.PushWebhooks(ctx,
		simulator.Subscription{
			URL: base + "voice", DataType: simulator.VoiceQualityMetrics, Every: 200 * time.Millisecond, Client: d.keys.Client(false),
			Signature: &simulator.Signature{Key: d.keys.Signer, ConsumerID: "demo", KeyVersion: "1", URL: signedURL},
		},
		simulator.Subscription{
			URL: base + "script", DataType: simulator.ScriptAPIMonitoring, Every: 200 * time.Millisecond, Client: d.keys.Client(true),
		},
	)
}

func (d *demoWebhooks) close() { _ = os.RemoveAll(d.dir) } // a directory for temporary files
