// Reads a request from standard input. Prints its body and what stands behind it as JSON, or the status that refuses it.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
)

// refused is the status code of the response to a request that is not accepted.
type refused int

func (r refused) Error() string { return fmt.Sprint("refused with ", int(r)) }

// splitBody returns the body of a request, without its chunks, and the bytes behind it, which belong to the next request.
//
// The fields are pairs of name, in lower case, and value. data is all that stands behind the empty line. The error is
// refused(400) where the length of the body is in doubt, or less of it is there.
func splitBody(fields [][2]string, data string) (body, rest string, err error) {
	return "", "", fmt.Errorf("not written yet") // write it
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
