package hub

import (
	"time"

	"glasswsgi/inspect/retell"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// Outside is about an exchange of another server, of which only the bytes are known. The steps and the environ of its
// record are what glass makes of the same bytes; what the other server did inside, was not seen.
type Outside struct {
	Server string `json:"server"`          // whose exchange it is, for people
	About  string `json:"about,omitempty"` // what it was for: one line
	Wrong  bool   `json:"wrong,omitempty"` // the judge was not content
}

// Retell records the exchanges of one connection of another server. It returns their IDs.
func (h *Hub) Retell(o Outside, facts *wsgi.Connection, moved []retell.Moved) (ids []uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.outside++
	c := &connection{id: h.outside, peer: facts.RemoteAddr}
	stopNext := h.stopNext // that is for an exchange which can be stopped
	h.stopNext = false
	defer func() { h.stopNext = stopNext }()
	retell.Retell(moved, facts, func(at time.Time, s front.Step) {
		r := c.current
		if r == nil {
			r = h.begin(c, at, false)
			r.Outside = &o
			ids = append(ids, r.ID)
		}
		r.meets(s, h)
		h.add(r, s, at.Sub(r.Began), Place{})
		if s.Stage == front.Close {
			h.end(r, true) // the connection is not one of those that the hub watches: there is nothing to take away
		}
	})
	return ids
}

// Draft is what this server would make of bytes that were not sent: an exchange for each request that they are, with the
// steps of its parsing and its environ, and no response. host and port are where it would be sent to.
func Draft(raw []byte, host, port string) (all []*Exchange) {
	if len(raw) == 0 {
		return nil
	}
	h := New(Options{})
	defer h.Close()
	facts := &wsgi.Connection{ServerName: host, ServerPort: port, ServerSoftware: "glass", RemoteAddr: "127.0.0.1", URLScheme: "http"}
	for _, id := range h.Retell(Outside{}, facts, []retell.Moved{{At: time.Now(), Bytes: raw}}) {
		if x, ok := h.Exchange(id); ok {
			all = append(all, x)
		}
	}
	return all
}

// Last is the ID of the exchange that began last; 0: there was none.
func (h *Hub) Last() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}

// Looked says whether a session is attached.
func (h *Hub) Looked() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.sessions) > 0
}
