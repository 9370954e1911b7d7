// Reads a request-line from standard input. Prints its three parts as JSON, or the status that refuses it.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"regexp"
	"strings"
)

const limit = 8190 // bytes of a request-line

var (
	token   = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	version = regexp.MustCompile(`^HTTP/[0-9]\.[0-9]$`)
	target  = regexp.MustCompile(`^(/|https?://)[^\x00-\x20#\x7f]*$`)
)

// refused is the status code of the response to a request that is not accepted.
type refused int

func (r refused) Error() string { return fmt.Sprint("refused with ", int(r)) }

// parseRequestLine returns method, request-target and HTTP-version of a line, which has no CR LF any more.
//
// The error is refused(400) for what is no request-line, refused(505) for a version that is not HTTP/1.x, and
// refused(414) for a line of more than limit bytes.
func parseRequestLine(line []byte) (parts []string, err error) {
	if len(line) > limit {
		return nil, refused(414)
	}
	parts = strings.Split(string(line), " ")
	if len(parts) != 3 || !token.MatchString(parts[0]) || !version.MatchString(parts[2]) {
		return nil, refused(400)
	}
	if !strings.HasPrefix(parts[2], "HTTP/1.") {
		return nil, refused(505)
	}
	if !target.MatchString(parts[1]) && (parts[0] != "OPTIONS" || parts[1] != "*") {
		return nil, refused(400)
	}
	return parts, nil
}

func main() {
	line, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	parts, err := parseRequestLine(bytes.TrimSuffix(line, []byte("\r\n")))
	if status, ok := err.(refused); ok {
		fmt.Println(int(status))
		return
	}
	if err != nil {
		log.Fatal(err)
	}
	for i, part := range parts {
		parts[i] = latin1(part)
	}
	json.NewEncoder(os.Stdout).Encode(parts)
}

// latin1 shows each byte as one character: JSON knows no bytes.
func latin1(text string) string {
	var runes []rune
	for _, b := range []byte(text) {
		runes = append(runes, rune(b))
	}
	return string(runes)
}
