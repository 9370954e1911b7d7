// Reads a request from standard input. Prints its body and what stands behind it as JSON, or the status that refuses it.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"regexp"
	"strconv"
	"strings"
)

var (
	digits = regexp.MustCompile(`^[0-9]+$`)
	chunk  = regexp.MustCompile(`^([0-9A-Fa-f]+)([ \t]*;[^\x00-\x08\x0a-\x1f\x7f]*)?$`)
)

// refused is the status code of the response to a request that is not accepted.
type refused int

func (r refused) Error() string { return fmt.Sprint("refused with ", int(r)) }

// splitBody returns the body of a request, without its chunks, and the bytes behind it, which belong to the next request.
//
// The fields are pairs of name, in lower case, and value. data is all that stands behind the empty line. The error is
// refused(400) where the length of the body is in doubt, or less of it is there.
func splitBody(fields [][2]string, data string) (body, rest string, err error) {
	var lengths, codings []string
	for _, field := range fields {
		switch field[0] {
		case "content-length":
			lengths = append(lengths, field[1])
		case "transfer-encoding":
			codings = append(codings, field[1])
		}
	}
	switch {
	case len(codings) == 1 && len(lengths) == 0 && strings.ToLower(codings[0]) == "chunked":
		return joinChunks(data)
	case len(codings) > 0 || len(lengths) > 1:
		return "", "", refused(400)
	case len(lengths) == 0:
		return "", data, nil
	case !digits.MatchString(lengths[0]):
		return "", "", refused(400)
	}
	return take(data, lengths[0], 10)
}

// take returns the first bytes, of which there must be so many, and the others.
func take(data, length string, base int) (taken, rest string, err error) {
	n, err := strconv.ParseInt(length, base, 32)
	if err != nil || int(n) > len(data) {
		return "", "", refused(400)
	}
	return data[:n], data[n:], nil
}

// joinChunks returns the data of all chunks, and what stands behind the trailer section.
func joinChunks(data string) (body, rest string, err error) {
	for {
		line, rest, found := strings.Cut(data, "\r\n")
		size := chunk.FindStringSubmatch(line)
		if !found || size == nil {
			return "", "", refused(400)
		}
		part, rest, err := take(rest, size[1], 16)
		if err != nil {
			return "", "", err
		}
		if part == "" {
			return skipTrailer(body, rest)
		}
		if data, found = strings.CutPrefix(rest, "\r\n"); !found {
			return "", "", refused(400)
		}
		body += part
	}
}

func skipTrailer(body, data string) (string, string, error) {
	for {
		line, rest, found := strings.Cut(data, "\r\n")
		if !found {
			return "", "", refused(400)
		}
		if line == "" {
			return body, rest, nil
		}
		data = rest
	}
}

func main() {
	request, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	head, data, _ := strings.Cut(string(request), "\r\n\r\n")
	var fields [][2]string
	for _, line := range strings.Split(head, "\r\n")[1:] {
		name, value, _ := strings.Cut(line, ":")
		fields = append(fields, [2]string{strings.ToLower(name), strings.Trim(value, " \t")})
	}
	body, rest, err := splitBody(fields, data)
	if status, ok := err.(refused); ok {
		fmt.Println(int(status))
		return
	}
	if err != nil {
		log.Fatal(err)
	}
	json.NewEncoder(os.Stdout).Encode(map[string]string{"body": latin1(body), "rest": latin1(rest)})
}

// latin1 shows each byte as one character: JSON knows no bytes.
func latin1(text string) string {
	var runes []rune
	for _, b := range []byte(text) {
		runes = append(runes, rune(b))
	}
	return string(runes)
}
