package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// jsonCondition is json PATH OPERATOR [LITERAL]: the body is JSON, and something is true of the value at a path.
type jsonCondition struct {
	path       []string
	operator   string
	literal    any    // ==, !=, contains
	expression string // matches
	kind       string // type
}

var kinds = []string{"null", "boolean", "number", "string", "array", "object"}

func parseJSON(s *scanner) (check func(*answer) error, err error) {
	var c jsonCondition
	if c.path, err = s.jsonPath(); err != nil {
		return nil, err
	}
	start := s.at
	switch c.operator = s.word(); c.operator {
	case "==", "!=", "contains":
		c.literal, err = s.literal()
	case "matches":
		c.expression, err = s.pattern()
	case "type":
		if c.kind = s.word(); !slices.Contains(kinds, c.kind) {
			err = s.fail("the types are %s", strings.Join(kinds, ", "))
		}
	case "exists", "absent":
	default:
		s.at = start
		s.more()
		err = s.fail("after the path comes ==, !=, contains, matches, type, exists or absent")
	}
	return c.check, err
}

// jsonPath takes a path: "." for the whole, or keys and indexes with dots between them. A key with a dot is quoted.
func (s *scanner) jsonPath() (path []string, err error) {
	if start := s.at; s.word() == "." {
		return nil, nil
	} else {
		s.at = start
	}
	for s.more() {
		if s.text[s.at] == '"' {
			key, err := s.literal()
			if err != nil {
				return nil, err
			}
			path = append(path, key.(string))
		} else {
			end := strings.IndexAny(s.text[s.at:], `."`+space)
			if end <= 0 {
				break
			}
			path = append(path, s.text[s.at:s.at+end])
			s.at += end
		}
		if !strings.HasPrefix(s.text[s.at:], ".") {
			return path, nil
		}
		s.at++
	}
	return nil, s.fail(`a path belongs here: ., environ.PATH_INFO, 0.name, environ."wsgi.version"`)
}

func (c jsonCondition) check(a *answer) error {
	var value any
	if err := json.Unmarshal(a.response.body, &value); err != nil {
		return &Failure{Text: say("the body is no JSON: %s", err), Got: a.response.body}
	}
	found, ok := lookUp(value, c.path)
	name := c.name()
	switch {
	case c.operator == "absent" && ok:
		return &Failure{Text: say("%s is %s, and should not be there", name, encode(found))}
	case c.operator == "absent":
		return nil
	case !ok:
		return &Failure{Text: say("%s is not there", name), Got: a.response.body}
	}
	holds, want, err := c.holds(a.names, found)
	if err != nil || holds {
		return err
	}
	if literal, err := a.names.expandValue(c.literal); err == nil && c.operator == "==" {
		if item := differs(name, found, literal); item != nil {
			return item
		}
	}
	return &Failure{Text: c.wrong(name, found, want)}
}

// name is the path as a person would write it: status, [0].name, JSON for the whole.
func (c jsonCondition) name() string {
	if len(c.path) == 0 {
		return "JSON"
	}
	var name strings.Builder
	for _, key := range c.path {
		if _, err := strconv.Atoi(key); err == nil {
			key = "[" + key + "]"
		} else if name.Len() > 0 {
			key = "." + key
		}
		name.WriteString(key)
	}
	return name.String()
}

// wrong says in a sentence what a value is, and what it should be.
func (c jsonCondition) wrong(name string, found any, want string) Phrase {
	got := encode(found)
	switch c.operator {
	case "!=":
		return say("%s is %s, and should be something else", name, got)
	case "contains":
		return say("%s is %s, and should contain %s", name, got, want)
	case "matches":
		return say("%s is %s, and should match %s", name, got, want)
	case "type":
		return say("%s is %s, and should be of the type %s", name, got, want)
	}
	if c.literal == nil {
		return say("there should be no %s, and there is one: %s", name, exception(found))
	}
	return say("%s is %s, and should be %s", name, got, want)
}

// longList is a list that is too long to be compared by eye, in bytes.
const longList = 100

// differs names the first item in which a long list differs from what it should be, or returns nil.
func differs(name string, found, want any) *Failure {
	got, isList := found.([]any)
	should, wanted := want.([]any)
	if !isList || !wanted || len(encode(found)) < longList {
		return nil
	}
	if name == "JSON" {
		name = ""
	}
	for i := range max(len(got), len(should)) {
		item := fmt.Sprintf("%s[%d]", name, i)
		switch {
		case i >= len(got):
			return &Failure{Text: say("%s is not there", item+": "+encode(should[i]))}
		case i >= len(should):
			return &Failure{Text: say("%s is %s, and should not be there", item, encode(got[i]))}
		case reflect.DeepEqual(got[i], should[i]):
			continue
		}
		if within := differs(item, got[i], should[i]); within != nil {
			return within
		}
		return &Failure{Text: say("%s is %s, and should be %s", item, encode(got[i]), encode(should[i]))}
	}
	return nil
}

// exception shows one as Python does, and any other value as JSON.
func exception(value any) string {
	object, _ := value.(map[string]any)
	kind, isKind := object["type"].(string)
	message, isMessage := object["message"].(string)
	if isKind && isMessage {
		return kind + ": " + message
	}
	return encode(value)
}

// holds says whether the operator is true of a value, and what it compares with.
func (c jsonCondition) holds(n names, value any) (holds bool, want string, err error) {
	literal, err := n.expandValue(c.literal)
	if err != nil {
		return false, "", err
	}
	switch c.operator {
	case "==":
		return reflect.DeepEqual(value, literal), encode(literal), nil
	case "!=":
		return !reflect.DeepEqual(value, literal), encode(literal), nil
	case "contains":
		return hasPart(value, literal), encode(literal), nil
	case "type":
		return kindOf(value) == c.kind, c.kind, nil
	case "matches":
		pattern, err := n.pattern(c.expression)
		if err != nil {
			return false, "", err
		}
		text, isText := value.(string)
		return isText && pattern.MatchString(text), "/" + c.expression + "/", nil
	}
	return true, "", nil // exists
}

// lookUp follows a path through objects and arrays.
func lookUp(value any, path []string) (any, bool) {
	for _, key := range path {
		switch v := value.(type) {
		case map[string]any:
			member, ok := v[key]
			if !ok {
				return nil, false
			}
			value = member
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			value = v[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// hasPart: a part of a string, or an element of an array.
func hasPart(value, part any) bool {
	switch v := value.(type) {
	case string:
		text, ok := part.(string)
		return ok && strings.Contains(v, text)
	case []any:
		return slices.ContainsFunc(v, func(element any) bool { return reflect.DeepEqual(element, part) })
	}
	return false
}

func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}

// expandValue expands the strings of a JSON value. They stay texts: code points are not bytes here.
func (n names) expandValue(value any) (any, error) {
	switch v := value.(type) {
	case string:
		for name, replacement := range n {
			v = strings.ReplaceAll(v, "{"+name+"}", replacement)
		}
		return v, nil
	case []any:
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = n.expandValue(v[i]); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return value, nil
}

// encode shows a value as JSON. Code points that may be bytes are escaped: as characters they look like another text.
func encode(value any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.Encode(value)
	var shown strings.Builder
	for _, r := range strings.TrimSpace(b.String()) {
		if r >= 0x7f && r <= 0xff {
			fmt.Fprintf(&shown, `\u%04x`, r)
		} else {
			shown.WriteRune(r)
		}
	}
	return shorten(shown.String(), encodedLimit, nil)
}

const encodedLimit = 600 // characters of a value in a message
