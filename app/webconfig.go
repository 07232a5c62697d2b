package app

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/prometheus/exporter-toolkit/web"

	"github.com/ccaas-exporter/ccaas_exporter/platform/settings"
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
