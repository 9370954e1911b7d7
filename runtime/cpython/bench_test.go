package cpython_test

import (
	"runtime"
	"strconv"
	"testing"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/wsgi"
)

// browser is what a browser's request brings into the environ.
func browser() request {
	r := request{target: "/hello"}
	for _, name := range []string{"SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "REMOTE_ADDR", "REMOTE_PORT",
		"HTTP_HOST", "HTTP_USER_AGENT", "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_ACCEPT_ENCODING", "HTTP_CONNECTION",
		"HTTP_COOKIE", "HTTP_CACHE_CONTROL", "CONTENT_TYPE", "CONTENT_LENGTH"} {
		r.variables = append(r.variables, wsgi.Variable{Name: name, Value: "a value of middling length"})
	}
	return r
}

func callHello(b *testing.B, pool *cpython.Pool, environ *wsgi.Environ) {
	iterable, err := pool.Call(environ, ignore)
	if err != nil {
		b.Fatal(err)
	}
	for _, err := range iterable.Chunks() {
		if err != nil {
			b.Fatal(err)
		}
	}
	iterable.Close()
}

func BenchmarkCallHello(b *testing.B) {
	pool := start(b, "behave.py", nil)
	environ := browser().environ()
	b.ReportAllocs()
	for b.Loop() {
		callHello(b, pool, environ)
	}
}

func BenchmarkCallHelloParallel(b *testing.B) {
	for _, threads := range []int{1, 4} {
		b.Run(strconv.Itoa(threads)+" threads", func(b *testing.B) {
			pool := start(b, "behave.py", func(c *cpython.Config) { c.Workers, c.Threads = runtime.NumCPU(), threads })
			b.ReportAllocs()
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				environ := browser().environ()
				for pb.Next() {
					callHello(b, pool, environ)
				}
			})
		})
	}
}

func BenchmarkDownload(b *testing.B) {
	pool := start(b, "behave.py", nil)
	b.SetBytes(64 << 20)
	for b.Loop() {
		iterable, err := pool.Call(request{target: "/big?"}.environ(), ignore)
		if err != nil {
			b.Fatal(err)
		}
		for range iterable.Chunks() {
		}
		iterable.Close()
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		pool, err := tryStart(b, "behave.py", nil)
		if err != nil {
			b.Fatal(err)
		}
		pool.Kill()
	}
}

// A hello application's worker is small.
func TestFootprint(t *testing.T) {
	const mostMemory = 20 << 20
	dir := folder(t, "hello.py", `
def app(e, s):
    s("200 OK", [])
    if e["PATH_INFO"] == "/rss":
        with open("/proc/self/status") as f:
            return [line.split()[1].encode() for line in f if line.startswith(e["QUERY_STRING"] + ":")]
    return [b"hello"]
`)
	pool := start(t, "hello.py", func(c *cpython.Config) { c.Dir = dir })
	get(t, pool, "/hello")
	memory := workerMemory(t, pool)
	t.Logf("%d KB in memory", memory>>10)
	if memory > mostMemory {
		t.Errorf("%d KB in memory, more than %d", memory>>10, mostMemory>>10)
	}
}
