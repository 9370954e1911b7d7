package stepper

import (
	"fmt"
	"strings"
)

// pdbNames are the commands of Python's debugger that have another name here. Some would be the first letters of a command
// that does something else: d would delete all breakpoints, and means down.
var pdbNames = map[string]string{
	"d": "down", "l": "source", "ll": "source", "list": "source", "longlist": "source", "bt": "where",
	"r": "out", "return": "out", "a": "locals", "args": "locals", "pp": "print", "cl": "delete", "clear": "delete", "exit": "quit",
}

// asPDB takes a line that is Python's debugger's for one of ours.
func asPDB(word, rest string) (string, string) {
	if expression, ok := strings.CutPrefix(word, "!"); ok {
		return "print", strings.TrimSpace(expression + " " + rest)
	}
	if word == "b" && strings.TrimSpace(rest) != "" { // alone it goes back
		return "break", rest
	}
	if name, ok := pdbNames[word]; ok {
		return name, rest
	}
	return word, rest
}

// unknown says what to type instead of a line that is no command.
func unknown(word, line string) error {
	if name, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(value, "=") {
		return fmt.Errorf("there is no command %q; set %s = %s changes a variable, and help lists the commands", word, strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return fmt.Errorf("there is no command %q; print %s shows a value, and help lists the commands", word, line)
}
