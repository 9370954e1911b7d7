package relatives

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"glasswsgi/check/suite"
	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/relatives"
	"glasswsgi/runtime/wsgi"
)

// TestWhatApplicationsGet: an application of Rack, PSGI or JSGI gets what its form says, key for key.
func TestWhatApplicationsGet(t *testing.T) {
	for name, r := range map[string]struct {
		*relatives.Relative
		app string
	}{"rack": {relatives.Rack, "env.ru"}, "psgi": {relatives.PSGI, "env.psgi"}, "jsgi": {relatives.JSGI, "env.js"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := environOf(t, requests[5].raw, &connection)
			e.Set("PATH_INFO", "/a b\xe9")
			e.Set("REQUEST_URI", "/a%20b%E9")
			e.Multiprocess, e.Input, e.Errors = true, whole("hello"), io.Discard
			got := told(t, r.Relative, r.app, e)
			form := formNamed(t, Of(e, []byte("hello")), name)
			for _, entry := range form.Entries {
				value, known := got[entry.Key]
				delete(got, entry.Key)
				if stream := strings.HasPrefix(entry.Value, "a stream"); !known || !stream && value != strings.Trim(entry.Value, "'") {
					t.Errorf("%s: got %q, the form says %q", entry.Key, value, entry.Value)
				}
			}
			for key, value := range got {
				if !strings.HasPrefix(key, "env.") { // where JSGI has all of them once more
					t.Errorf("the form has no %s, which is %q", key, value)
				}
			}
		})
	}
}

// whole is a content that has arrived.
type whole string

func (w whole) Read([]byte) (int, error) { panic("a content that has arrived is not read") }
func (w whole) Whole() ([]byte, bool)    { return []byte(w), true }

// told is what an application says that it has got, as text in which code point n is byte n.
func told(t *testing.T, r *relatives.Relative, app string, e *wsgi.Environ) map[string]string {
	t.Helper()
	suite.NeedsMore(t)
	interpreter, err := r.Find()
	if err != nil {
		t.Fatal(err)
	}
	pool, err := cpython.Start(t.Context(), cpython.Config{Language: r, Interpreter: interpreter, App: app, Dir: "testdata", Threads: 1, Output: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		pool.Close(ctx)
	}()
	iterable, err := pool.Call(e, func(string, []wsgi.Header, error) (wsgi.Write, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	defer iterable.Close()
	var all strings.Builder
	for block, err := range iterable.Chunks() {
		if err != nil {
			t.Fatal(err)
		}
		all.Write(block)
	}
	got := map[string]string{}
	for line := range strings.Lines(wsgi.Latin1(all.String())) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		got[key] = value
	}
	return got
}
