package wsgi_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"glasswsgi/runtime/wsgi"
)

// tape is an Assembler that writes down what it is told.
type tape struct {
	told   []string
	refuse error // of SendHead
}

func (t *tape) SendHead(head wsgi.Head) error {
	if t.refuse != nil {
		return t.refuse
	}
	t.told = append(t.told, fmt.Sprintf("head %s %d", head.Status, head.Length))
	return nil
}
func (t *tape) SendBody(block []byte) error {
	t.told = append(t.told, "body "+string(block))
	return nil
}
func (t *tape) SendEnd() error { t.told = append(t.told, "end"); return nil }

// act drives a Response: "start STATUS [Name=Value]", "error STATUS" (start_response with exc_info), "write DATA",
// "size N" (of the iterable), "try" (and go on), "head" (the request is HEAD), "finish". It stops at the first error.
func act(r *wsgi.Response, script string) error {
	for step := range strings.SplitSeq(script, "; ") {
		verb, rest, _ := strings.Cut(step, " ")
		caught := verb == "try" // the application catches what this raises
		if caught {
			verb, rest, _ = strings.Cut(rest, " ")
		}
		var err error
		switch verb {
		case "start", "error":
			status, field, has := strings.Cut(rest, " | ")
			var headers []wsgi.Header
			if has {
				name, value, _ := strings.Cut(field, "=")
				headers = append(headers, wsgi.Header{Name: name, Value: value})
			}
			var excInfo error
			if verb == "error" {
				excInfo = errRaised
			}
			_, err = r.StartResponse(status, headers, excInfo)
		case "write":
			err = r.Write([]byte(rest))
		case "size":
			var n int64
			fmt.Sscan(rest, &n)
			r.SetSize(n)
		case "head":
			r.Bodiless = true
		case "finish":
			err = r.Finish()
		}
		if err != nil && !caught {
			return err
		}
	}
	return nil
}

var errRaised = errors.New("raised")

func TestResponse(t *testing.T) {
	rows := []struct{ script, told, rule string }{
		{"start 200 OK; write a; write b; finish", "head 200 OK -1, body a, body b, end", ""},
		{"start 200 OK; write ; write a; finish", "head 200 OK -1, body a, end", ""},
		{"start 200 OK; write ", "", ""}, // laziness: no head before the first block that is not empty
		{"start 200 OK; finish", "head 200 OK 0, end", ""},
		{"start 200 OK; size 3; write abc; finish", "head 200 OK 3, body abc, end", ""},
		{"start 200 OK; size 3; write a; write bc; finish", "head 200 OK 3, body a, body bc, end", ""},
		{"start 200 OK; size 3; write abc; write d", "head 200 OK 3, body abc", "body: longer than Content-Length"},
		{"start 200 OK | Content-Length=2; write a; write b; finish", "head 200 OK 2, body a, body b, end", ""},
		{"start 200 OK | Content-Length=2; write abc", "head 200 OK 2, body ab", "body: longer than Content-Length"},
		{"start 200 OK | Content-Length=0; write a", "head 200 OK 0", "body: longer than Content-Length"},
		{"start 200 OK | Content-Length=2; write a; finish", "head 200 OK 2, body a", "body: shorter than Content-Length"},
		{"start 200 OK | Content-Length=2; finish", "head 200 OK 2", "body: shorter than Content-Length"},
		{"head; start 200 OK; write a; write b; finish", "head 200 OK -1, end", ""},
		{"head; start 200 OK; size 2; write ab; finish", "head 200 OK 2, end", ""},
		{"head; start 200 OK; finish", "head 200 OK -1, end", ""},
		{"head; start 200 OK | Content-Length=7; finish", "head 200 OK 7, end", ""},
		{"start 204 No Content; write a; finish", "head 204 No Content -1, end", ""},
		{"start 205 Reset Content | Content-Length=1; write a; finish", "head 205 Reset Content 1, end", ""},
		{"start 304 Not Modified; finish", "head 304 Not Modified -1, end", ""},
		{"write a", "", "start_response: never called"},
		{"write ", "", "start_response: never called"},
		{"finish", "", "start_response: never called"},
		{"start 200 OK; start 200 OK", "", "start_response: called twice"},
		{"start 200 OK; error 500 No; write a; finish", "head 500 No -1, body a, end", ""},
		{"error 500 No; write a; finish", "head 500 No -1, body a, end", ""},
		{"start 200 OK | Content-Length=9; error 500 No; write a; finish", "head 500 No -1, body a, end", ""},
		{"start 200 OK; write a; error 500 No", "head 200 OK -1, body a", "raised"},
		{"start 200 OK; write a; start 500 No", "head 200 OK -1, body a", "start_response: called twice"},
		{"start 200 OK; write a; size 3; write b; finish", "head 200 OK -1, body a, body b, end", ""},
		{"start 200 OK; start OK", "", "start_response: called twice"},
		{"try start OK; start 200 OK; finish", "", "start_response: called twice"}, // a call that raised is a call
		{"try start OK; error 500 No; finish", "head 500 No 0, end", ""},
		{"error OK", "", "status: no three-digit code"},
		{"start OK", "", "status: no three-digit code"},
		{"start 200", "", "status: no reason phrase"},
		{"start 200 ; finish", "head 200  0, end", ""},
		{"start 200OK", "", "status: no reason phrase"},
		{"start 600 Far", "", "status: code out of range"},
		{"start 200 OK\x7f", "", "status: control character"},
		{"start 200 OK | A B=c", "", "header name: not a token"},
		{"start 200 OK | A=\t", "", "header value: control character"},
		{"start 200 OK | Keep-Alive=1", "", "header: hop-by-hop"},
		{"start 200 OK | upgrade=h2c", "", "header: hop-by-hop"},
		{"start 200 OK | TE=x", "", "header: hop-by-hop"},
		{"start 200 OK | Trailers=x", "", "header: hop-by-hop"},
		{"start 200 OK | Proxy-Authenticate=x", "", "header: hop-by-hop"},
		{"start 200 OK | Proxy-Authorization=x", "", "header: hop-by-hop"},
		{"start 200 OK | Content-Length=1_0", "", "Content-Length: not a number"},
		{"start 200 OK | Content-Length=99999999999999999999", "", "Content-Length: not a number"},
	}
	for _, row := range rows {
		t.Run(row.script, func(t *testing.T) {
			out := &tape{}
			err := act(wsgi.NewResponse(out, nil), row.script)
			if got := strings.Join(out.told, ", "); got != row.told {
				t.Errorf("told %q, want %q", got, row.told)
			}
			var contract *wsgi.ContractError
			switch {
			case row.rule == "" && err != nil:
				t.Errorf("error %v", err)
			case row.rule == "raised" && err != errRaised:
				t.Errorf("error %v, want exc_info again", err)
			case row.rule != "" && row.rule != "raised" && (!errors.As(err, &contract) || contract.Rule != row.rule || contract.Section == ""):
				t.Errorf("error %v, want the rule %q", err, row.rule)
			}
		})
	}
}

// TestRefusedHead: a head that the server did not take is not sent, so another response may take its place.
func TestRefusedHead(t *testing.T) {
	r := wsgi.NewResponse(&tape{refuse: errRaised}, nil)
	if err := act(r, "start 200 OK; write a"); err != errRaised || r.HeadSent() || r.Complete() {
		t.Errorf("%v, sent %v, complete %v", err, r.HeadSent(), r.Complete())
	}
}
