// The check of the files that exporter-toolkit reads, before anything is started.

package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v3"

	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/webhook"
)

var webConfigLine = regexp.MustCompile(`line ([0-9]+): `)

// checkWebConfig reads a web configuration in the form of exporter-toolkit; "" is none. The toolkit's YAML parser quotes
// values, which may be secrets: its words are left out.
func checkWebConfig(key, file string) error {
	if file == "" {
		return nil
	}
	err := web.Validate(file)
	if err == nil {
		return nil
	}
	if _, missing := errors.AsType[*fs.PathError](err); !missing && strings.HasPrefix(err.Error(), "yaml: ") {
		where := ""
		if m := webConfigLine.FindStringSubmatch(err.Error()); m != nil {
			where = ", line " + m[1]
		}
		err = fmt.Errorf("%s%s: no valid web configuration", file, where)
	}
	return settings.MaskError(fmt.Errorf("%s: %w", key, err))
}

// webhooksWebConfig is the key of the web configuration of the webhooks' listener.
const webhooksWebConfig = "webhooks.web_config_file"

// verifying are the client_auth_type of a web configuration with which a client may be known by its certificate.
var verifying = []string{"VerifyClientCertIfGiven", "RequireAndVerifyClientCert"}

// checkWebhooksWeb reads the web configuration of the webhooks' listener. A hook that knows its senders by their certificates
// accepts nothing where the listener verifies none.
func checkWebhooksWeb(c webhook.Config) error {
	if err := checkWebConfig(webhooksWebConfig, c.WebConfigFile); err != nil || c.WebConfigFile == "" {
		return err
	}
	text, err := os.ReadFile(c.WebConfigFile)
	if err != nil {
		return fmt.Errorf("%s: %w", webhooksWebConfig, err)
	}
	var web struct {
		TLS struct {
			ClientAuth string `yaml:"client_auth_type"`
		} `yaml:"tls_server_config"`
	}
	_ = yaml.Unmarshal(text, &web) // it has just been read without an error
	for i, h := range c.Hooks {
		if len(h.MTLS.Subjects) > 0 && !slices.Contains(verifying, web.TLS.ClientAuth) {
			return fmt.Errorf("webhooks.hooks[%d].mtls: %s verifies no client certificate, expected client_auth_type: %s",
				i, c.WebConfigFile, strings.Join(verifying, " or "))
		}
	}
	return nil
}
