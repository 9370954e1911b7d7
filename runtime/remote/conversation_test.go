package remote

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

var errBroken = errors.New("the peer is gone")

// TestConversation: what an application says comes through a node as it is: its head, its blocks, how it fails.
func TestConversation(t *testing.T) {
	t.Parallel()
	address, _ := startBroker(t, server.Options{})
	f, _ := openFront(t, address)
	startNode(t, address, "a", 2, conversation)
	for path, hold := range map[string]func(t *testing.T, r *response){
		"/list": func(t *testing.T, r *response) {
			if r.head.Status != "201 Tr\xe8s bien" || r.head.Length != 10 || r.body.String() != "onetwothre" || r.head.Headers[1] != (wsgi.Header{Name: "X-E", Value: "\xff"}) {
				t.Errorf("%+v %q", r.head, &r.body)
			}
		},
		"/generator": func(t *testing.T, r *response) {
			if r.head.Length != -1 || r.body.String() != "0123" {
				t.Errorf("%+v %q", r.head, &r.body)
			}
		},
		"/write": func(t *testing.T, r *response) {
			if r.body.String() != "written, returned" {
				t.Errorf("%q", &r.body)
			}
		},
		"/empty": func(t *testing.T, r *response) {
			if r.head.Status != "204 No Content" || r.body.Len() > 0 || !r.ended {
				t.Errorf("%+v %q", r.head, &r.body)
			}
		},
		"/raises": func(t *testing.T, r *response) {
			var raised *wsgi.ApplicationError
			if !errors.As(r.err, &raised) || raised.Exception != "ValueError: é" || raised.Traceback != "line 1" || r.head.Status != "" {
				t.Errorf("%#v", r.err)
			}
		},
		"/raises late": func(t *testing.T, r *response) {
			var raised *wsgi.ApplicationError
			if !errors.As(r.err, &raised) || r.body.String() != "some" || r.ended {
				t.Errorf("%#v %q %v", r.err, &r.body, r.ended)
			}
		},
		"/exc_info": func(t *testing.T, r *response) {
			if r.head.Status != "500 Replaced" || r.body.String() != "sorry" {
				t.Errorf("%+v %q", r.head, &r.body)
			}
		},
		"/contract": func(t *testing.T, r *response) {
			var contract *wsgi.ContractError
			if !errors.As(r.err, &contract) || contract.Rule != "start_response: never called" || contract.Section == "" {
				t.Errorf("%#v", r.err)
			}
		},
		"/late": func(t *testing.T, r *response) {
			var failure wsgi.Failure
			if !errors.As(r.err, &failure) || failure.StatusCode() != 504 || !strings.Contains(r.err.Error(), "node a: too late") {
				t.Errorf("%#v", r.err)
			}
		},
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			r := converse(f, environ("GET", path, nil))
			hold(t, r)
			if r.err == nil && (!r.ended || r.by != "a") {
				t.Errorf("ended %v, by %q", r.ended, r.by)
			}
		})
	}
	r := converse(f, environ("HEAD", "/list", nil))
	if r.head.Length != 10 || r.body.Len() > 0 || !r.ended || r.err != nil {
		t.Errorf("HEAD: %+v %q %v", r.head, &r.body, r.err)
	}
}

// conversation is the application of TestConversation.
func conversation(e *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	switch path := e.Value("PATH_INFO"); path {
	case "/list":
		if e.Value("HTTP_X") != "\xff\x00é" || !e.Multiprocess || e.URLScheme != "http" {
			return nil, fmt.Errorf("the environ is %+v", e)
		}
		_, err := start("201 Tr\xe8s bien", []wsgi.Header{{Name: "Content-Type", Value: "a"}, {Name: "X-E", Value: "\xff"}}, nil)
		return native.Blocks{[]byte("one"), nil, []byte("two"), []byte("thre")}, err
	case "/generator", "/raises late":
		_, err := plain(start)
		return native.Generator{Blocks: func(yield func([]byte, error) bool) {
			if path != "/generator" {
				_ = yield([]byte("some"), nil) && yield(nil, &wsgi.ApplicationError{Exception: "KeyError"})
				return
			}
			for i := range 4 {
				if !yield([]byte(fmt.Sprint(i)), nil) {
					return
				}
			}
		}}, err
	case "/write":
		write, err := plain(start)
		if err == nil {
			err = write([]byte("written, "))
		}
		return native.Body("returned"), err
	case "/empty":
		_, err := start("204 No Content", nil, nil)
		return native.Blocks{}, err
	case "/exc_info":
		plain(start)
		_, err := start("500 Replaced", []wsgi.Header{{Name: "Content-Type", Value: "a"}}, errors.New("x"))
		return native.Body("sorry"), err
	case "/raises":
		return nil, &wsgi.ApplicationError{Exception: "ValueError: é", Traceback: "line 1"}
	case "/late":
		return nil, &Failure{Status: 504, Text: "too late"}
	}
	return native.Body("x"), nil
}

