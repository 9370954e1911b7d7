//go:build linux

package cpython_test

import (
	"io"
	"math/rand/v2"
	"net"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"glasswsgi/check/suite"
	"glasswsgi/runtime/cpython"
)

// The kinds of frames that a server sends.
const (
	kRequest, kData, kEOF, kBodyError, kCredit, kAbort, kQuit = 1, 2, 3, 4, 5, 6, 7
)

// fakeServerMemory is what a worker with a tiny application may have at most, whatever its server sends, in KiB.
const fakeServerMemory = 64 << 10

// hostileStreams are what no server of ours sends. The worker must end by itself: the channel stays open.
func hostileStreams() map[string][]byte {
	reads := cpython.AppendRequest(nil, 1, request{target: "/echo", body: stream{strings.NewReader("")}}.environ())
	frame := func(size int, call uint32, kind int, payload string) []byte {
		return cpython.AppendFrame(nil, size, call, kind, []byte(payload))
	}
	many := reads // its body does not come
	for i := range uint32(1000) {
		many = cpython.AppendRequest(many, i+2, request{target: "/hello"}.environ())
	}
	return map[string][]byte{
		"kind 0":                           frame(-1, 1, 0, ""),
		"kind 255":                         frame(-1, 1, 255, "x"),
		"a kind of the other direction":    frame(-1, 1, 20, "x"),
		"4 GiB":                            frame(1<<32-1, 1, kRequest, ""),
		"a request of 2 MiB":               frame(2<<20, 1, kRequest, ""),
		"too much DATA":                    frame(1<<20, 1, kData, ""),
		"CREDIT of three bytes":            frame(-1, 1, kCredit, "abc"),
		"QUIT with a payload":              frame(-1, 0, kQuit, "x"),
		"a request of four bytes":          frame(-1, 1, kRequest, "\x00\x00\x00\x00"),
		"a request without environ":        frame(-1, 1, kRequest, "\x00\x00\x00\x00\x00"),
		"an environ longer than its frame": frame(-1, 1, kRequest, "\x00\xff\xff\xff\xff{0"),
		"an environ that is no marshal":    frame(-1, 1, kRequest, "\x00\x05\x00\x00\x00\xff\xfe\xfd\xfc\xfb"),
		"an environ that is no dict":       frame(-1, 1, kRequest, "\x00\x05\x00\x00\x00i\x01\x00\x00\x00"),
		"an environ of 2 billion items":    frame(-1, 1, kRequest, "\x00\x05\x00\x00\x00(\xff\xff\xff\x7f"),
		"an environ that is too deep":      frame(-1, 1, kRequest, "\x00\x10\x27\x00\x00"+strings.Repeat("(\x01\x00\x00\x00", 2000)),
		"a thousand requests at a time":    many,
	}
}

// TestWorkerAgainstFakeServer: a worker whose server breaks the protocol ends. It does not hang, and takes no memory by
// lengths that are not true.
func TestWorkerAgainstFakeServer(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	config := fakeServerConfig(t)
	for name, wire := range hostileStreams() {
		for _, threads := range []int{1, 2} {
			c := config
			c.Threads = threads
			channel, ended := fakeServer(t, c)
			channel.Write(wire)
			mustEnd(t, name, channel, ended)
		}
	}
}

// TestWorkerAgainstNoise: frames with plausible headers and anything in them, in any order, and then the end.
func TestWorkerAgainstNoise(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	config := fakeServerConfig(t)
	for seed := range uint64(16) {
		random := rand.New(rand.NewPCG(seed, 0))
		var wire []byte
		for range 200 {
			payload := make([]byte, random.IntN(1+random.IntN(300)))
			for i := range payload {
				payload[i] = byte(random.Uint32())
			}
			kind := 2 + random.IntN(5)
			switch {
			case random.IntN(3) == 0:
				wire = cpython.AppendRequest(wire, random.Uint32N(9), request{target: "/echo", body: stream{strings.NewReader("")}}.environ())
				continue
			case kind == kEOF || kind == kAbort:
				payload = nil
			case kind == kCredit:
				payload = append(payload, 0, 0, 0, 0)[:4]
			}
			wire = cpython.AppendFrame(wire, -1, random.Uint32N(9), kind, payload)
		}
		wire = wire[:random.IntN(len(wire))]
		c := config
		c.Threads = 1 + int(seed%3)
		channel, ended := fakeServer(t, c)
		channel.Write(wire)
		channel.(*net.UnixConn).CloseWrite()
		mustEnd(t, "noise", channel, ended)
	}
}

func fakeServerConfig(t *testing.T) cpython.Config {
	interpreter, err := python()
	if err != nil {
		t.Fatal(err)
	}
	return cpython.Config{Interpreter: interpreter, App: "behave.py", Dir: "testdata", Output: discard(t)}
}

// fakeServer starts a worker that may have 1 GB of addresses. Its frames are read and thrown away.
func fakeServer(t *testing.T, config cpython.Config) (channel net.Conn, ended chan *exec.Cmd) {
	t.Helper()
	channel, lifeline, command, err := cpython.Launch(config, "ulimit -v 1000000;")
	if err != nil {
		t.Fatal(err)
	}
	channel.SetDeadline(time.Now().Add(patience))
	ended = make(chan *exec.Cmd, 1)
	var reading sync.WaitGroup
	reading.Go(func() { io.Copy(io.Discard, channel) })
	go func() {
		command.Wait()
		reading.Wait()
		lifeline.Close()
		channel.Close()
		ended <- command
	}()
	return channel, ended
}

func mustEnd(t *testing.T, name string, channel net.Conn, ended chan *exec.Cmd) {
	t.Helper()
	select {
	case command := <-ended:
		if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok && usage.Maxrss > max(fakeServerMemory, ownMemory(t)) {
			t.Errorf("%s: the worker had %d KiB", name, usage.Maxrss)
		}
		if code := command.ProcessState.ExitCode(); code != 0 && code != 1 {
			t.Errorf("%s: %v", name, command.ProcessState)
		}
	case <-time.After(patience):
		channel.Close()
		t.Errorf("%s: the worker is still there", name)
		<-ended
	}
}

// ownMemory is the most that this process has had, in KiB. A child begins in the memory of its parent, and Linux counts
// that as the child's.
func ownMemory(t *testing.T) int64 {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return usage.Maxrss
}
