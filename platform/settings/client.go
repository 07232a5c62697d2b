package settings

import promconfig "github.com/prometheus/common/config"

// Client is the API client of an account's second identity: credentials and budget of its own.
type Client struct {
	ID         string            `yaml:"client_id"`
	Secret     promconfig.Secret `yaml:"client_secret,omitempty"`
	SecretFile string            `yaml:"client_secret_file,omitempty"` // read again at every login
	RateLimit  RateLimit         `yaml:"rate_limit"`
}
