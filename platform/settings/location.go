package settings

import (
	"net/url"
	"strings"
)

// PlainHost reports whether text is scheme and host and nothing else. Without a user, because a password would stand beside it.
func PlainHost(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.Opaque == "" &&
		u.User == nil && strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && !u.ForceQuery && u.Fragment == ""
}
