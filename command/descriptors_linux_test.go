package command

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"glasswsgi/check/suite"
)

// TestWorkerTakesAConnectionsDescriptor: silent peers have taken every descriptor, and those of dead workers, too. One
// after the other gives way to a new worker.
func TestWorkerTakesAConnectionsDescriptor(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	s := serve(t, "examples/hello.py")
	get(t, s.url)
	pid := awaitWorker(t, s, 0)
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	few := unix.Rlimit{Cur: uint64(len(files)), Max: uint64(len(files))}
	if err := unix.Prlimit(s.Process.Pid, unix.RLIMIT_NOFILE, &few, nil); err != nil {
		t.Fatal(err)
	}
	for range 60 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	for range 5 { // four of them while they load, so that the next one comes after a pause
		syscall.Kill(pid, syscall.SIGKILL)
		pid = awaitWorker(t, s, pid)
	}
}

// TestHandOverWithoutDescriptor: the event loop leaves a connection to a goroutine, which needs another descriptor, where the
// connection has taken the last one.
func TestHandOverWithoutDescriptor(t *testing.T) {
	t.Parallel()
	s := serve(t, "--model", "loop", "examples/hello.py")
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	highest := 0
	for _, file := range files {
		number, _ := strconv.Atoi(file.Name())
		highest = max(highest, number)
	}
	few := unix.Rlimit{Cur: uint64(highest + 2), Max: uint64(highest + 2)}
	if err := unix.Prlimit(s.Process.Pid, unix.RLIMIT_NOFILE, &few, nil); err != nil {
		t.Fatal(err)
	}
	var conn net.Conn
	for range highest + 2 - len(files) { // each takes one of those that are left
		if conn, err = net.Dial("tcp", strings.TrimPrefix(s.url, "http://")); err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(deadline))
		io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, err := conn.Read(make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	conn.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx"))
	if got, err := io.ReadAll(conn); err != nil || !strings.Contains(string(got), " 200 OK\r\n") {
		t.Errorf("%q, %v\n%s", got, err, s.err)
	}
}

// TestLastRoom: a connection that has taken the last descriptor, or the last place there is, closes no other. One gives way
// when a peer waits.
func TestLastRoom(t *testing.T) {
	t.Parallel()
	for _, model := range []string{"threaded", "loop"} {
		for _, limit := range []string{"descriptors", "connections"} {
			t.Run(model+", "+limit, func(t *testing.T) {
				t.Parallel()
				args := []string{"--model", model, "--keep-alive", "60", "examples/hello.py"}
				if limit == "connections" {
					args = append([]string{"--limit-connections", "3"}, args...)
				}
				s := serve(t, args...)
				oldest, second := keep(t, s), keep(t, s)
				if limit == "descriptors" {
					leaveDescriptors(t, s, 1)
				}
				oldest.ask(t)
				second.askFor(t, mayGiveWay)
				keep(t, s).askFor(t, mayGiveWay)
				oldest.ask(t)
				if log := s.err.String(); strings.Contains(log, "cannot accept") {
					t.Errorf("nobody waits:\n%s", log)
				}
				keep(t, s) // for which one of the others gives way
			})
		}
	}
}

// TestUploadTakesAConnectionsDescriptor: a chunked body is kept in a file, and idle connections hold every descriptor. One of
// them gives way, while those that wait to be accepted take what they find.
func TestUploadTakesAConnectionsDescriptor(t *testing.T) {
	t.Parallel()
	app := write(t, t.TempDir(), "app.py", "def application(environ, start_response):\n    start_response('200 OK', [])\n"+
		"    return [b'%d bytes' % len(environ['wsgi.input'].read(int(environ.get('CONTENT_LENGTH') or 0)))]\n")
	for _, model := range []string{"threaded", "loop"} {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			s := serve(t, "--model", model, "--keep-alive", "60", app)
			uploads := keep(t, s)
			for range 4 {
				keep(t, s)
			}
			leaveDescriptors(t, s, 0)
			for range 4 {
				conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
			}
			const size = 100_000
			fmt.Fprintf(uploads, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n",
				size, strings.Repeat("x", size))
			got, err := io.ReadAll(uploads.in)
			if err != nil || !strings.Contains(string(got), " 200 OK\r\n") || !strings.Contains(string(got), fmt.Sprint(size, " bytes")) {
				t.Errorf("%q, %v\n%s", got, err, s.err)
			}
		})
	}
}

