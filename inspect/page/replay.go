package page

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"glasswsgi/compare"
	"glasswsgi/inspect/hub"
)

// replayOrder is the body of a replay.
type replayOrder struct {
	Session  string `json:"session"`
	Exchange uint64 `json:"exchange"` // 0: a request of its own
	Bytes    []byte `json:"bytes"`    // what to send, where it is not what was recorded
	To       string `json:"to"`       // "server", "wsgiref", or an address on loopback
}

// replayed is what came of it. Left is what was recorded, if anything was.
type replayed struct {
	Left        *compare.Answer      `json:"left"`
	Right       *compare.Answer      `json:"right"`
	Differences []compare.Difference `json:"differences"`
}

var errWhere = errors.New("a replay goes to this server, to wsgiref, or to an address on loopback: 127.0.0.1:8000")

var errWithoutHTTP = errors.New("a web server has sent this request by another protocol than HTTP, which a replay, curl and an HTTP Archive cannot say: look at Relatives")

// replay sends the recorded bytes once more, or others in their place, and compares the answers. It needs no control: any
// program on this machine could send them.
func (p *Page) replay(w http.ResponseWriter, r *http.Request) {
	var o replayOrder
	if !decode(w, r, &o) {
		return
	}
	x, ok := p.hub.Exchange(o.Exchange)
	request := o.Bytes
	switch {
	case !ok && o.Exchange == 0 && len(request) > 0:
		x = &hub.Exchange{}
	case !ok:
		fail(w, http.StatusNotFound, errors.New("there is no such exchange, or it is forgotten"))
		return
	case len(request) > 0:
	case withoutHTTP(x):
		fail(w, http.StatusConflict, errWithoutHTTP)
		return
	case x.Request.Cut || x.Request.Length == 0:
		fail(w, http.StatusConflict, errors.New("the request was not recorded as a whole"))
		return
	default:
		request = x.Request.Bytes()
	}
	address, err := p.target(x, o.To)
	var right *compare.Answer
	if err == nil {
		right, err = compare.Send(r.Context(), address, request)
	}
	if err != nil {
		fail(w, http.StatusBadGateway, err)
		return
	}
	answer(w, compared(x, right, request))
}

// compared holds an answer to the one that was recorded.
func compared(x *hub.Exchange, right *compare.Answer, request []byte) replayed {
	r := replayed{Right: right, Differences: []compare.Difference{}}
	if x.ID == 0 {
		return r
	}
	r.Left = compare.AnswerOf(fmt.Sprintf("#%d", x.ID), x.Response.Bytes(), request)
	if found := compare.Answers(r.Left, right, request); found != nil {
		compare.Judge(found, false)
		r.Differences = found
	}
	return r
}

// target is the address to send to: on loopback, so that no one can make this page send requests into a network.
func (p *Page) target(x *hub.Exchange, to string) (string, error) {
	switch {
	case to == "server" && p.options.Server != nil && p.options.Server(x) != "":
		return p.options.Server(x), nil
	case to == "wsgiref" && p.options.Wsgiref != nil:
		return p.options.Wsgiref()
	case to == "server" || to == "wsgiref":
		return "", fmt.Errorf("there is no %s to send it to here", to)
	}
	if u, err := url.Parse(to); err == nil && u.Scheme == "http" && u.Host != "" {
		to = u.Host
	}
	host, port, err := net.SplitHostPort(strings.TrimSpace(to))
	if err != nil {
		return "", errWhere
	}
	if strings.EqualFold(host, "localhost") {
		host = "127.0.0.1"
	}
	address, err := netip.ParseAddr(host)
	if err != nil || !address.IsLoopback() {
		return "", errWhere
	}
	return net.JoinHostPort(host, port), nil
}
