package peer

import (
	"net"
	"testing"
)

// TestReservePort: a port is given once, although no server listens there yet, a server can listen there, and it is free
// again in the end. The reservation is a socket, so it holds among processes as it does here.
func TestReservePort(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		port, err := ReservePort()
		if err != nil {
			t.Fatal(err)
		}
		defer port.Release()
		if seen[port.Number] {
			t.Fatalf("port %s was given twice", port.Number)
		}
		seen[port.Number] = true
		server, err := net.Listen("tcp", "127.0.0.1:"+port.Number)
		if err != nil {
			t.Fatal(err)
		}
		server.Close()
	}
	port, err := ReservePort()
	if err != nil {
		t.Fatal(err)
	}
	if other, err := net.ListenPacket("udp4", "127.0.0.1:"+port.Number); err == nil {
		other.Close()
		t.Error("the port was not reserved")
	}
	port.Release()
	other, err := net.ListenPacket("udp4", "127.0.0.1:"+port.Number)
	if err != nil {
		t.Fatal(err)
	}
	other.Close()
}
