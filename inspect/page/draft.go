package page

import (
	"errors"
	"net"
	"net/http"
	"net/url"

	"glasswsgi/inspect/hub"
)

// draftOrder is a request that is being written.
type draftOrder struct {
	Bytes []byte `json:"bytes"`
}

// drafted is what the server's parser makes of it. Nothing is sent.
type drafted struct {
	Requests int   `json:"requests"` // that these bytes are; what follows one that is refused is none
	Waits    bool  `json:"waits"`    // the server would wait for more of the last one
	View     *View `json:"view"`     // of the first
}

var errNothing = errors.New("there is nothing to send: write a request-line, such as GET / HTTP/1.1")

func (p *Page) draft(w http.ResponseWriter, r *http.Request) {
	var o draftOrder
	if !decode(w, r, &o) {
		return
	}
	host, port := "localhost", "80"
	if u, err := url.Parse(p.options.Address); err == nil && u.Host != "" {
		if h, n, err := net.SplitHostPort(u.Host); err == nil {
			host, port = h, n
		}
	}
	all := hub.Draft(o.Bytes, host, port)
	if len(all) == 0 {
		fail(w, http.StatusOK, errNothing)
		return
	}
	answer(w, drafted{Requests: len(all), Waits: waits(all[len(all)-1]), View: ViewOf(all[0])})
}

// waits says whether more bytes belong to a request.
func waits(x *hub.Exchange) bool {
	for i := len(x.Steps) - 1; i >= 0; i-- {
		switch x.Steps[i].Stage {
		case "close":
			continue
		case "parse":
			return x.Steps[i].Name == "need-data"
		}
		return false
	}
	return false
}
