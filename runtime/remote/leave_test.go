package remote

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

// TestLeave: a node that leaves answers what it has, takes nothing more, and ends; without a broker it ends, too.
func TestLeave(t *testing.T) {
	t.Parallel()
	address, stop := startBroker(t, server.Options{})
	f, _ := openFront(t, address)
	app := newHeld()
	leaving := startNode(t, address, "leaving", 2, app.call)
	post := asking(f, "POST", "/")
	<-app.begun
	staying := startNode(t, address, "staying", 1, saying("stays"))
	knows(t, f, 2)
	leaving.leave()
	knows(t, f, 1)
	for range 10 {
		if r := converse(f, environ("POST", "/", nil)); r.by != "staying" || r.err != nil {
			t.Errorf("by %q, %v", r.by, r.err)
		}
	}
	app.goOn <- true
	if r := <-post; r.body.String() != "done" || r.err != nil {
		t.Errorf("%q, %v", &r.body, r.err)
	}
	leaving.await(t)
	stop()
	eventually(t, "the node sees it", func() bool { return staying.Unready() != "" })
	staying.leave()
	staying.await(t)
}

// TestHurry: a node whose calls do not end ends when its patience does.
func TestHurry(t *testing.T) {
	t.Parallel()
	address, _ := startBroker(t, server.Options{})
	f, _ := openFront(t, address)
	app := newHeld()
	n := startNode(t, address, "a", 1, app.call)
	post := asking(f, "POST", "/")
	<-app.begun
	n.leave()
	n.hurry()
	n.await(t)
	if r := <-post; statusOf(r.err) != 502 {
		t.Errorf("%v", r.err)
	}
	close(app.goOn)
}

// TestFrontDies: the application of a front that is gone is not held up, and its thread is free again.
func TestFrontDies(t *testing.T) {
	t.Parallel()
	address, _ := startBroker(t, server.Options{})
	w, closed := newWire(t, address), make(chan bool)
	gone, _ := openFront(t, w.address())
	startNode(t, address, "a", 1, func(e *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		if e.Value("PATH_INFO") == "/next" {
			return saying("next")(e, start)
		}
		_, err := plain(start)
		return native.Generator{
			Blocks: func(yield func([]byte, error) bool) {
				for yield(make([]byte, 1000), nil) {
				}
			},
			OnClose: func() error { close(closed); return nil },
		}, err
	})
	i, err := gone.Call(environ("GET", "/", nil), func(string, []wsgi.Header, error) (wsgi.Write, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	w.cut()
	<-closed
	i.Close()
	f, _ := openFront(t, address)
	if r := converse(f, environ("POST", "/next", nil)); r.body.String() != "next" {
		t.Errorf("%q, %v", &r.body, r.err)
	}
}
