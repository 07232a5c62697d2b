package sip

import (
	"fmt"
	"regexp"
	"strconv"
)

// Codes is a range of final response codes, written 404, 200-299 or 2xx.
type Codes struct{ First, Last int }

var codesForm = regexp.MustCompile(`^([2-6])(?:xx|([0-9]{2})(?:-([2-6][0-9]{2}))?)$`)

// UnmarshalYAML reads a code, a range or a class.
func (c *Codes) UnmarshalYAML(unmarshal func(any) error) error {
	var text string
	if err := unmarshal(&text); err != nil {
		return err
	}
	m := codesForm.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("%q is no final response code, expected 404, 200-299 or 2xx", text)
	}
	if m[2] == "" {
		m[2], m[3] = "00", m[1]+"99"
	}
	c.First, _ = strconv.Atoi(m[1] + m[2]) // digits, as the form demands
	c.Last = c.First
	if m[3] != "" {
		c.Last, _ = strconv.Atoi(m[3])
	}
	if c.Last < c.First {
		return fmt.Errorf("%q ends before it begins", text)
	}
	return nil
}

// MarshalYAML writes what UnmarshalYAML reads.
func (c Codes) MarshalYAML() (any, error) {
	if c.First == c.Last {
		return strconv.Itoa(c.First), nil
	}
	return fmt.Sprintf("%d-%d", c.First, c.Last), nil
}
