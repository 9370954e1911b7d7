package check

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// names are what stands in braces in the texts of probes, and what is put in its place.
type names map[string]string

// anyNames are used where texts are checked before there is a server.
var anyNames = names{"host": "127.0.0.1:8888", "random": "0123456789ab"}

var repetition = regexp.MustCompile(`(?s)^(.+)\*(\d+)$`)

// expand turns a text into the bytes that it stands for: code point n is byte n, {host} and {random} are replaced,
// {text*3} is texttexttext, {{ is one brace.
func (n names) expand(text string) ([]byte, error) {
	var bytes []byte
	for rest := text; rest != ""; {
		plain, after, found := strings.Cut(rest, "{")
		for _, r := range plain {
			if r > 0xff {
				return nil, fmt.Errorf("%q is not a byte: write the bytes of its encoding, such as \\u00c3\\u00a9", r)
			}
			bytes = append(bytes, byte(r))
		}
		if !found {
			break
		}
		if again, ok := strings.CutPrefix(after, "{"); ok {
			bytes, rest = append(bytes, '{'), again
			continue
		}
		inner, after, closed := strings.Cut(after, "}")
		if !closed {
			return nil, fmt.Errorf("{ without }; {{ stands for one brace: %.40q", "{"+inner)
		}
		replaced, err := n.replace(inner)
		if err != nil {
			return nil, err
		}
		bytes, rest = append(bytes, replaced...), after
	}
	return bytes, nil
}

func (n names) replace(inner string) ([]byte, error) {
	if value, ok := n[inner]; ok {
		return []byte(value), nil
	}
	m := repetition.FindStringSubmatch(inner)
	if m == nil {
		return nil, fmt.Errorf("nothing is known of {%s}; there are %v, {text*3}, and {{ for one brace", inner, slices.Sorted(maps.Keys(n)))
	}
	count, err := strconv.Atoi(m[2])
	if err != nil || count > 10<<20 {
		return nil, fmt.Errorf("{%.40s}: that is too often", inner)
	}
	once, err := names{}.expand(m[1])
	if err != nil {
		return nil, err
	}
	return []byte(strings.Repeat(string(once), count)), nil
}

// pattern compiles a regular expression for bytes, in which {host} and {random} stand for themselves.
func (n names) pattern(expression string) (*regexp.Regexp, error) {
	for name, value := range n {
		expression = strings.ReplaceAll(expression, "{"+name+"}", regexp.QuoteMeta(value))
	}
	return regexp.Compile(expression)
}

// latin1 is the text in which code point n stands for byte n.
func latin1[T string | []byte](bytes T) string {
	runes := make([]rune, len(bytes))
	for i := range len(bytes) {
		runes[i] = rune(bytes[i])
	}
	return string(runes)
}
