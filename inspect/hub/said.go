package hub

import "time"

// MaxSaid bounds what is recorded of the conversation between the layers of one call.
const MaxSaid = 200

// Said is what one layer of an application says to another, which the server does not hear: a middleware that calls the next
// callable, a start_response on its way back; and what the application reads of wsgi.input.
type Said struct {
	What    string        `json:"what"`              // "call", "start_response" or "read"
	After   int           `json:"after"`             // how many of start_response, iterable, block and write() the server had heard
	Since   time.Duration `json:"since_ns"`          // the call
	To      Place         `json:"to"`                // the function that is called; none with "read"
	Library bool          `json:"library,omitempty"` // that is not the application's own
	By      *Place        `json:"by,omitempty"`      // the line that calls it
	Text    string        `json:"text,omitempty"`    // the status, or "read(5)"
	Size    int           `json:"size,omitempty"`    // bytes that were read
	Headers []Field       `json:"headers,omitempty"`
	Changed []Change      `json:"changed,omitempty"` // in the environ, since the layer before
}

// Change is a variable of the environ that a layer has changed: as Python writes the values; nil is none.
type Change struct {
	Name   string  `json:"name"`
	Before *string `json:"before"`
	After  *string `json:"after"`
}

// saidTold is a Said as a worker tells of it; the function is in told.
type saidTold struct {
	What    string       `json:"what"`
	After   int          `json:"after"`
	NS      int64        `json:"ns"`
	Library bool         `json:"library"`
	By      []any        `json:"by"`
	Size    int          `json:"size"`
	Headers [][2]string  `json:"headers"`
	Changed [][3]*string `json:"changed"`
}

// wasSaid records it. The caller holds the lock.
func (h *Hub) wasSaid(r *record, m *told) {
	if r == nil || len(r.Said) >= MaxSaid {
		return
	}
	s := Said{What: m.What, After: m.After, Since: time.Duration(m.NS), Library: m.Library, Text: cut(m.Text, MaxText), Size: m.Size,
		To: Place{File: m.File, Line: m.Line, Function: m.Function}}
	if len(m.By) == 3 {
		file, _ := m.By[0].(string)
		line, _ := m.By[1].(float64)
		function, _ := m.By[2].(string)
		s.By = &Place{File: file, Line: int(line), Function: function}
	}
	size := len(s.Text)
	for _, f := range m.Headers {
		s.Headers = append(s.Headers, Field{f[0], f[1]})
		size += len(f[0]) + len(f[1])
	}
	for _, c := range m.Changed {
		if c[0] != nil {
			s.Changed = append(s.Changed, Change{*c[0], c[1], c[2]})
			size += len(*c[0])
		}
	}
	r.keeps(size, h)
	r.Said = append(r.Said, s)
	h.tell(Event{Kind: ExchangeChanged, Exchange: r.ID, Step: r.lastStep()})
}
