// What a carrier reads of a SIP request, and what it finds wrong with it: sections 7, 8.1.1 and 11.1 of RFC 3261.

package simulator

import (
	"fmt"
	"regexp"
	"strings"
)

// sipRequest is a request without a body. Header names are in lower case.
type sipRequest struct {
	method string
	header map[string][]string
}

func (r sipRequest) first(name string) string {
	if values := r.header[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// sipForms describe how the mandatory headers of an OPTIONS request outside any dialog look. T stands for the transport.
var sipForms = []struct{ name, form string }{
	{"via", `^SIP/2\.0/T \[?[0-9a-zA-Z.:-]+\]?(:\d+)?(;[^;]+)*;branch=z9hG4bK[^;]+(;.+)?$`},
	{"max-forwards", `^(70|[0-6]?\d)$`},
	{"from", `^("[^"]*" )?<sips?:[^>]+>(;[^;]+)*;tag=[^;]+`},
	{"to", `^("[^"]*" )?<sips?:[^>]+>$`}, // a tag would put it into a dialog
	{"call-id", `^\S+$`},
	{"contact", `^<sips?:[^>]+>$`},
	{"content-length", `^0$`},
}

var sipStart = regexp.MustCompile(`^([A-Z]+) (sips?:\S+) SIP/2\.0$`)

// readSIP reads a request and returns what is wrong with it, if anything.
func readSIP(text, transport string) (r sipRequest, complaint string) {
	r.header = map[string][]string{}
	head, body, whole := strings.Cut(text, "\r\n\r\n")
	queues := strings.Split(head, "\r\n")
	for _, queue := range queues[1:] {
		name, value, _ := strings.Cut(queue, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		r.header[name] = append(r.header[name], strings.TrimSpace(value))
	}
	start := sipStart.FindStringSubmatch(queues[0])
	switch {
	case !whole || body != "":
		return r, "the header does not end the message"
	case start == nil:
		return r, fmt.Sprintf("request line %q", queues[0])
	}
	r.method = start[1]
	for _, f := range sipForms {
		values := r.header[f.name]
		form := regexp.MustCompile(strings.Replace(f.form, "/T ", "/"+transport+" ", 1))
		if len(values) != 1 || !form.MatchString(values[0]) {
			return r, fmt.Sprintf("header %s: %q", f.name, values)
		}
	}
	if number, method, _ := strings.Cut(r.first("cseq"), " "); !regexp.MustCompile(`^\d{1,10}$`).MatchString(number) || method != r.method {
		return r, fmt.Sprintf("header cseq: %q", r.header["cseq"])
	}
	return r, ""
}
