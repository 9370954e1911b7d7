package cpython_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/wsgi"
)

func TestAnswers(t *testing.T) {
	for _, interpreter := range interpreters(t) {
		for _, threads := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s, %d threads", interpreter.Name, threads), func(t *testing.T) {
				t.Parallel()
				log := logFile(t)
				pool := start(t, "behave.py", func(c *cpython.Config) {
					c.Interpreter, c.Threads, c.Output = interpreter, threads, log
				})
				testAnswers(t, pool, threads)
				if got := contents(t, log); !strings.Contains(got, "to wsgi.errors: €\nto stdout \\udc80\n") {
					t.Errorf("the log has %q", got)
				}
			})
		}
	}
}

func testAnswers(t *testing.T, pool *cpython.Pool, threads int) {
	types := fmt.Sprintf("[True, True, 'FileWrapper', True, (1, 0), '', 'behave', ['behave.py'], 'testdata', %v]",
		map[bool]string{true: "True", false: "False"}[threads == 1])
	source, _ := os.ReadFile("testdata/behave.py")
	for _, row := range []struct {
		target, body string
		blocks, size int
	}{
		{"/hello", "hello\n", 1, 6},
		{"/types", types, 1, len(types)},
		{"/lazy", "onetwo", 2, -1},
		{"/writes", "first second third", 3, len("third")},
		{"/closable", "x", 1, -1},
		{"/file", string(source[4:]), (len(source) - 4 + 99) / 100, -1},
		{"/replaced", "sorry", 1, 5},
		{"/reads_stdin", "EOFError", 1, 8},
	} {
		answer, err := call(pool, request{target: row.target})
		if err != nil {
			t.Errorf("%s: %v", row.target, err)
			continue
		}
		if answer.body.String() != row.body || answer.blocks != row.blocks || answer.size != int64(row.size) {
			t.Errorf("%s: got %q in %d blocks, size %d; want %q in %d, size %d", row.target, answer.body.String(),
				answer.blocks, answer.size, row.body, row.blocks, row.size)
		}
	}
}

func TestExcInfo(t *testing.T) {
	pool := start(t, "behave.py", nil)
	answer, err := call(pool, request{target: "/replaced"})
	if err != nil {
		t.Fatal(err)
	}
	if answer.starts != 2 || answer.status != "500 Oops" || !reflect.DeepEqual(answer.headers, []wsgi.Header{{Name: "X-New", Value: "1"}}) ||
		answer.excInfo == nil || !strings.Contains(answer.excInfo.Error(), "ValueError: oops") {
		t.Errorf("got %+v", answer)
	}
	var raised *wsgi.ApplicationError
	answer, err = call(pool, request{target: "/reraised"})
	if !errors.As(err, &raised) || raised.Exception != "ValueError: too late" || answer.starts != 1 ||
		answer.body.String() != "out" {
		t.Errorf("got %+v, %v", answer, err)
	}
}

// Text crosses the border byte for byte: what Python sees as code points is what Go has as bytes.
func TestNativeStrings(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for _, interpreter := range interpreters(t) {
		pool := start(t, "behave.py", func(c *cpython.Config) { c.Interpreter = interpreter })
		for _, value := range []string{"", "plain", "caf\xe9", strings.Repeat("x", 300), strings.Repeat("\xff", 300), "€"} {
			answer, err := call(pool, request{target: "/headers_echo", variables: []wsgi.Variable{{Name: "HTTP_X_ECHO", Value: value}}})
			if err != nil {
				t.Fatal(err)
			}
			if got := answer.headers[1].Value; got != value {
				t.Errorf("got %q, want %q", got, value)
			}
		}
		answer, err := call(pool, request{target: "/show", variables: []wsgi.Variable{{Name: "ALL", Value: string(all)}}})
		if err != nil {
			t.Fatal(err)
		}
		got := answer.body.String()
		for _, want := range []string{`\x00\x01`, `\xff'`, "('wsgi.multithread', False)", "('wsgi.url_scheme', 'http')",
			"('wsgi.run_once', False)", "('wsgi.version', (1, 0))", "('PATH_INFO', '/show')"} {
			if !strings.Contains(strings.ReplaceAll(got, "ÿ'", `\xff'`), want) {
				t.Errorf("%s is not in %s", want, got)
			}
		}
	}
}

