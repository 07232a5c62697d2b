package app

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
	"github.com/ccaas-exporter/ccaas_exporter/platform/webhook"
)

// hookCheck is the outcome for one thing that webhooks need.
type hookCheck struct {
	account, what string
	detail        string
	err           error
}

// checkHooks looks at the listener's certificate and loads the keys of every hook. Nothing listens.
func checkHooks(c webhook.Config, now time.Time) (all []hookCheck) {
	if c.ListenAddress == "" {
		return nil
	}
	detail, err := listenerCertificate(c, now)
	all = append(all, hookCheck{account: "webhooks", what: "listener", detail: detail, err: err})
	for i := range c.Hooks {
		h := &c.Hooks[i]
		k := hookCheck{account: h.Account, what: "webhook/" + h.Name, detail: "keys load"}
		if err := h.Check(); err != nil {
			k.detail, k.err = "", settings.MaskError(fmt.Errorf("webhooks.hooks[%d]: %w", i, err))
		}
		all = append(all, k)
	}
	return all
}

// listenerCertificate says until when the listener's own certificate is good.
func listenerCertificate(c webhook.Config, now time.Time) (detail string, err error) {
	if err := checkWebhooksWeb(c); err != nil {
		return "", err
	}
	if c.WebConfigFile == "" {
		return "without TLS: something else has to end it", nil
	}
	var config struct {
		TLS struct {
			Cert string `yaml:"cert_file"`
			Key  string `yaml:"key_file"`
		} `yaml:"tls_server_config"`
	}
	content, err := os.ReadFile(c.WebConfigFile)
	if err != nil {
		return "", settings.MaskError(fmt.Errorf("%s: %w", webhooksWebConfig, err))
	}
	_ = yaml.Unmarshal(content, &config) // it has just been read without an error
	if config.TLS.Cert == "" {
		return "without TLS: something else has to end it", nil
	}
	place := func(file string) string {
		if filepath.IsAbs(file) {
			return file
		}
		return filepath.Join(filepath.Dir(c.WebConfigFile), file)
	}
	pair, err := tls.LoadX509KeyPair(place(config.TLS.Cert), place(config.TLS.Key))
	if err != nil {
		return "", fmt.Errorf("%s: the certificate cannot be loaded: is its key the right one?", webhooksWebConfig)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return "", errors.New("the certificate cannot be read")
	}
	if now.After(leaf.NotAfter) {
		return "", fmt.Errorf("%s: the certificate ended on %s", webhooksWebConfig, leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	return "certificate good until " + leaf.NotAfter.UTC().Format(time.DateOnly), nil
}

// addHooks adds what webhooks need.
func (r *liveReport) addHooks(all []hookCheck) {
	for _, k := range all {
		row := liveRow{Account: k.account, Feed: k.what, Result: liveOK, Detail: k.detail}
		if k.err != nil {
			row.Result, row.Reason = liveFailed, "configuration"
			r.find(finding{Problem: true, Code: "webhook", Account: k.account, Feeds: []string{k.what}, Text: k.err.Error()})
		}
		r.addRow(row)
	}
}
