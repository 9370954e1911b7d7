package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"glasswsgi/inspect/hub"
)

// order is the body of a command: what to do, to which exchange. The rest depends on what.
type order struct {
	Session  string `json:"session"`
	Do       string `json:"do"`
	Exchange uint64 `json:"exchange"`

	On          bool             `json:"on"`          // control, pause-next
	How         hub.How          `json:"how"`         // step
	Breakpoints []hub.Breakpoint `json:"breakpoints"` // breakpoints
	Name        string           `json:"name"`        // environ, header, remove-header, set
	Value       string           `json:"value"`       // environ, header, status, set: text; evaluate: the expression
	Frame       int              `json:"frame"`       // scopes, evaluate
	Reference   int              `json:"reference"`   // children, set
	Start       int              `json:"start"`       // children
}

// childrenAtOnce bounds how much of a long list is shown; the rest is asked for with a Start.
const childrenAtOnce = 200

// commands are what a page may ask a session to do. What they return is the answer's "result".
var commands = map[string]func(s *hub.Session, o order) (any, error){
	"control": func(s *hub.Session, o order) (any, error) {
		if o.On {
			return nil, s.TakeControl()
		}
		s.ReleaseControl()
		return nil, nil
	},
	"pause-next":   func(s *hub.Session, o order) (any, error) { return nil, s.PauseNext(o.On) },
	"pause":        func(s *hub.Session, o order) (any, error) { return nil, s.Pause(o.Exchange) },
	"continue":     func(s *hub.Session, o order) (any, error) { return nil, s.Continue(o.Exchange) },
	"continue-all": func(s *hub.Session, o order) (any, error) { return nil, s.ContinueAll() },
	"step": func(s *hub.Session, o order) (any, error) {
		switch o.How {
		case hub.In, hub.Over, hub.Out, hub.ToStage, hub.IntoLibrary:
			return nil, s.Step(o.Exchange, o.How)
		}
		return nil, fmt.Errorf("how far is %q? in, over, out, stage or library", o.How)
	},
	"breakpoints":   func(s *hub.Session, o order) (any, error) { return s.SetBreakpoints(o.Breakpoints) },
	"environ":       func(s *hub.Session, o order) (any, error) { return nil, s.SetEnviron(o.Exchange, o.Name, o.Value) },
	"status":        func(s *hub.Session, o order) (any, error) { return nil, s.SetStatus(o.Exchange, o.Value) },
	"header":        func(s *hub.Session, o order) (any, error) { return nil, s.SetHeader(o.Exchange, o.Name, o.Value) },
	"remove-header": func(s *hub.Session, o order) (any, error) { return nil, s.RemoveHeader(o.Exchange, o.Name) },
	"stack":         func(s *hub.Session, o order) (any, error) { return s.Stack(o.Exchange) },
	"scopes":        func(s *hub.Session, o order) (any, error) { return s.Scopes(o.Exchange, o.Frame) },
	"children": func(s *hub.Session, o order) (any, error) {
		return s.Children(o.Exchange, o.Reference, o.Start, childrenAtOnce)
	},
	"set": func(s *hub.Session, o order) (any, error) {
		return s.SetVariable(o.Exchange, o.Reference, o.Name, o.Value)
	},
	"evaluate": func(s *hub.Session, o order) (any, error) { return s.Evaluate(o.Exchange, o.Frame, o.Value) },
}

func (p *Page) command(w http.ResponseWriter, r *http.Request) {
	var o order
	if !decode(w, r, &o) {
		return
	}
	do, ok := commands[o.Do]
	if !ok {
		fail(w, http.StatusBadRequest, fmt.Errorf("there is no command %q", o.Do))
		return
	}
	s, err := p.session(o.Session)
	if err != nil {
		fail(w, http.StatusGone, err)
		return
	}
	result, err := do(s, o)
	if err != nil {
		fail(w, http.StatusOK, err) // an answer like any other: it is not stopped any more, another session has control
		return
	}
	answer(w, map[string]any{"result": result})
}

// decode reads the JSON of a command. It must say that it is JSON: a form of another site cannot.
func decode(w http.ResponseWriter, r *http.Request, into any) bool {
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/json" {
		fail(w, http.StatusUnsupportedMediaType, errors.New("a command is application/json"))
		return false
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxCommand)).Decode(into)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		fail(w, http.StatusRequestEntityTooLarge, err)
	case err != nil:
		fail(w, http.StatusBadRequest, err)
	}
	return err == nil
}
