package peer

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports are chosen below those that systems give to clients and to servers that ask for port 0 (from 32768 on Linux, from
// 49152 in RFC 6335 §6): nobody else gets one by chance before the server listens.
const (
	lowestPort  = 20_000
	highestPort = 32_767
	portTries   = 1000
)

// Port is a TCP port of the loopback interface that is free, and reserved: a UDP socket at the same number, which no TCP
// server minds, says so to all programs that reserve ports in this way. Without it two of them give the same port to two
// servers, of which neither listens yet, and the one's client asks the other's server.
type Port struct {
	Number string
	udp    net.PacketConn
}

// ReservePort reserves a port until Release.
func ReservePort() (*Port, error) {
	var last error
	for range portTries {
		number := strconv.Itoa(lowestPort + rand.IntN(highestPort-lowestPort+1))
		udp, err := net.ListenPacket("udp4", "127.0.0.1:"+number)
		if err != nil {
			last = err
			continue
		}
		tcp, err := net.Listen("tcp", "127.0.0.1:"+number) // elsewhere firewalls would ask the user
		if err != nil {
			udp.Close()
			last = err
			continue
		}
		tcp.Close()
		return &Port{Number: number, udp: udp}, nil
	}
	return nil, fmt.Errorf("no port is free among %d tried from %d to %d: %w", portTries, lowestPort, highestPort, last)
}

// Release lets others have the port. A nil Port is one that was not reserved.
func (p *Port) Release() {
	if p != nil {
		p.udp.Close()
	}
}
