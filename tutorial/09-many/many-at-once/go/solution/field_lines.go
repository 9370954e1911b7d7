// Field lines, RFC 9112 §5. In glass: parser/field_line.go
package main

import (
	"regexp"
	"strings"
)

type field struct{ name, value string }

// fields are in their order, and with repetitions: a dictionary would forget both.
type fields []field

var control = regexp.MustCompile(`[\x00-\x08\x0a-\x1f\x7f]`) // all but the tab

// parseFieldLines: no space stands before a colon, and no line begins with one.
//
//	field-line = field-name ":" OWS field-value OWS
func parseFieldLines(lines []string) (all fields, err error) {
	for _, line := range lines {
		name, value, colon := strings.Cut(line, ":")
		switch {
		case !colon || !token.MatchString(name):
			return nil, bad("field line: not a name with a colon behind it")
		case control.MatchString(value):
			return nil, bad("field-value: control character")
		}
		all = append(all, field{name, strings.Trim(value, " \t")})
	}
	return all, nil
}

// find gives the values of all field lines with a name, in whatever case.
func (all fields) find(name string) (values []string) {
	for _, f := range all {
		if strings.EqualFold(f.name, name) {
			values = append(values, f.value)
		}
	}
	return values
}
