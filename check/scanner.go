package check

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// scanner takes the text of an alternative apart.
type scanner struct {
	text string
	at   int
}

// fail is an error with the text and a caret.
func (s *scanner) fail(format string, args ...any) error {
	before, after := s.text[:s.at], s.text[s.at:]
	before = before[strings.LastIndexByte(before, '\n')+1:]
	after, _, _ = strings.Cut(after, "\n")
	return fmt.Errorf("%s\n  %s%s\n  %s^", fmt.Sprintf(format, args...), before, after, strings.Repeat(" ", utf8.RuneCountInString(before)))
}

// more skips spaces and says whether anything follows.
func (s *scanner) more() bool {
	rest := s.text[s.at:]
	s.at += len(rest) - len(strings.TrimLeft(rest, space))
	return s.at < len(s.text)
}

// next says whether a prefix comes next; it is not taken.
func (s *scanner) next(prefix string) bool {
	return s.more() && strings.HasPrefix(s.text[s.at:], prefix)
}

// take takes a prefix if it comes next.
func (s *scanner) take(prefix string) bool {
	if !s.next(prefix) {
		return false
	}
	s.at += len(prefix)
	return true
}

// space is what separates words: a long alternative may have several lines.
const space = " \t\n"

// word takes what goes up to the next space.
func (s *scanner) word() string {
	s.more()
	word := s.text[s.at:]
	if end := strings.IndexAny(word, space); end >= 0 {
		word = word[:end]
	}
	s.at += len(word)
	return word
}

func (s *scanner) number() (int, error) {
	start := s.at
	n, err := strconv.Atoi(s.word())
	if err != nil || n < 0 {
		s.at = start
		return 0, s.fail("a number belongs here")
	}
	return n, nil
}

// literal takes a JSON value.
func (s *scanner) literal() (value any, err error) {
	s.more()
	decoder := json.NewDecoder(strings.NewReader(s.text[s.at:]))
	if err := decoder.Decode(&value); err != nil {
		return nil, s.fail("a JSON value belongs here: %v", err)
	}
	s.at += int(decoder.InputOffset())
	if _, err := anyNames.expandValue(value); err != nil {
		return nil, s.fail("%v", err)
	}
	return value, nil
}

// quoted takes a text in double quotes, with the escapes of JSON.
func (s *scanner) quoted() (string, error) {
	if !s.next(`"`) {
		return "", s.fail(`a text in double quotes belongs here`)
	}
	value, err := s.literal()
	if err != nil {
		return "", err
	}
	text := value.(string)
	if _, err := anyNames.expand(text); err != nil {
		return "", s.fail("%v", err)
	}
	return text, nil
}

var slashed = regexp.MustCompile(`^/((?:[^/\\]|\\.)+)/`)

// pattern takes a regular expression between slashes.
func (s *scanner) pattern() (string, error) {
	s.more()
	m := slashed.FindStringSubmatch(s.text[s.at:])
	if m == nil {
		return "", s.fail("a regular expression between slashes belongs here")
	}
	expression := strings.ReplaceAll(m[1], `\/`, "/")
	if _, err := anyNames.pattern(expression); err != nil {
		return "", s.fail("%v", err)
	}
	s.at += len(m[0])
	return expression, nil
}
