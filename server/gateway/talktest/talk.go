// Package talktest has a web server's side of a connection, for tests: in goes a message, out comes the answer.
package talktest

import (
	"io"
	"net"
	"testing"

	"glasswsgi/server/front"
	"glasswsgi/server/gateway"
)

// New is a server of the protocol that has a name.
func New(t testing.TB, protocol string, config front.Config) *gateway.Server {
	t.Helper()
	for _, p := range gateway.Protocols {
		if p.Name == protocol {
			return gateway.New(config, p)
		}
	}
	t.Fatalf("there is no protocol %s", protocol)
	return nil
}

// Talk serves one connection over TCP: it sends a message, and returns what comes until the server ends the connection. The
// server has stopped then.
func Talk(t testing.TB, s *gateway.Server, message []byte) (answer []byte) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(t.Context(), listener)
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Write(message)
	conn.(*net.TCPConn).CloseWrite()
	if answer, err = io.ReadAll(conn); err != nil {
		t.Errorf("after %d bytes of the answer: %v", len(answer), err)
	}
	conn.Close()
	listener.Close()
	if err := s.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	return answer
}