func TestContracts(t *testing.T) {
	var source strings.Builder
	source.WriteString("def application(e, s): return globals()[e['PATH_INFO'][1:]](e, s)\n")
	type contract struct{ name, want string }
	var contracts []contract
	cases(t, "contracts.txt", func(t *testing.T, given, want string) {
		name := fmt.Sprintf("case%d", len(contracts))
		fmt.Fprintf(&source, "def %s(environ, start_response):\n", name)
		for line := range strings.Lines(given) {
			source.WriteString("    " + line)
		}
		contracts = append(contracts, contract{name, want})
	})
	dir := folder(t, "broken.py", source.String())
	for _, interpreter := range interpreters(t) {
		pool := start(t, "broken.py", func(c *cpython.Config) { c.Dir, c.Interpreter = dir, interpreter })
		for _, c := range contracts {
			environ := request{target: "/" + c.name}.environ()
			var log strings.Builder
			environ.Errors = &log
			err := exchange(pool, environ, &response{})
			var broken *wsgi.ContractError
			if !errors.As(err, &broken) {
				t.Errorf("%s: got %v, want %s", c.name, err, c.want)
				continue
			}
			if got := broken.Error(); got != c.want {
				t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
			}
			if !strings.Contains(log.String(), broken.Rule) {
				t.Errorf("%s: the traceback is not in wsgi.errors: %q", c.name, log.String())
			}
		}
	}
}

// The traceback of a broken rule ends in the application's line.
func TestContractTraceback(t *testing.T) {
	dir := folder(t, "broken.py", "def app(e, start_response):\n    start_response(200, [])\n")
	pool := start(t, "broken.py", func(c *cpython.Config) { c.Dir = dir })
	var log strings.Builder
	environ := request{}.environ()
	environ.Errors = &log
	exchange(pool, environ, &response{})
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) < 4 || !strings.Contains(lines[1], `broken.py", line 2, in app`) || strings.Contains(log.String(), "glass worker") {
		t.Errorf("got %s", log.String())
	}
}

// A head that was seen before is not checked again; what only looks like it is.
func TestKnownHead(t *testing.T) {
	dir := folder(t, "heads.py", `
heads = {
    "/good": ("200 OK", [("X-A", "1"), ("Content-Length", "2")]),
    "/tuple": ("200 OK", (("X-A", "1"), ("Content-Length", "2"))),
    "/lists": ("200 OK", [["X-A", "1"], ["Content-Length", "2"]]),
    "/bytes": (b"200 OK", [("X-A", "1"), ("Content-Length", "2")]),
    "/other": ("200 OK", [("X-A", "2"), ("Content-Length", "3")]),
}


def app(environ, start_response):
    start_response(*heads[environ["PATH_INFO"]])
    return [b"long"]
`)
	pool := start(t, "heads.py:app", inFolder(dir))
	for range 2 {
		for target, want := range map[string]string{
			"/good": "body: longer than Content-Length", "/other": "body: longer than Content-Length",
			"/tuple": "response_headers: not a list", "/lists": "response_headers: not a tuple", "/bytes": "status: not a str",
		} {
			answer, err := call(pool, request{target: target})
			var broken *wsgi.ContractError
			if !errors.As(err, &broken) || broken.Rule != want {
				t.Errorf("%s: got %v, want %s", target, err, want)
			}
			if target == "/other" && answer.body.String() != "lon" || target == "/good" && answer.body.String() != "lo" {
				t.Errorf("%s: the body is %q", target, answer.body.String())
			}
		}
	}
	environ := request{target: "/good"}.environ()
	environ.Variables[0].Value = "HEAD"
	if err := exchange(pool, environ, &response{}); err != nil { // of its body nothing is sent, so it cannot be too long
		t.Error(err)
	}
}

const poem = "abcdefg\nhijklmn\nop\nqrs\ntuv\nwxyz\n12345"

func TestInput(t *testing.T) {
	const want = `[b'abc', b'defg\n', b'hijk', b'lmn\n', [b'op\n', b'qrs\n'], b'tuv\n', b'', b'wxyz\n12345', b'', b'', []]`
	for _, interpreter := range interpreters(t) {
		for _, threads := range []int{1, 2} {
			pool := start(t, "behave.py", func(c *cpython.Config) { c.Interpreter, c.Threads = interpreter, threads })
			for name, body := range map[string]wsgi.Input{
				"whole": whole(poem), "at once": stream{strings.NewReader(poem)},
				"byte by byte": stream{iotest{strings.NewReader(poem)}},
			} {
				answer, err := call(pool, request{target: "/methods", body: body})
				if err != nil || answer.body.String() != want {
					t.Errorf("%s: got %s, %v", name, answer.body.String(), err)
				}
				if body != whole(poem) {
					continue
				}
				if got, err := call(pool, request{target: "/echo", body: body}); err != nil || got.body.String() != poem {
					t.Errorf("%s: got %s, %v", name, got.body.String(), err)
				}
			}
		}
	}
}

