package scgi

import (
	"strconv"

	"glasswsgi/server/gateway/token"
)

// AppendRequest appends a whole request, as a web server sends it. CONTENT_LENGTH and SCGI are put before the variables,
// which must not have them.
func AppendRequest(b []byte, variables []token.Variable, content []byte) []byte {
	var headers []byte
	add := func(name, value string) {
		headers = append(headers, name...)
		headers = append(headers, 0)
		headers = append(headers, value...)
		headers = append(headers, 0)
	}
	add("CONTENT_LENGTH", strconv.Itoa(len(content)))
	add("SCGI", "1")
	for _, v := range variables {
		add(v.Name, v.Value)
	}
	b = strconv.AppendInt(b, int64(len(headers)), 10)
	b = append(b, ':')
	b = append(b, headers...)
	b = append(b, ',')
	return append(b, content...)
}

// Describe says what a token means, for people; "" where its bytes say it themselves.
func Describe(e token.Event) string {
	if e.Kind == token.GotVariable {
		return e.Variable.Name + "=" + e.Variable.Value
	}
	return ""
}
