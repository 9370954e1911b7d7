package server_test

import (
	"bufio"
	"context"
	"io"
	"iter"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
	"glasswsgi/server/front"
)

// fileApp answers with a part of a file, as a runtime does that has one.
type fileApp struct {
	path          string
	offset, size  int64
	contentLength string
}

func (a fileApp) Call(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	var headers []wsgi.Header
	if a.contentLength != "" {
		headers = []wsgi.Header{{Name: "Content-Length", Value: a.contentLength}}
	}
	if _, err := start("200 OK", headers, nil); err != nil {
		return nil, err
	}
	file, err := os.Open(a.path)
	if err != nil {
		return nil, err
	}
	_, err = file.Seek(a.offset, io.SeekStart)
	return fileBody{file, a.size}, err
}

type fileBody struct {
	file *os.File
	size int64
}

func (b fileBody) File() io.Reader                  { return b.file }
func (b fileBody) Size() int64                      { return b.size }
func (b fileBody) Chunks() iter.Seq2[[]byte, error] { return func(func([]byte, error) bool) {} }
func (b fileBody) Close() error                     { return b.file.Close() }

// A file is sent from its position, framed by its size, and never beyond Content-Length; HEAD gets none of it.
func TestSendFile(t *testing.T) {
	data := strings.Repeat("0123456789abcdef", 200_000) // 3.2 MB: more than a piece, and more than a socket takes
	path := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		app    fileApp
		method string
		want   string
		length int64
		whole  bool
	}{
		"all of it":                   {fileApp{path: path, size: 3_200_000}, "GET", data, 3_200_000, true},
		"a part":                      {fileApp{path: path, offset: 1000, size: 2_000_000}, "GET", data[1000:2_001_000], 2_000_000, true},
		"Content-Length says less":    {fileApp{path: path, size: 3_200_000, contentLength: "7"}, "GET", data[:7], 7, true},
		"Content-Length says more":    {fileApp{path: path, size: 3_200_000, contentLength: "3200001"}, "GET", data, 3_200_001, false},
		"the file has become shorter": {fileApp{path: path, offset: 3_000_000, size: 300_000}, "GET", data[3_000_000:], 300_000, false},
		"HEAD":                        {fileApp{path: path, size: 3_200_000}, "HEAD", "", 3_200_000, true},
	} {
		t.Run(name, func(t *testing.T) {
			_, address := serve(t, config(row.app, io.Discard))
			conn := dial(t, address)
			io.WriteString(conn, row.method+" / HTTP/1.1\r\nHost: localhost\r\n\r\n")
			response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: row.method})
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			if string(body) != row.want || response.ContentLength != row.length || (err == nil) != row.whole {
				t.Errorf("%d bytes of %d, %v", len(body), response.ContentLength, err)
			}
		})
	}
}

// BenchmarkSendFile is what the server needs for each GB of a file.
func BenchmarkSendFile(b *testing.B) {
	const size = 64 << 20
	path := filepath.Join(b.TempDir(), "data")
	if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
		b.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go server.New(config(fileApp{path: path, size: size}, io.Discard)).Serve(ctx, listener)
	b.SetBytes(size)
	for b.Loop() {
		response, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, response.Body); n != size {
			b.Fatal(n, err)
		}
		response.Body.Close()
	}
}

// lazyBody is a file that nobody may read, and tells when it is closed.
type lazyBody struct {
	t      *testing.T
	taken  bool
	closed chan struct{}
}

func (b *lazyBody) File() io.Reader { b.taken = true; return b }
func (b *lazyBody) Size() int64     { return 1 << 30 }
func (b *lazyBody) Close() error    { close(b.closed); return nil }

func (b *lazyBody) Read([]byte) (int, error) {
	b.t.Error("the file is read")
	return 0, io.EOF
}

func (b *lazyBody) Chunks() iter.Seq2[[]byte, error] {
	return func(func([]byte, error) bool) {
		if !b.taken {
			b.Read(nil)
		}
	}
}

// lazyApp answers with it.
type lazyApp struct {
	status string
	body   *lazyBody
}

func (a lazyApp) Call(_ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	_, err := startResponse(a.status, nil, nil)
	return a.body, err
}

// A file of which nothing is sent is not read, whoever looks on. Content-Length is that of GET.
func TestFileIsNotReadForNothing(t *testing.T) {
	for _, looks := range []string{"nobody", "an observer", "one that came in later"} {
		for _, row := range []struct{ method, status, length string }{
			{"HEAD", "200 OK", "1073741824"}, {"GET", "204 No Content", ""}, {"GET", "304 Not Modified", ""}, {"HEAD", "304 Not Modified", ""},
		} {
			t.Run(looks+" "+row.method+" "+row.status, func(t *testing.T) {
				body := &lazyBody{t: t, closed: make(chan struct{})}
				c := config(lazyApp{row.status, body}, io.Discard)
				if looks == "an observer" {
					c.Observer = func(front.Step) {}
				}
				s, address := serve(t, c)
				if looks == "one that came in later" {
					s.SetObserver(func(front.Step) {})
				}
				conn := dial(t, address)
				io.WriteString(conn, row.method+" / HTTP/1.1\r\nHost: localhost\r\n\r\n")
				response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: row.method})
				if err != nil || response.Status != row.status || response.Header.Get("Content-Length") != row.length {
					t.Errorf("%v, %v", response, err)
				}
				<-body.closed
			})
		}
	}
}
