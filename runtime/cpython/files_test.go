package cpython_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"glasswsgi/runtime/wsgi"
)

// wraps is an application that wraps a file and notes when it is closed.
const wraps = `
import gzip, os
def app(e, s):
    path, query = e["PATH_INFO"], e["QUERY_STRING"]
    if path == "/closed":
        s("200 OK", [])
        return [b",".join(n.encode() for n in sorted(os.listdir(".")) if n.startswith("closed"))]
    f = open("data", "rb")
    if path == "/position":
        f.seek(40000)
        f.read(10)
    if path == "/gzip":
        with gzip.open("data.gz", "wb", 0) as stored: # its fileno() is that of what is not the content
            stored.write(f.read())
        f = gzip.open("data.gz")
    if path == "/text":
        f = open("data")
    headers = [("Content-Length", query)] if query else []
    w = e["wsgi.file_wrapper"](f, 8000)
    inner = w.close
    def close():
        open("closed-%d" % (len(os.listdir(".")),), "w").close()
        inner()
    w.close = close
    write = s("200 OK", headers)
    if path == "/written":
        write(b"before:")
    return w
`

func TestFiles(t *testing.T) {
	data := strings.Repeat("0123456789abcdef", 10_000)
	dir := folder(t, "wraps.py", wraps, "data", data)
	pool := start(t, "wraps.py", inFolder(dir))
	for _, row := range []struct {
		target, want string
		size         int64
		isFile       bool
		err          string
	}{
		{"/", data, 160_000, true, ""},
		{"/position", data[40_010:], 119_990, true, ""},
		{"/?160000", data, 160_000, true, ""},
		{"/?100", data[:100], 100, true, ""}, // PEP 3333: "or until Content-Length bytes have been written"
		{"/?0", "", 0, true, ""},
		{"/gzip?100", data[:100], -1, false, ""},
		{"/gzip?10000", data[:10_000], -1, false, ""},
		{"/gzip?160001", data, -1, false, ""}, // the server finds it too short
		{"/written", "before:" + data, 160_000, true, ""},
		{"/gzip", data, -1, false, ""},
		{"/text", "", -1, false, "not bytes"},
	} {
		for _, asks := range []bool{true, false} {
			got, size, isFile, err := download(pool, row.target, asks)
			if got != row.want || size != row.size || isFile != (row.isFile && asks && runtime.GOOS != "windows") {
				t.Errorf("%s, %v: %d bytes of %d, a file: %v", row.target, asks, len(got), size, isFile)
			}
			if (err == nil) != (row.err == "") || err != nil && !strings.Contains(err.Error(), row.err) {
				t.Errorf("%s, %v: %v", row.target, asks, err)
			}
		}
	}
	if closed := strings.Count(get(t, pool, "/closed"), "closed-"); closed != 22 {
		t.Errorf("22 files were closed %d times", closed)
	}
	if descriptors, err := filepath.Glob("/proc/self/fd/*"); err == nil {
		for _, descriptor := range descriptors {
			if target, _ := os.Readlink(descriptor); target == filepath.Join(dir, "data") {
				t.Errorf("%s is still open", descriptor)
			}
		}
	}
}

// download is what a server does that asks for files, or one that does not.
func download(pool wsgi.Application, target string, asks bool) (got string, size int64, isFile bool, err error) {
	var body strings.Builder
	write := func(b []byte) error { body.Write(b); return nil }
	iterable, err := pool.Call(request{target: target}.environ(), func(string, []wsgi.Header, error) (wsgi.Write, error) {
		return write, nil
	})
	if err != nil {
		return body.String(), -1, false, err
	}
	defer iterable.Close()
	size = iterable.Size()
	if asks {
		if file := iterable.(wsgi.FileBody).File(); file != nil {
			isFile = true
			io.CopyN(&body, file, size)
		}
	}
	for block, err := range iterable.Chunks() {
		if err != nil {
			return body.String(), size, isFile, err
		}
		write(block)
	}
	return body.String(), size, isFile, nil
}

// A client that leaves in the middle of a file has it closed all the same.
func TestFileIsAbandoned(t *testing.T) {
	dir := folder(t, "wraps.py", wraps, "data", strings.Repeat("x", 1<<20))
	pool := start(t, "wraps.py", inFolder(dir))
	iterable, err := pool.Call(request{target: "/"}.environ(), ignore)
	if err != nil {
		t.Fatal(err)
	}
	iterable.Close()
	if closed := strings.Count(get(t, pool, "/closed"), "closed-"); closed != 1 {
		t.Errorf("closed %d times", closed)
	}
}

// unread is an application that wraps what is no real file, and counts how often it is read and closed.
const unread = `
class Odd:
    reads = closed = 0
    def read(self, size):
        Odd.reads += 1
        return b"x" * size if Odd.reads < 9 else b""
    def close(self):
        Odd.closed += 1
def app(e, s):
    if e["PATH_INFO"] == "/counted":
        s("200 OK", [])
        return [b"%d reads, %d closed" % (Odd.reads, Odd.closed)]
    s(e["QUERY_STRING"].replace("+", " "), [])
    return e["wsgi.file_wrapper"](Odd(), 100)
`

// Where nothing of a body is sent, nothing of a file is read; close() is called all the same.
func TestFileIsNotReadForNothing(t *testing.T) {
	pool := start(t, "unread.py", inFolder(folder(t, "unread.py", unread)))
	for i, row := range []struct{ method, target string }{{"HEAD", "/?200+OK"}, {"GET", "/?204+No+Content"}, {"GET", "/?304+Not+Modified"}} {
		environ := request{target: row.target}.environ()
		environ.Set("REQUEST_METHOD", row.method)
		iterable, err := pool.Call(environ, ignore)
		if err != nil {
			t.Fatal(err)
		}
		for block, err := range iterable.Chunks() {
			t.Errorf("%s %s: a block of %d bytes, %v", row.method, row.target, len(block), err)
		}
		if size, err := iterable.Size(), iterable.Close(); size != -1 || err != nil {
			t.Errorf("%s %s: %d bytes, %v", row.method, row.target, size, err)
		}
		if got, want := get(t, pool, "/counted"), fmt.Sprintf("0 reads, %d closed", i+1); got != want {
			t.Errorf("%s %s: %s, not %s", row.method, row.target, got, want)
		}
	}
}
