package app

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/ccaas-exporter/ccaas_exporter/platform/feed"
	"github.com/ccaas-exporter/ccaas_exporter/platform/rest"
	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
)

// visit calls do for every value of a configuration with its path.
func visit(v reflect.Value, path string, do func(path string, v reflect.Value)) {
	do(path, v)
	switch v.Kind() { //nolint:exhaustive // others have nothing below them
	case reflect.Pointer:
		if !v.IsNil() {
			visit(v.Elem(), path, do)
		}
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), fmt.Sprintf("%s[%d]", path, i), do)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			tag, tagged := v.Type().Field(i).Tag.Lookup("yaml")
			key, options, _ := strings.Cut(tag, ",")
			switch {
			case !tagged || key == "-":
			case strings.Contains(options, "inline"):
				visit(v.Field(i), path, do)
			default:
				visit(v.Field(i), strings.TrimPrefix(path+"."+key, "."), do)
			}
		}
	}
}

// missingFiles returns a warning for each file that cannot be read. They may come later: what needs them reads them at
// every use.
func (c *Config) missingFiles() (warnings []string) {
	look := func(path string, v reflect.Value) {
		if v.Kind() != reflect.String || v.String() == "" || !strings.HasSuffix(path, "file") || path == webhooksWebConfig {
			return
		}
		file, err := os.Open(v.String())
		if err != nil {
			warnings = append(warnings, settings.MaskText(fmt.Sprintf("%s: %v", path, err)))
			return
		}
		_ = file.Close() // it was not written to
	}
	for _, a := range c.accounts {
		visit(reflect.ValueOf(a.account), a.path, look)
	}
	visit(reflect.ValueOf(c.sections), "", look)
	return warnings
}

// cutTimeouts returns a warning for an account whose requests may take longer than a run of one of its own feeds.
func cutTimeouts(path string, account account, source feed.Source) (warnings []string) {
	visit(reflect.ValueOf(account), path, func(path string, v reflect.Value) {
		config, ok := reflect.TypeAssert[rest.HTTPConfig](v)
		if !ok {
			return
		}
		for _, f := range source.Feeds {
			if own := !strings.Contains(f.Name, "/"); own && f.Poll != nil && f.Timeout > 0 && time.Duration(config.Timeout) > f.Timeout {
				warnings = append(warnings, fmt.Sprintf("%s.timeout: %v is cut to %v, the time of a run of feed %s", path, config.Timeout, f.Timeout, f.Name))
				return
			}
		}
	})
	return warnings
}

// tooManyAtOnce is the error of an account, or of a part of the configuration that has calls of its own, that may break its
// vendor's limit: after a rest it may send a burst and a minute's calls in one minute.
func tooManyAtOnce(config any, path string, source feed.Source) (err error) {
	visit(reflect.ValueOf(config), path, func(path string, v reflect.Value) {
		limit, ok := reflect.TypeAssert[settings.RateLimit](v)
		if ok && source.Budget.Limit > 0 && limit.RequestsPerMinute+float64(limit.Burst) > source.Budget.Limit {
			err = fmt.Errorf("%s.burst: %d calls at once and %v a minute are above the platform's limit of %v a minute",
				path, limit.Burst, limit.RequestsPerMinute, source.Budget.Limit)
		}
	})
	return err
}
