package command

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"net"
	"strconv"
	"time"
)

// soakClient is one peer of a server: it connects, sends requests in one of the ways below, and reads what comes back.
type soakClient struct {
	address string
	ledger  *ledger
}

// soakWays are what peers do. The first are more often taken.
var soakWays = []func(soakClient){
	soakClient.keepAlive, soakClient.keepAlive, soakClient.keepAlive,
	soakClient.pipeline, soakClient.pipeline,
	soakClient.old, soakClient.slow, soakClient.leave,
}

var (
	soakUsual    = []string{"hello", "hello", "stream", "sized", "write", "head", "sum", "sum", "sum", "raise", "break"}
	soakPipeline = []string{"hello", "hello", "stream", "sized", "write", "head", "sum", "raise"}
	soakOld      = []string{"hello", "stream", "sized", "write", "sum", "break"}
)

func oneOf[T any](all []T) T { return all[rand.IntN(len(all))] }

// dial connects. That it cannot is wrong: a server that is at its limits leaves connections waiting.
func (c soakClient) dial() (*net.TCPConn, *bufio.Reader) {
	conn, err := net.DialTimeout("tcp", c.address, deadline)
	if err != nil {
		c.ledger.note("cannot connect: %v", err)
		return nil, nil
	}
	conn.SetDeadline(time.Now().Add(deadline))
	return conn.(*net.TCPConn), bufio.NewReader(conn)
}

// deliver writes, while the answer may be coming already. A connection that the server has closed shows when one reads.
func deliver(conn net.Conn, pieces ...[]byte) (sent chan struct{}) {
	sent = make(chan struct{})
	go func() {
		defer close(sent)
		for _, piece := range pieces {
			if _, err := conn.Write(piece); err != nil {
				return
			}
		}
	}()
	return sent
}

// keepAlive sends one request after the other.
func (c soakClient) keepAlive() {
	conn, in := c.dial()
	if conn == nil {
		return
	}
	defer conn.Close()
	for left := 1 + rand.IntN(8); left > 0; left-- {
		o := c.ledger.order(oneOf(soakUsual))
		o.last = left == 1 && rand.IntN(2) == 0
		sent := deliver(conn, append([][]byte{o.head()}, o.pieces()...)...)
		_, more := o.receive(in)
		if n := in.Buffered(); n > 0 {
			c.ledger.note("%d bytes came behind the answer to request %d (%s)", n, o.id, o.kind)
		}
		if !more {
			return
		}
		<-sent
	}
}

// pipeline sends many requests, and then reads the answers.
func (c soakClient) pipeline() {
	conn, in := c.dial()
	if conn == nil {
		return
	}
	defer conn.Close()
	orders := make([]*soakOrder, 2+rand.IntN(10))
	var all bytes.Buffer
	for i := range orders {
		orders[i] = c.ledger.order(oneOf(soakPipeline))
		orders[i].expect = false // that would be a promise to wait
		all.Write(orders[i].whole())
	}
	deliver(conn, all.Bytes())
	more := true
	for _, o := range orders {
		if more {
			_, more = o.receive(in)
		} else {
			o.ledger.end(o.id, o.harms, unanswered) // the connection ended with the answer to another
		}
	}
}

// old speaks HTTP/1.0, and sometimes closes its side when it has sent all.
func (c soakClient) old() {
	conn, in := c.dial()
	if conn == nil {
		return
	}
	defer conn.Close()
	o := c.ledger.order(oneOf(soakOld))
	o.protocol, o.chunked, o.expect = "HTTP/1.0", false, false
	<-deliver(conn, o.whole())
	if rand.IntN(2) == 0 {
		conn.CloseWrite()
	}
	o.receive(in)
}

// slow sends and reads little at a time.
func (c soakClient) slow() {
	conn, _ := c.dial()
	if conn == nil {
		return
	}
	defer conn.Close()
	o := c.ledger.order(oneOf(soakUsual))
	var pieces [][]byte
	for _, b := range o.head() {
		pieces = append(pieces, []byte{b})
	}
	deliver(&lazy{conn}, append(pieces, o.pieces()...)...)
	o.receive(bufio.NewReaderSize(&lazy{conn}, 16))
}

// lazy is a connection of a peer that lets others go first.
type lazy struct{ *net.TCPConn }

func (l *lazy) Write(p []byte) (int, error) {
	time.Sleep(time.Millisecond)
	return l.TCPConn.Write(p)
}

func (l *lazy) Read(p []byte) (int, error) {
	time.Sleep(time.Millisecond)
	return l.TCPConn.Read(p[:min(len(p), 4000)])
}

// leave goes away in the middle of its request, or of the answer.
func (c soakClient) leave() {
	conn, in := c.dial()
	if conn == nil {
		return
	}
	defer conn.Close()
	o := c.ledger.order(oneOf(soakUsual))
	whole := o.whole()
	if rand.IntN(2) == 0 {
		whole = whole[:rand.IntN(len(whole))]
		conn.Write(whole)
	} else {
		sent := deliver(conn, whole)
		in.Read(make([]byte, rand.IntN(2000)))
		defer func() { <-sent }()
	}
	if rand.IntN(2) == 0 {
		conn.SetLinger(0) // a reset
	}
	conn.Close()
	c.ledger.end(o.id, o.harms, left)
}

// worker asks who answers, until a worker other than the one that is no more does.
func (c soakClient) worker(gone int) (pid int) {
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		conn, in := c.dial()
		if conn == nil {
			return 0
		}
		o := c.ledger.order("pid")
		o.last = true
		deliver(conn, o.whole())
		body, _ := o.receive(in)
		conn.Close()
		if pid, err := strconv.Atoi(string(body)); err == nil && pid != gone {
			return pid
		}
	}
	c.ledger.note("no worker answers within %v", deadline)
	return 0
}
