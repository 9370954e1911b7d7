package command

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"glasswsgi/inspect"
	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// environCommand is `glass environ`: from the bytes of a request to the dictionary, with nothing else around.
type environCommand struct {
	File string `arg:"" optional:"" default:"-" help:"A file with a raw request; - is standard input. (${default})"`
	JSON bool   `name:"json" help:"Print a JSON object, with the byte ranges of each value."`
	CRLF bool   `name:"crlf" help:"Take each line feed of the file for CR LF, as editors write them."`
}

// Run prints each entry with the bytes that it came from.
func (c *environCommand) Run() error {
	raw, err := c.read()
	if err != nil {
		return err
	}
	request, err := parseWhole(raw)
	if err != nil {
		return err
	}
	environ := wsgi.NewEnviron(request, &callConnection)
	if c.JSON {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(inspect.JSONEnviron(environ))
	}
	printEnviron(os.Stdout, environ)
	return nil
}

func (c *environCommand) read() (raw []byte, err error) {
	if c.File == "-" {
		raw, err = io.ReadAll(os.Stdin)
	} else {
		raw, err = os.ReadFile(c.File)
	}
	if c.CRLF {
		raw = []byte(strings.ReplaceAll(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n", "\r\n"))
	}
	return raw, err
}

// printEnviron writes an entry a line: name, value, and the range of bytes of the request that it came from.
func printEnviron(w io.Writer, e *wsgi.Environ) {
	fmt.Fprintf(w, "%-24s %-12s %s\n", "KEY", "BYTES", "VALUE")
	for _, v := range e.Variables {
		from := []string{}
		for _, span := range append([]parser.Span{v.Wire}, v.More...) {
			if span.Len() > 0 {
				from = append(from, span.String())
			}
		}
		fmt.Fprintf(w, "%-24s %-12s %q\n", wsgi.Latin1(v.Name), strings.Join(from, " "), wsgi.Latin1(v.Value))
	}
	fmt.Fprintf(w, "%-24s %-12s %q\n", "wsgi.url_scheme", "", e.URLScheme)
	fmt.Fprintf(w, "%-24s %-12s %v\n", "wsgi.multithread", "", e.Multithread)
	fmt.Fprintf(w, "%-24s %-12s %v\n", "wsgi.multiprocess", "", e.Multiprocess)
	fmt.Fprintf(w, "%-24s %-12s %v\n", "wsgi.run_once", "", e.RunOnce)
}
