package server_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
)

// A program that serves an application: what the Config does not say means the documented defaults.
func Example() {
	hello := native.Callable(func(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
		_, err := startResponse("200 OK", []wsgi.Header{{Name: "Content-Type", Value: "text/plain"}}, nil)
		return native.Body("Hello, " + environ.Value("PATH_INFO")[1:] + "\n"), err
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	s := server.New(server.Config{Application: hello})
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go s.Serve(ctx, listener)

	response, err := http.Get("http://" + listener.Addr().String() + "/world")
	if err != nil {
		panic(err)
	}
	body, _ := io.ReadAll(response.Body)
	fmt.Print(response.Status, " ", string(body))
	// Output: 200 OK Hello, world
}
