//go:build unix

package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"glasswsgi/server"
)

// canary is a client that behaves. It must be answered while others do their worst.
type canary struct {
	stop    chan bool
	done    sync.WaitGroup
	answers int
	longest time.Duration
	failure error
}

// sing asks again and again, on a new connection each time.
func sing(address string) *canary {
	c := &canary{stop: make(chan bool)}
	c.done.Go(func() {
		for {
			begun := time.Now()
			if c.failure = ask(address); c.failure != nil {
				return
			}
			c.longest = max(c.longest, time.Since(begun))
			c.answers++
			select {
			case <-c.stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	})
	return c
}

// ask sends one request and reads the answer.
func ask(address string) error {
	conn, err := net.DialTimeout("tcp", address, deadline)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(deadline))
	io.WriteString(conn, "GET /canary HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	if response.StatusCode != 200 {
		return fmt.Errorf("the canary got %s", response.Status)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

func (c *canary) mustBeWell(t *testing.T) {
	t.Helper()
	close(c.stop)
	c.done.Wait()
	if c.failure != nil || c.answers == 0 {
		t.Errorf("the canary got %d answers, then %v", c.answers, c.failure)
	}
	t.Logf("the canary got %d answers, the slowest after %v", c.answers, c.longest.Round(time.Millisecond))
}

// underAbuse runs an attack on a server. Meanwhile others must be answered, and after it the goroutines, the descriptors
// and the memory must come back.
func underAbuse(t *testing.T, config server.Config, attack func(address string)) {
	t.Helper()
	raiseDescriptors(t)
	_, address := serve(t, config)
	if err := ask(address); err != nil {
		t.Fatal(err)
	}
	goroutines, files, memory := runtime.NumGoroutine(), descriptors(t), inUse()
	c := sing(address)
	begun := time.Now()
	attack(address)
	t.Logf("the attack took %v", time.Since(begun).Round(time.Millisecond))
	c.mustBeWell(t)
	comesBack(t, "goroutines", goroutines, runtime.NumGoroutine)
	comesBack(t, "descriptors", files, func() int { return descriptors(t) })
	comesBack(t, "bytes in use", memory+leftOver, inUse)
}

// leftOver is what may stay in use after thousands of connections: Go keeps the descriptors of goroutines that ended,
// maps do not shrink, and there are pools of buffers. A leak of a connection's own memory would be ten times as much.
const leftOver = 16 << 20

// comesBack waits until a number is no higher than it was.
func comesBack(t *testing.T, what string, before int, now func() int) {
	t.Helper()
	for end := time.Now().Add(deadline); now() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("%d %s before, %d after", before, what, now())
			return
		}
	}
}

// inUse is the memory of this process that is not free.
func inUse() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapInuse + m.StackInuse)
}

func descriptors(t *testing.T) int {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Skip(err)
	}
	return len(entries)
}

// raiseDescriptors makes room for both ends of a connection, as far as the system lets us.
func raiseDescriptors(t *testing.T) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = limit.Max
	syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit) // Go has done so, but for hard limits that are too high
}

// clients is how many clients the descriptors allow, n at most.
func clients(t *testing.T, n int) int {
	raiseDescriptors(t)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	n = fewer(n)
	if most := (int(min(limit.Cur, 1<<20)) - 200) / 2; most < n {
		t.Logf("%d descriptors are enough for %d clients, not for %d", limit.Cur, most, n)
		return most
	}
	return n
}

// fewer is how many of n clients attack: a tenth with the race detector, and a quarter with -short.
func fewer(n int) int {
	if testing.Short() && scale == 1 {
		return n / 4
	}
	return n / scale
}

// crowd opens n connections.
func crowd(t *testing.T, address string, n int) []*net.TCPConn {
	t.Helper()
	all := make([]*net.TCPConn, 0, n)
	for range n {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatalf("after %d connections: %v", len(all), err)
		}
		all = append(all, conn.(*net.TCPConn))
	}
	t.Cleanup(func() { leave(all) })
	return all
}

func leave(all []*net.TCPConn) {
	for _, conn := range all {
		conn.Close()
	}
}

// each lets some clients work at a time.
func each[T any](all []T, work func(i int, one T)) {
	var group sync.WaitGroup
	next := make(chan int)
	for range 50 {
		group.Go(func() {
			for i := range next {
				work(i, all[i])
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	group.Wait()
}
