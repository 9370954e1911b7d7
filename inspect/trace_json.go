package inspect

import (
	"encoding/json"
	"io"
	"net"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// jsonStep is one line of JSONTrace. docs/TRACE.md describes it for those who read it.
type jsonStep struct {
	Time       time.Time   `json:"time"`
	Connection uint64      `json:"connection"`
	Exchange   uint64      `json:"exchange,omitempty"`
	Stage      front.Stage `json:"stage"`
	Name       string      `json:"name"`
	Spec       string      `json:"spec,omitempty"`
	Wire       *[2]int     `json:"wire,omitempty"`
	Bytes      *string     `json:"bytes,omitempty"`
	Value      any         `json:"value,omitempty"`
}

// JSONTrace prints one JSON object for each step, on a line of its own. Bytes are shown as text in which code point n
// is byte n.
func JSONTrace(w io.Writer) front.Observer {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return func(s front.Step) {
		line := jsonStep{Time: time.Now().UTC(), Connection: s.Connection, Exchange: s.Exchange, Stage: s.Stage,
			Name: s.Name, Spec: s.Spec, Value: jsonValue(s)}
		if s.Wire.Len() > 0 {
			line.Wire = &[2]int{s.Wire.Start, s.Wire.End}
		}
		if s.Bytes != nil {
			text := wsgi.Latin1(string(s.Bytes))
			line.Bytes = &text
		}
		encoder.Encode(line)
	}
}

type jsonVariable struct {
	Name  string   `json:"name"`
	Value string   `json:"value"`
	Wire  [][2]int `json:"wire,omitempty"`
}

// jsonValue makes an object of what a step derived.
func jsonValue(s front.Step) any {
	switch value := s.Value.(type) {
	case net.Addr:
		return map[string]any{"peer": value.String()}
	case error:
		return map[string]any{"error": value.Error()}
	case front.Meaning:
		return map[string]any{"meaning": wsgi.Latin1(string(value))}
	case *wsgi.Environ:
		return JSONEnviron(value)
	case *wsgi.Head:
		headers := [][2]string{}
		for _, h := range value.Headers {
			headers = append(headers, [2]string{wsgi.Latin1(h.Name), wsgi.Latin1(h.Value)})
		}
		return map[string]any{"status": wsgi.Latin1(value.Status), "headers": headers}
	case wsgi.Iterable:
		return map[string]any{"size": value.Size()}
	case *parser.Request:
		switch s.Name {
		case "request-line":
			return map[string]any{"method": value.Text(value.Method), "target": wsgi.Latin1(value.Text(value.Target)),
				"version": value.Text(value.Version)}
		case "field-line":
			field := value.Fields[len(value.Fields)-1]
			return map[string]any{"name": value.Text(field.Name), "value": wsgi.Latin1(value.Text(field.Value))}
		case "message-body-length":
			return map[string]any{"framing": describeFraming(value), "keep_alive": value.KeepAlive}
		}
	}
	return nil
}

// JSONEnviron is an environ for machines: the variables in their order, each with the byte ranges of the request that
// it came from, and the wsgi. keys that are plain values.
func JSONEnviron(e *wsgi.Environ) any {
	variables := []jsonVariable{}
	for _, v := range e.Variables {
		variable := jsonVariable{Name: wsgi.Latin1(v.Name), Value: wsgi.Latin1(v.Value)}
		if v.Wire.Len() > 0 {
			variable.Wire = append(variable.Wire, [2]int{v.Wire.Start, v.Wire.End})
		}
		for _, more := range v.More {
			variable.Wire = append(variable.Wire, [2]int{more.Start, more.End})
		}
		variables = append(variables, variable)
	}
	return map[string]any{
		"variables":         variables,
		"wsgi.url_scheme":   e.URLScheme,
		"wsgi.multithread":  e.Multithread,
		"wsgi.multiprocess": e.Multiprocess,
		"wsgi.run_once":     e.RunOnce,
	}
}