// iotest reads one byte at a time, as testing/iotest does.
type iotest struct{ r io.Reader }

func (o iotest) Read(b []byte) (int, error) { return o.r.Read(b[:min(len(b), 1)]) }

// broken is a body that the client breaks off.
type broken struct{ rest io.Reader }

var errBroken = errors.New("the client broke off")

func (b broken) Read(p []byte) (int, error) {
	if n, _ := b.rest.Read(p); n > 0 {
		return n, nil
	}
	return 0, errBroken
}

func TestBrokenBody(t *testing.T) {
	pool := start(t, "behave.py", nil)
	answer, err := call(pool, request{target: "/guarded", body: stream{broken{strings.NewReader("half")}}})
	if err != nil || answer.body.String() != "BrokenBody: the client broke off" {
		t.Errorf("got %q, %v", answer.body.String(), err)
	}
	_, err = call(pool, request{target: "/echo", body: stream{broken{strings.NewReader("half")}}})
	if err != errBroken {
		t.Errorf("an application that does not catch it: got %v", err)
	}
}

// The body is read only when the application asks: that is when a server sends 100 (Continue).
func TestBodyIsPulled(t *testing.T) {
	pool := start(t, "behave.py", nil)
	if _, err := call(pool, request{target: "/hello", body: stream{panics{}}}); err != nil {
		t.Error(err)
	}
}

type panics struct{}

func (panics) Read([]byte) (int, error) { panic("nobody asked for the body") }

