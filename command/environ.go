package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"glasswsgi/inspect"
	"glasswsgi/inspect/relatives"
	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/gateway"
)

// environCommand is `glass environ`: from the bytes of a request to the dictionary, with nothing else around.
type environCommand struct {
	File string `arg:"" optional:"" default:"-" help:"A file with a raw request; - is standard input. (${default})"`
	As   string `default:"wsgi" enum:"${relatives}" help:"In whose words: ${relatives}. \"all\" puts the keys of all of them side by side. (${default})"`
	From string `name:"protocol" default:"${http}" enum:"${protocols}" help:"By which protocol the request is sent: ${protocols}. (${default})"`
	JSON bool   `name:"json" xor:"how" help:"Print JSON, with the byte ranges of each value."`
	Raw  bool   `xor:"how" help:"Write the bytes of the request by the protocol of --as, as a web server sends them."`
	CRLF bool   `name:"crlf" help:"Take each line feed of the file for CR LF, as editors write them."`
}

// allRelatives is the value of --as for all of them.
const allRelatives = "all"

func relativeNames() string {
	return strings.Join(append(slices.Clone(relatives.Names), allRelatives), ",")
}

// Run prints each entry with the bytes that it came from.
func (c *environCommand) Run() error {
	raw, err := c.read()
	if err != nil {
		return err
	}
	environ, content, err := c.derive(raw)
	if err != nil && (environ == nil || c.As != relatives.Names[0]) { // of the environ alone, the content does not matter
		return explained(err)
	}
	forms := relatives.Of(environ, content)
	if c.As != allRelatives {
		forms = slices.DeleteFunc(forms, func(f relatives.Form) bool { return f.Name != c.As })
	}
	switch {
	case c.Raw:
		return writeRaw(os.Stdout, c.As, forms)
	case c.JSON && c.As == relatives.Names[0]:
		return printJSON(os.Stdout, inspect.JSONEnviron(environ))
	case c.JSON:
		return printJSON(os.Stdout, forms)
	case c.As == allRelatives:
		return relatives.Print(os.Stdout, forms)
	}
	return forms[0].Print(os.Stdout)
}

// derive makes the environ of the raw request. Where only the content is wrong, it returns the environ as well.
func (c *environCommand) derive(raw []byte) (*wsgi.Environ, []byte, error) {
	for _, p := range gateway.Protocols {
		if p.Name == c.From {
			environ, content, err := p.Read(raw, &callConnection)
			if environ == nil && err == nil {
				err = errEmpty
			}
			return environ, content, err
		}
	}
	request, rest, err := parseHead(raw)
	if err != nil {
		return nil, nil, err
	}
	content, err := parseBody(rest)
	return wsgi.NewEnviron(request, &callConnection), content, err
}

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// writeRaw writes the message of the one form.
func writeRaw(w io.Writer, as string, forms []relatives.Form) error {
	form := forms[0]
	switch {
	case len(forms) > 1 || form.Message == nil && form.Problem == "":
		return fmt.Errorf("--raw: %s is no protocol, and has no bytes: take --as fastcgi, scgi, uwsgi or ajp", as)
	case form.Problem != "":
		return errors.New(form.Problem)
	}
	_, err := w.Write(form.Message)
	return err
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

// parseBody takes what is behind the head.
func parseBody(p *parser.Parser) (content []byte, err error) {
	for {
		event, err := p.Next()
		switch {
		case err != nil:
			return content, err
		case event.Kind == parser.NeedData:
			return content, p.EndOfInput()
		case event.Kind == parser.GotBody:
			content = append(content, event.Data...)
		case event.Kind == parser.GotEnd:
			return content, nil
		}
	}
}
