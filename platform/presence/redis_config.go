package presence

import (
	"errors"
	"fmt"
	"net"

	promconfig "github.com/prometheus/common/config"

	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// RedisConfig is where syncs keep what they remember, and choose the one that writes. The zero value is none: one process alone
// writes, and keeps everything in memory.
type RedisConfig struct {
	Address      string                `yaml:"address,omitempty"` // host:port
	Username     string                `yaml:"username,omitempty"`
	Password     promconfig.Secret     `yaml:"password,omitempty"`
	PasswordFile string                `yaml:"password_file,omitempty"` // read again for every connection
	TLSConfig    *promconfig.TLSConfig `yaml:"tls_config,omitempty"`    // nil: no TLS
}

// Validate returns every problem, each beginning with its key.
func (c RedisConfig) Validate() (problems []error) {
	if c == (RedisConfig{}) {
		return nil
	}
	if host, port, err := net.SplitHostPort(c.Address); err != nil || host == "" || port == "" {
		problems = append(problems, errors.New("address: expected host:port, such as redis.example.org:6379"))
	}
	if c.Password != "" && c.PasswordFile != "" {
		problems = append(problems, errors.New("password_file: given together with password, expected at most one"))
	}
	if c.TLSConfig != nil {
		if err := c.TLSConfig.Validate(); err != nil {
			problems = append(problems, fmt.Errorf("tls_config: %w", err))
		}
	}
	return problems
}

// password returns the password as it is now.
func (c RedisConfig) password() (string, error) {
	if c.PasswordFile == "" {
		return string(c.Password), nil
	}
	return settings.ReadSecret(c.PasswordFile)
}
