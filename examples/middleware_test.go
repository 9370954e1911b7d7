package examples

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// A backend is a remote server that tells its name and keeps count of its requests.
type backend struct {
	*httptest.Server
	requests atomic.Int32
}

func newBackend(t *testing.T, handle http.HandlerFunc) *backend {
	b := &backend{}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.requests.Add(1)
		handle(w, r)
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *backend) address() string { return strings.TrimPrefix(b.URL, "http://") }

func says(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Connection", "X-Hop")
		w.Header().Set("X-Hop", "only to the next hop")
		w.Header().Set("X-Kept", "to the end")
		fmt.Fprintf(w, "%s %s %s %d bytes Via=%q X-Private=%q", name, r.Method, r.URL.RequestURI(), len(body),
			r.Header.Get("Via"), r.Header.Get("X-Private"))
	}
}

// hangsUp reads the request and closes the connection without an answer.
func hangsUp(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	connection, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		connection.Close()
	}
}

// balance runs the load balancer in one process, so that there is one order, inside wsgiref.validate.
func balance(t *testing.T, addresses ...string) (baseURL string) {
	return serve(t, "--workers", "1", "-e", "BACKENDS="+strings.Join(addresses, ","),
		"-e", "VALIDATED=examples/middleware_load_balance.py:application", "examples/testdata/validated.py")
}

func TestLoadBalanceTakesTurns(t *testing.T) {
	t.Parallel()
	a, b := newBackend(t, says("A")), newBackend(t, says("B"))
	url := balance(t, a.address(), b.address())
	for _, want := range []string{"A", "B", "A", "B"} {
		got := send(t, newRequest(t, "GET", url+"/x%20y?q=%20", "", "Connection", "X-Private", "X-Private", "secret"))
		want += ` GET /x%20y?q=%20 0 bytes Via="1.1 load-balancer" X-Private=""`
		if got.StatusCode != 200 || got.body != want {
			t.Errorf("%s %q, want %q", got.Status, got.body, want)
		}
		field("X-Kept", "to the end")(t, got)
		field("X-Hop", "")(t, got)
	}
	body := randomBytes(200_000)
	got := send(t, newRequest(t, "POST", url+"/", body))
	if want := fmt.Sprintf("POST / %d bytes", len(body)); !strings.Contains(got.body, want) {
		t.Errorf("%s %q, want %q", got.Status, got.body, want)
	}
}

func TestLoadBalancePassesOverTheDead(t *testing.T) {
	t.Parallel()
	a := newBackend(t, says("A"))
	url := balance(t, freeAddress(t), a.address())
	for _, method := range []string{"GET", "POST", "GET", "POST"} {
		if got := send(t, newRequest(t, method, url, "x")); got.StatusCode != 200 {
			t.Errorf("%s: %s %q", method, got.Status, got.body)
		}
	}
}

func TestLoadBalanceSendsPostOnce(t *testing.T) {
	t.Parallel()
	mute, b := newBackend(t, hangsUp), newBackend(t, says("B"))
	url := balance(t, mute.address(), b.address())
	if got := send(t, newRequest(t, "POST", url, "buy one")); got.StatusCode != 502 {
		t.Errorf("POST: %s %q, want 502", got.Status, got.body)
	}
	if mute, b := mute.requests.Load(), b.requests.Load(); mute != 1 || b != 0 {
		t.Errorf("the POST was sent %d times to one and %d times to the other, want 1 and 0", mute, b)
	}
	for range 2 { // whoever's turn it is
		if got := send(t, newRequest(t, "GET", url, "")); got.StatusCode != 200 {
			t.Errorf("GET: %s %q, want 200 from the other", got.Status, got.body)
		}
	}
}

// TestXSLT runs in the Python that has lxml, inside wsgiref.validate. An error that shows after the first blocks still
// replaces the head, because those were empty.
func TestXSLT(t *testing.T) {
	t.Parallel()
	requireModules(t, "lxml")
	url := serve(t, "--python", systemPython, "-e", "VALIDATED=examples/middleware_xslt.py:application", "examples/testdata/validated.py")
	got := send(t, newRequest(t, "GET", url+"/", ""))
	field("Content-Type", "text/html; charset=utf-8")(t, got)
	if want := "<li>西游记</li>"; got.StatusCode != 200 || !strings.Contains(got.body, want) {
		t.Errorf("%s %q, want %s", got.Status, got.body, want)
	}
	got = send(t, newRequest(t, "GET", url+"/broken", ""))
	if got.StatusCode != 502 || !strings.Contains(got.body, "XMLSyntaxError") {
		t.Errorf("%s %q, want 502 and the error", got.Status, got.body)
	}
}
