package app

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/alecthomas/kingpin/v2"
)

// usageError says what is wrong with the command line, given what the parser said.
func usageError(k *kingpin.Application, args []string, err error) error {
	text := err.Error()
	if argument, is := strings.CutPrefix(text, "unexpected "); is {
		return fmt.Errorf("unexpected %q: everything is a flag here, and this one takes no value or has no name; --help lists all", argument)
	}
	if flag, is := strings.CutPrefix(text, "expected argument for flag "); is {
		return fmt.Errorf("%s: expected a value, as in %[1]s=VALUE", strings.Trim(flag, "'"))
	}
	if strings.HasPrefix(text, "unknown ") {
		return errors.New(text + ": --help lists all")
	}
	name, value := flagOf(k, args, text)
	words, isEnum := strings.CutPrefix(text, "enum value must be one of ")
	switch {
	case name == "":
		return err
	case isEnum:
		words, _, _ = strings.Cut(words, ", got ")
		return fmt.Errorf("--%s: unknown value %q, expected one of %s", name, value, strings.ReplaceAll(words, ",", ", "))
	case strings.HasPrefix(text, "time: "):
		return fmt.Errorf("--%s: %q is no duration, expected one such as 500ms", name, value)
	}
	return fmt.Errorf("--%s: %w", name, err)
}

// flagOf returns the flag whose value an error quotes at its end; "" when there is none.
func flagOf(k *kingpin.Application, args []string, text string) (name, value string) {
	parsed, err := k.ParseContext(args)
	if err != nil {
		return "", ""
	}
	for _, e := range parsed.Elements {
		flag, is := e.Clause.(*kingpin.FlagClause)
		if is && e.Value != nil && (strings.HasSuffix(text, "'"+*e.Value+"'") || strings.HasSuffix(text, strconv.Quote(*e.Value))) {
			return flag.Model().Name, *e.Value
		}
	}
	return "", ""
}