// TestBodies: megabytes go both ways, whether the request's body is there before or comes while it is read, and nothing is
// kept anywhere but what the window has room for.
func TestBodies(t *testing.T) {
	t.Parallel()
	address, _ := startBroker(t, server.Options{})
	f, _ := openFront(t, address)
	startNode(t, address, "a", 1, func(e *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		_, err := plain(start)
		return native.Generator{Blocks: func(yield func([]byte, error) bool) {
			b := make([]byte, 100_000)
			for {
				n, err := e.Input.Read(b)
				if n > 0 && !yield(b[:n], nil) || err == io.EOF {
					return
				}
				if err != nil {
					yield(nil, err)
					return
				}
			}
		}}, err
	})
	large := bytes.Repeat([]byte("0123456789abcdef"), 200_000)
	for name, body := range map[string]wsgi.Input{
		"none": nil, "empty": whole{bytes.NewReader(nil)}, "small": whole{bytes.NewReader(large[:1000])},
		"large and there": whole{bytes.NewReader(large)}, "streamed": streamed{bytes.NewReader(large)},
		"by the byte": streamed{onebyte{bytes.NewReader(large[:300])}},
	} {
		want := []byte{}
		switch b := body.(type) {
		case whole:
			want, _ = b.Whole()
		case streamed:
			want = large
			if name == "by the byte" {
				want = large[:300]
			}
		}
		r := converse(f, environ("POST", "/", body))
		if r.err != nil || sha256.Sum256(r.body.Bytes()) != sha256.Sum256(want) {
			t.Errorf("%s: %d of %d bytes, %v", name, r.body.Len(), len(want), r.err)
		}
	}
	r := converse(f, environ("POST", "/", streamed{io.MultiReader(bytes.NewReader(large[:70_000]), breaking{})}))
	if r.body.Len() != 70_000 || r.err == nil || r.ended {
		t.Errorf("a broken body: %d bytes, %v", r.body.Len(), r.err)
	}
}

type onebyte struct{ io.Reader }

func (o onebyte) Read(p []byte) (int, error) { return o.Reader.Read(p[:min(1, len(p))]) }

type breaking struct{}

func (breaking) Read([]byte) (int, error) { return 0, errBroken }

// TestCredit: a front whose client takes nothing gets no more than the window, and its leaving ends the application.
func TestCredit(t *testing.T) {
	t.Parallel()
	address, _ := startBroker(t, server.Options{})
	f, _ := openFront(t, address)
	closed, made := make(chan bool), 0
	startNode(t, address, "a", 1, func(e *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		_, err := plain(start)
		return native.Generator{
			Blocks: func(yield func([]byte, error) bool) {
				for yield(make([]byte, 10_000), nil) {
					made += 10_000
				}
			},
			OnClose: func() error { close(closed); return nil },
		}, err
	})
	i, err := f.Call(environ("GET", "/", nil), func(string, []wsgi.Header, error) (wsgi.Write, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	c := i.(*iterable).call
	eventually(t, "the window is full", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		total := 0
		for _, b := range c.queue {
			total += len(b) + frameCost
		}
		return total >= window
	})
	i.Close()
	<-closed
	if made > window+20_000 {
		t.Errorf("the application made %d bytes", made)
	}
}