// TestFileWithoutDescriptor: the worker hands over a file, and no descriptor is left for it here. It comes in blocks then.
func TestFileWithoutDescriptor(t *testing.T) {
	t.Parallel()
	const size = 100_000
	dir := t.TempDir()
	file := write(t, dir, "file", strings.Repeat("x", size))
	app := write(t, dir, "app.py", "def application(environ, start_response):\n    start_response('200 OK', [])\n"+
		"    return environ['wsgi.file_wrapper'](open('"+file+"', 'rb'))\n")
	for _, model := range []string{"threaded", "loop"} {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			s := serve(t, "--model", model, "--keep-alive", "60", app)
			conn := keep(t, s)
			leaveDescriptors(t, s, 0)
			for range 2 {
				io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
				response, err := http.ReadResponse(conn.in, nil)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := io.ReadAll(response.Body); err != nil || response.StatusCode != 200 || len(got) != size {
					t.Errorf("%s, %d bytes, %v\n%s", response.Status, len(got), err, s.err)
				}
			}
		})
	}
}

// TestSignalsWithoutDescriptor: logs are opened again and the configuration is read although connections hold every descriptor.
func TestSignalsWithoutDescriptor(t *testing.T) {
	t.Parallel()
	for _, model := range []string{"threaded", "loop"} {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			log := filepath.Join(dir, "log")
			config := write(t, dir, "glass.toml", "app = 'examples/hello.py'\n")
			s := serve(t, "--model", model, "--keep-alive", "60", "--config", config, "--access-logfile", log)
			for range 3 * roomFiles {
				keep(t, s)
			}
			leaveDescriptors(t, s, 0)
			for i, signal := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGHUP} {
				if err := os.Rename(log, fmt.Sprint(log, i)); err != nil {
					t.Fatal(err)
				}
				s.Process.Signal(signal)
				for end := time.Now().Add(deadline); ; time.Sleep(5 * time.Millisecond) {
					if _, err := os.Stat(log); err == nil {
						break
					} else if time.Now().After(end) {
						t.Fatalf("%v, %v\n%s", signal, err, s.err)
					}
				}
			}
			s.err.await(t, "replacing the workers")
			get(t, s.url)
		})
	}
}

// mayGiveWay is longer than front.giveWayAfter.
const mayGiveWay = 150 * time.Millisecond

// kept is a connection that is kept.
type kept struct {
	net.Conn
	in *bufio.Reader
}

// keep connects, and is answered once.
func keep(t *testing.T, s *running) *kept {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(deadline))
	k := &kept{conn, bufio.NewReader(conn)}
	k.ask(t)
	return k
}

func (k *kept) ask(t *testing.T) {
	t.Helper()
	io.WriteString(k, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	response, err := http.ReadResponse(k.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response.Status, err)
	}
}

// askFor asks again and again, while others wait for their peers.
func (k *kept) askFor(t *testing.T, d time.Duration) {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < d; {
		k.ask(t)
	}
}

// leaveDescriptors lets a process open so many more.
func leaveDescriptors(t *testing.T, s *running, few int) {
	t.Helper()
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	taken := map[int]bool{}
	for _, file := range open {
		number, _ := strconv.Atoi(file.Name())
		taken[number] = true
	}
	limit := 0 // the lowest free numbers are given first
	for free := 0; free < few || taken[limit]; limit++ {
		if !taken[limit] {
			free++
		}
	}
	if err := unix.Prlimit(s.Process.Pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(limit), Max: uint64(limit)}, nil); err != nil {
		t.Fatal(err)
	}
}

// awaitWorker waits until glass has one child, which is not the one that is gone.
func awaitWorker(t *testing.T, s *running, gone int) (pid int) {
	t.Helper()
	tasks := fmt.Sprintf("/proc/%d/task", s.Process.Pid)
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		threads, err := os.ReadDir(tasks)
		if err != nil {
			t.Fatal(err)
		}
		for _, thread := range threads {
			children, _ := os.ReadFile(tasks + "/" + thread.Name() + "/children")
			for _, word := range strings.Fields(string(children)) {
				if pid, _ := strconv.Atoi(word); pid != gone {
					return pid
				}
			}
		}
	}
	t.Fatalf("no new worker\n%s", s.err)
	return 0
}
