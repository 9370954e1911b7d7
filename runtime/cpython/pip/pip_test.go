package pip

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/cpython/embedded"
	"glasswsgi/runtime/wsgi"
)

const wheelName = "glass_greeting-1.0-py3-none-any.whl"

// wheel is a package of one module, as the wheel format has it.
func wheel(t *testing.T) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	const info = "glass_greeting-1.0.dist-info/"
	for _, file := range [][2]string{
		{"glass_greeting.py", "TEXT = 'hello from a wheel'\n"},
		{info + "METADATA", "Metadata-Version: 2.1\nName: glass-greeting\nVersion: 1.0\n"},
		{info + "WHEEL", "Wheel-Version: 1.0\nGenerator: glass\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
		{info + "RECORD", "glass_greeting.py,,\n" + info + "METADATA,,\n" + info + "WHEEL,,\n" + info + "RECORD,,\n"},
	} {
		w, err := z.Create(file[0])
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(file[1]))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// index serves the wheel as PEP 503 says.
func index(t *testing.T) *httptest.Server {
	content := wheel(t)
	mux := http.NewServeMux()
	mux.HandleFunc("/simple/glass-greeting/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!DOCTYPE html><html><body><a href="/files/%s">%[1]s</a></body></html>`, wheelName)
	})
	mux.HandleFunc("/files/"+wheelName, func(w http.ResponseWriter, r *http.Request) { w.Write(content) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// What pip installs is found by the applications of the embedded Python.
func TestInstall(t *testing.T) {
	cache, err := os.UserCacheDir() // of the user, so that Python is not unpacked again
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", cache)
	home := t.TempDir()
	t.Setenv("XDG_DATA_HOME", filepath.Join(home, "data"))
	t.Setenv("PIP_CONFIG_FILE", os.DevNull)
	t.Setenv("PIP_NO_CACHE_DIR", "1")
	interpreter, err := embedded.Unpack(os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	server := index(t)
	var out bytes.Buffer
	if err := Run(interpreter, []string{"install", "--index-url", server.URL + "/simple/", "glass-greeting"}, nil, &out, &out); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	dir := t.TempDir()
	const app = "import glass_greeting\ndef app(e, s):\n s('200 OK', [('X', glass_greeting.TEXT)])\n return []\n"
	if err := os.WriteFile(filepath.Join(dir, "app.py"), []byte(app), 0o600); err != nil {
		t.Fatal(err)
	}
	pool, err := cpython.Start(context.Background(), cpython.Config{Interpreter: interpreter, App: "app.py", Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close(context.Background())
	var got []wsgi.Header
	iterable, err := pool.Call(&wsgi.Environ{}, func(_ string, headers []wsgi.Header, _ error) (wsgi.Write, error) {
		got = headers
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	iterable.Close()
	if want := []wsgi.Header{{Name: "X", Value: "hello from a wheel"}}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestForUser(t *testing.T) {
	for _, row := range [][2][]string{
		{{"list"}, {"list"}},
		{{"install", "x"}, {"install", "--user", "x"}},
		{{"-v", "install", "x"}, {"-v", "install", "--user", "x"}},
		{{"install", "--target=d", "x"}, {"install", "--target=d", "x"}},
		{{"install", "-t", "d", "x"}, {"install", "-t", "d", "x"}},
		{nil, nil},
	} {
		if got := forUser(row[0]); !slices.Equal(got, row[1]) {
			t.Errorf("%q: got %q, want %q", row[0], got, row[1])
		}
	}
}
