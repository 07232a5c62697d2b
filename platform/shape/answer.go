package shape

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// placeholder is what stands for a value.
var placeholder = regexp.MustCompile(`^<([a-z-]+)(?: ([^#>]+?))?(?: #(\d+))?>$`)

// Answer makes a plausible answer of a shape: each class becomes a value of its form, equal ones where they were equal. Times
// become now.
func Answer(shape json.RawMessage, now time.Time) (json.RawMessage, error) {
	n, err := parse(shape)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	n.write(&b, "", func(n *node) []string {
		keys := make([]string, len(n.keys))
		for i, key := range n.keys {
			keys[i], _ = plausible(key, now)
		}
		return keys
	}, func(_ string, n *node) string {
		if n.kind == '0' {
			return n.text
		}
		text, bare := plausible(n.text, now)
		if bare {
			return text
		}
		return quoted(text)
	})
	return b.Bytes(), nil
}

// plausible is a value for a placeholder, or the text itself. Bare values are numbers.
func plausible(text string, now time.Time) (value string, bare bool) {
	m := placeholder.FindStringSubmatch(text)
	if m == nil {
		return text, false
	}
	n, _ := strconv.Atoi(m[3])
	length, _ := strconv.Atoi(m[2])
	length = max(1, min(length, 4096))
	switch m[1] {
	case "uuid":
		return fmt.Sprintf("00000000-0000-4000-8000-%012d", n), false
	case "time":
		return timeOf(m[2], now), false
	case "email":
		return fmt.Sprintf("person%d@example.org", n), false
	case "url":
		return fmt.Sprintf("https://host%d.example.org", n), false
	case "path":
		return fmt.Sprintf("/path/%d", n), false
	case "address":
		return fmt.Sprintf("192.0.2.%d:5060", n%256), false
	case "host":
		return fmt.Sprintf("host%d.example.org:5060", n), false
	case "phone":
		return fmt.Sprintf("+1555%07d", n), false
	case "digits":
		return digits(length, n), false
	case "number":
		return digits(length, n), true
	case "decimal", "text-decimal":
		return decimal(m[2]), m[1] == "decimal"
	}
	return name(length, n), false
}

// digits is a number of a length that ends with n, and does not begin with 0.
func digits(length, n int) string {
	text := strconv.Itoa(n)
	if len(text) >= length {
		return text[len(text)-length:]
	}
	return "1" + strings.Repeat("0", length-1-len(text)) + text
}

// decimal is a number with so many digits before and after the point.
func decimal(form string) string {
	sign, form := "", form
	if strings.HasPrefix(form, "-") {
		sign, form = "-", form[1:]
	}
	before, after, _ := strings.Cut(form, ".")
	whole, _ := strconv.Atoi(before)
	fraction, _ := strconv.Atoi(after)
	digits := "0"
	if whole > 1 {
		digits = strings.Repeat("1", min(whole, 15))
	}
	return sign + digits + "." + strings.Repeat("5", max(1, min(fraction, 15)))
}

// name is a text of a length that n distinguishes.
func name(length, n int) string {
	text := "n" + strconv.FormatInt(int64(n), 36)
	return text + strings.Repeat("x", max(0, length-len(text)))
}

// timeOf writes now in a form whose digits are 0. The second time of an interval is now, the first half an hour before.
func timeOf(form string, now time.Time) string {
	first, second, isInterval := strings.Cut(form, "/")
	if isInterval {
		return timeOf(first, now.Add(-30*time.Minute)) + "/" + timeOf(second, now)
	}
	digits, i := now.UTC().Format("20060102150405"), 0
	return strings.Map(func(r rune) rune {
		if r == '0' && i < len(digits) {
			i++
			return rune(digits[i-1])
		}
		return r
	}, form)
}