// A large body must not grow memory on either side.
func TestLargeBodies(t *testing.T) {
	const size = 64 << 20
	const slack = 24 << 20
	for _, threads := range []int{1, 2} {
		pool := start(t, "behave.py", func(c *cpython.Config) { c.Threads = threads })
		before, goBefore := workerMemory(t, pool), goMemory()
		answer, err := call(pool, request{target: "/count", body: stream{io.LimitReader(zeros{}, size)}})
		if err != nil || answer.body.String() != strconv.Itoa(size) {
			t.Fatalf("up: got %s, %v", answer.body.String(), err)
		}
		var total int64
		for _, query := range []string{"", "list"} {
			total = drain(t, pool, "/big?"+query)
			if total < size-100_000 || total > size {
				t.Errorf("down %s: got %d bytes", query, total)
			}
		}
		if grown := workerMemory(t, pool) - before; grown > slack {
			t.Errorf("the worker grew by %d MB", grown>>20)
		}
		if grown := goMemory() - goBefore; grown > slack {
			t.Errorf("Go grew by %d MB", grown>>20)
		}
		if total := drain(t, pool, "/big?one"); total != size {
			t.Errorf("one block: got %d bytes", total)
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

func drain(t *testing.T, pool *cpython.Pool, target string) (total int64) {
	t.Helper()
	iterable, err := pool.Call(request{target: target}.environ(), ignore)
	if err != nil {
		t.Fatal(err)
	}
	defer iterable.Close()
	for block, err := range iterable.Chunks() {
		if err != nil {
			t.Fatal(err)
		}
		total += int64(len(block))
	}
	return total
}

func ignore(string, []wsgi.Header, error) (wsgi.Write, error) {
	return func([]byte) error { return nil }, nil
}

// workerMemory is the most that a worker had in memory at any time.
func workerMemory(t *testing.T, pool *cpython.Pool) int {
	if runtime.GOOS != "linux" {
		return 0
	}
	kb, err := strconv.Atoi(get(t, pool, "/rss?VmHWM"))
	if err != nil {
		t.Fatal(err)
	}
	return kb << 10
}

func goMemory() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapInuse)
}

// PEP 3333 "Buffering and Streaming": a block is on its way before the next is made. The generator makes the next only
// when the block before it has arrived, for it waits for a file that this test makes then.
func TestBlockIsOnItsWay(t *testing.T) {
	for _, threads := range []int{1, 2} {
		dir := folder(t, "patient.py", `
import os, time
def app(environ, start_response):
    start_response("200 OK", [])
    for number in range(3):
        while number and not os.path.exists("arrived%d" % (number - 1)):
            time.sleep(0.001)
        yield b"%d" % number
`)
		pool := start(t, "patient.py", func(c *cpython.Config) { c.Dir, c.Threads, c.Timeout = dir, threads, 10*time.Second })
		iterable, err := pool.Call(request{}.environ(), ignore)
		if err != nil {
			t.Fatal(err)
		}
		blocks := ""
		for block, err := range iterable.Chunks() {
			if err != nil {
				t.Fatal(err)
			}
			blocks += string(block)
			if err := os.WriteFile(filepath.Join(dir, "arrived"+string(block)), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if blocks != "012" {
			t.Errorf("blocks %q", blocks)
		}
		iterable.Close()
	}
}

// A consumer that takes nothing holds the application up after one window.
func TestBackPressure(t *testing.T) {
	for _, threads := range []int{1, 2} {
		dir := folder(t, "flood.py", `
import sys
count = 0
def app(e, s):
    global count
    s("200 OK", [])
    if e["PATH_INFO"] == "/count":
        return [str(count).encode()]
    return flood()
def flood():
    global count
    while True:
        count += 1
        sys.stderr.write("%d\n" % count)
        yield b"x" * 10_000
`)
		log := logFile(t)
		pool := start(t, "flood.py", func(c *cpython.Config) { c.Dir, c.Threads, c.Output = dir, threads, log })
		iterable, err := pool.Call(request{}.environ(), ignore)
		if err != nil {
			t.Fatal(err)
		}
		most := cpython.Window/10_000 + 1
		eventually(t, "the window is used up", func() bool { return strings.Count(contents(t, log), "\n") >= most })
		blocks := 0
		for range iterable.Chunks() {
			if blocks++; blocks == 200 {
				break
			}
		}
		if made := strings.Count(contents(t, log), "\n"); made > blocks+2*most {
			t.Errorf("%d blocks were made when %d were taken", made, blocks)
		}
		iterable.Close()
	}
}

// A client that leaves stops the iteration at the next yield, and close() is called.
func TestAbort(t *testing.T) {
	for _, threads := range []int{1, 2} {
		pool := start(t, "behave.py", func(c *cpython.Config) { c.Threads = threads })
		for range 3 {
			iterable, err := pool.Call(request{target: "/endless"}.environ(), ignore)
			if err != nil {
				t.Fatal(err)
			}
			for range iterable.Chunks() {
				break
			}
			if err := iterable.Close(); err != nil {
				t.Error(err)
			}
		}
		eventually(t, "closed", func() bool { return get(t, pool, "/all_closed") == "/endless,/endless,/endless" })
	}
}

func TestClose(t *testing.T) {
	pool := start(t, "behave.py", nil)
	answer, err := call(pool, request{target: "/closable"})
	if err != nil || answer.closing != nil {
		t.Errorf("got %v, %v", err, answer.closing)
	}
	answer, err = call(pool, request{target: "/close_raises"})
	var raised *wsgi.ApplicationError
	if err != nil || answer.body.String() != "x" || !errors.As(answer.closing, &raised) ||
		raised.Exception != "ValueError: close failed" || !strings.Contains(raised.Traceback, "in close") {
		t.Errorf("got %v, %v", err, answer.closing)
	}
	answer, err = call(pool, request{target: "/raises_midway"})
	if !errors.As(err, &raised) || raised.Exception != "KeyError: 'midway'" || answer.body.String() != "x" {
		t.Errorf("got %v", err)
	}
	if got := get(t, pool, "/all_closed"); got != "/closable,/close_raises,/raises_midway" {
		t.Errorf("closed: %s", got)
	}
}

// Each answer belongs to its own request, whatever runs at the same time.
func TestInterleaved(t *testing.T) {
	t.Parallel()
	pool := start(t, "behave.py", func(c *cpython.Config) { c.Workers, c.Threads = 2, 4 })
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			text := strings.Repeat(strconv.Itoa(i), 50)
			var body wsgi.Input = whole(text)
			if i%2 == 0 {
				body = stream{iotest{strings.NewReader(text)}}
			}
			answer, err := call(pool, request{target: fmt.Sprintf("/same_pid?%d", i), body: body})
			if want := fmt.Sprintf("%d %s", i, text); err != nil || answer.body.String() != want {
				t.Errorf("got %q, %v; want %q", answer.body.String(), err, want)
			}
		})
	}
	all.Wait()
}

