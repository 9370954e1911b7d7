package gateway

import (
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway/token"
)

// Read takes the environ and the content of a request that is there as a whole, with no connection around it. Where the
// content breaks off, it returns the environ and the error, which is a *parser.SyntaxError; nil and nil of no bytes at all.
func (p Protocol) Read(request []byte, facts *wsgi.Connection) (e *wsgi.Environ, content []byte, err error) {
	d := p.speak(token.Limits{}, &front.Config{})
	d.Feed(request)
	var variables []token.Variable
	for {
		event, err := d.Next()
		switch {
		case err != nil:
			return e, content, err
		case event.Kind == token.NeedData:
			return e, content, d.EndOfInput()
		case event.Kind == token.GotVariable:
			variables = append(variables, event.Variable)
		case event.Kind == token.GotHead:
			if e, _, err = p.derive(variables, facts); err != nil {
				return nil, nil, err
			}
		case event.Kind == token.GotContent:
			content = append(content, event.Data...)
		case event.Kind == token.GotEnd, event.Kind == token.GotAbort:
			return e, content, nil
		}
	}
}
