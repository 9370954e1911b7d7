package server_test

import (
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

// In these tests three connections may be open: see inBubble.

// TestTheLongestWaitGivesWay: a new connection takes the place of the one that has been idle, or slow, for longest.
func TestTheLongestWaitGivesWay(t *testing.T) {
	for name, begin := range map[string]string{"idle": "", "in the head": "GET / HT", "in a small body": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nx"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, unread, func(t *testing.T, connect func() net.Conn) {
				var open []net.Conn
				for range 3 {
					time.Sleep(time.Second)
					conn := connect()
					if begin != "" {
						io.WriteString(conn, begin)
					}
					synctest.Wait()
					open = append(open, conn)
				}
				quick := connect()
				if answer, err := io.ReadAll(open[0]); len(answer) > 0 || err != nil {
					t.Errorf("the oldest got %q, %v", answer, err)
				}
				io.WriteString(quick, get10)
				if got := responsesOf(t, all(quick)); len(got) != 1 || got[0] != "200 ok close" {
					t.Errorf("the new one got %q", got)
				}
				for _, conn := range open {
					conn.Close()
				}
			})
		})
	}
}

// TestNobodyGivesWay: connections whose application is at work are not touched. The new one waits, and comes in when one
// of them ends.
func TestNobodyGivesWay(t *testing.T) {
	slow := native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		time.Sleep(10 * time.Second)
		return unread(environ, start)
	})
	inBubble(t, slow, func(t *testing.T, connect func() net.Conn) {
		var clients sync.WaitGroup
		begun := time.Now()
		for i := range 6 {
			conn := make(chan net.Conn, 1)
			go func() { conn <- connect() }()
			if i <= 3 {
				synctest.Wait() // until the one before has sent its request
			}
			clients.Go(func() {
				c := <-conn
				io.WriteString(c, get10)
				if got := responsesOf(t, all(c)); len(got) != 1 || got[0] != "200 ok close" {
					t.Errorf("client %d got %q", i, got)
				}
			})
		}
		clients.Wait()
		if took := time.Since(begun); took < 20*time.Second || took > 25*time.Second {
			t.Errorf("six calls of 10 s, three at a time, took %v", took)
		}
	})
}

func all(conn net.Conn) string {
	answer, _ := io.ReadAll(conn)
	return string(answer)
}