// An error of the server's own start_response ends the call.
func TestServerRefuses(t *testing.T) {
	pool := start(t, "behave.py", nil)
	refusal := errors.New("no")
	_, err := pool.Call(request{target: "/hello"}.environ(),
		func(string, []wsgi.Header, error) (wsgi.Write, error) { return nil, refusal })
	if err != refusal {
		t.Errorf("got %v", err)
	}
	if got := get(t, pool, "/hello"); got != "hello\n" {
		t.Errorf("then got %q", got)
	}
}

func TestClosedPool(t *testing.T) {
	pool, err := tryStart(t, "behave.py", nil)
	if err != nil {
		t.Fatal(err)
	}
	closePool(t, pool)
	if _, err := call(pool, request{target: "/hello"}); err != cpython.ErrClosed {
		t.Errorf("got %v", err)
	}
	if err := pool.Close(context.Background()); err != nil {
		t.Errorf("the second Close: %v", err)
	}
	pool.Kill()
}

func TestStartIsCancelled(t *testing.T) {
	dir := folder(t, "slow.py", "import time\ntime.sleep(600)\n")
	interpreter := interpreters(t)[0]
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, err := cpython.Start(ctx, cpython.Config{Interpreter: interpreter, App: "slow.py", Dir: dir, Output: discard(t)})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// wsgiref's validator finds nothing to complain of, neither in the environ nor in how the iterable is treated.
func TestValidator(t *testing.T) {
	dir := folder(t, "app.py", `
from wsgiref.validate import validator
@validator
def app(environ, start_response):
    text = environ["wsgi.input"].read(100)
    environ["wsgi.errors"].write("fine\\n")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"got ", text] if environ["PATH_INFO"] == "/list" else (block for block in [b"got ", text])
`)
	variables := []wsgi.Variable{{Name: "SERVER_NAME", Value: "localhost"}, {Name: "SERVER_PORT", Value: "80"},
		{Name: "SERVER_PROTOCOL", Value: "HTTP/1.1"}, {Name: "SCRIPT_NAME", Value: ""}}
	for _, interpreter := range interpreters(t) {
		pool := start(t, "app.py", func(c *cpython.Config) { c.Dir, c.Interpreter = dir, interpreter })
		for _, target := range []string{"/list", "/generator"} {
			for _, body := range []wsgi.Input{whole("it"), stream{strings.NewReader("it")}} {
				answer, err := call(pool, request{target, body, variables})
				if err != nil || answer.body.String() != "got it" || answer.closing != nil {
					t.Errorf("%s: got %q, %v, %v", target, answer.body.String(), err, answer.closing)
					if raised := (*wsgi.ApplicationError)(nil); errors.As(err, &raised) {
						t.Log(raised.Traceback)
					}
				}
			}
		}
	}
}

// The application's file is a module that other processes can import, so that multiprocessing finds its functions.
func TestMultiprocessing(t *testing.T) {
	t.Parallel()
	dir := folder(t, "my_app.py", `
import multiprocessing
def square(n):
    return n * n
def app(environ, start_response):
    with multiprocessing.get_context(environ["QUERY_STRING"]).Pool(1) as pool:
        text = str(pool.apply(square, (7,)))
    start_response("200 OK", [])
    return [text.encode()]
`)
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot fork")
	}
	for _, interpreter := range interpreters(t) {
		pool := start(t, "my_app.py", func(c *cpython.Config) { c.Dir, c.Interpreter = dir, interpreter })
		for _, way := range []string{"fork", "spawn"} {
			if got := get(t, pool, "/?"+way); got != "49" {
				t.Errorf("%s, %s: got %q", interpreter.Name, way, got)
			}
		}
	}
}

// Two heads of the same length are two heads.
func TestHeadsOfOneLength(t *testing.T) {
	pool := start(t, "behave.py", nil)
	for range 3 {
		for _, value := range []string{"aaaa", "bbbb"} {
			answer, err := call(pool, request{target: "/headers_echo", variables: []wsgi.Variable{{Name: "HTTP_X_ECHO", Value: value}}})
			if err != nil || !slices.Contains(answer.headers, wsgi.Header{Name: "X-Echo", Value: value}) {
				t.Errorf("%s: got %v, %v", value, answer.headers, err)
			}
		}
	}
}

