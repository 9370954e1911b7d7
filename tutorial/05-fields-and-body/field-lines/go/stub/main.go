// Reads field lines from standard input, through the empty line. Prints them as a JSON list of pairs, or 400.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
)

// refused is the status code of the response to a request that is not accepted.
type refused int

func (r refused) Error() string { return fmt.Sprint("refused with ", int(r)) }

// parseFieldLines returns pairs of name and value, in the order of the lines, repetitions and all.
//
// The section has field lines, each with its CR LF, and the empty line. Names are as they were sent; values have no
// white space round them. The error is refused(400) for a line that is no field line.
func parseFieldLines(section string) (fields [][2]string, err error) {
	return nil, fmt.Errorf("not written yet") // write it
}

func main() {
	section, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	fields, err := parseFieldLines(string(section))
	if status, ok := err.(refused); ok {
		fmt.Println(int(status))
		return
	}
	if err != nil {
		log.Fatal(err)
	}
	for i, field := range fields {
		fields[i] = [2]string{latin1(field[0]), latin1(field[1])}
	}
	json.NewEncoder(os.Stdout).Encode(fields)
}

// latin1 shows each byte as one character: JSON knows no bytes.
func latin1(text string) string {
	var runes []rune
	for _, b := range []byte(text) {
		runes = append(runes, rune(b))
	}
	return string(runes)
}