// giveUp takes one block of a response, and no more.
func giveUp(t *testing.T, pool *cpython.Pool) {
	t.Helper()
	iterable, err := pool.Call(request{}.environ(), ignore)
	if err != nil {
		t.Fatal(err)
	}
	for range iterable.Chunks() {
		break
	}
	iterable.Close()
}

// What the application raises when its response is given up is told, though nobody waits for it.
func TestRaisesAfterItWasGivenUp(t *testing.T) {
	t.Parallel()
	dir := folder(t, "app.py", `
def app(e, s):
    s("200 OK", [])
    return blocks()
def blocks():
    try:
        while True:
            yield b"x" * 1000
    finally:
        raise KeyError("at the end")
`)
	for _, threads := range []int{1, 2} {
		log, out := recorder()
		pool := start(t, "app.py", func(c *cpython.Config) { c.Dir, c.Threads, c.Log = dir, threads, log })
		giveUp(t, pool)
		eventually(t, "the log tells", func() bool {
			return strings.Contains(out(), "raised after its response was given up") && strings.Contains(out(), "at the end")
		})
	}
}

// A hang is told although the client has left.
func TestHangsAfterItWasGivenUp(t *testing.T) {
	t.Parallel()
	dir := folder(t, "app.py", `
import time
def app(e, s):
    s("200 OK", [])
    yield b"x" * 1000
    time.sleep(600)
`)
	log, out := recorder()
	pool := start(t, "app.py", func(c *cpython.Config) { c.Dir, c.Log, c.Timeout = dir, log, time.Second })
	giveUp(t, pool)
	eventually(t, "the log tells", func() bool {
		return strings.Contains(out(), "time.sleep(600)") && strings.Contains(out(), "its client had left")
	})
}

// An iterable that was given up is closed at its next block, and not when the window is full.
func TestGivenUpAtTheNextBlock(t *testing.T) {
	t.Parallel()
	dir := folder(t, "app.py", `
import time
def app(e, s):
    s("200 OK", [])
    return blocks()
def blocks():
    count = 0
    try:
        while True:
            count += 1
            yield b"x"
            time.sleep(0.002)
    finally:
        with open("count", "w") as f: f.write("%d." % count)
`)
	for _, threads := range []int{1, 2} {
		os.Remove(dir + "/count")
		pool := start(t, "app.py", func(c *cpython.Config) { c.Dir, c.Threads = dir, threads })
		giveUp(t, pool)
		var count int
		eventually(t, "it is closed", func() bool {
			text, _ := os.ReadFile(dir + "/count")
			n, err := fmt.Sscanf(string(text), "%d.", &count)
			return n == 1 && err == nil
		})
		if most := cpython.Window / 65 / 2; count > most {
			t.Errorf("%d blocks were made, and %d fit into the window", count, 2*most)
		}
	}
}

// A body that came in a piece larger than what the application reads is not lost in between.
func TestBodyIsReadInParts(t *testing.T) {
	dir := folder(t, "app.py", `
def app(e, s):
    s("200 OK", [])
    body = e["wsgi.input"]
    return [body.read(10) + body.readline() + body.read()]
`)
	sent := strings.Repeat("0123456789", 20) + "\n" + strings.Repeat("abcdefghij", 30_000)
	for _, threads := range []int{1, 2} {
		pool := start(t, "app.py", func(c *cpython.Config) { c.Dir, c.Threads = dir, threads })
		answer, err := call(pool, request{body: stream{strings.NewReader(sent)}})
		if err != nil || answer.body.String() != sent {
			t.Errorf("%d bytes of %d, %v", answer.body.Len(), len(sent), err)
		}
	}
}

// What cannot be read is not sent, though its descriptor could be handed over.
func TestFileThatIsNotReadable(t *testing.T) {
	dir := folder(t, "data", strings.Repeat("secret", 10_000), "app.py", `
import io, os
def app(e, s):
    s("200 OK", [])
    return e["wsgi.file_wrapper"](io.FileIO(os.open("data", os.O_WRONLY), "w"))
`)
	pool := start(t, "app.py", inFolder(dir))
	answer, err := call(pool, request{})
	var raised *wsgi.ApplicationError
	if !errors.As(err, &raised) || answer.body.Len() > 0 {
		t.Errorf("%d bytes, %v", answer.body.Len(), err)
	}
}
