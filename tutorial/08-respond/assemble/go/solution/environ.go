// The environ, PEP 3333 "environ Variables". In glass: runtime/wsgi/environ.go
package main

import (
	"io"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// environ has native strings: byte n stands for code point n, and a Go string of those bytes needs no conversion.
type environ map[string]any

var absoluteForm = regexp.MustCompile(`^https?://([^/?]*)(.*)$`)

func newEnviron(r *request, input io.Reader, socket net.Conn) environ {
	target, match := r.target, absoluteForm.FindStringSubmatch(r.target)
	if match != nil {
		target = match[2]
	}
	path, query, _ := strings.Cut(target, "?")
	if path == "" {
		path = "/"
	}
	host, port, _ := net.SplitHostPort(socket.LocalAddr().String())
	peer, _, _ := net.SplitHostPort(socket.RemoteAddr().String())
	e := environ{
		"REQUEST_METHOD": r.method, "SCRIPT_NAME": "", "PATH_INFO": percentDecode(path), "QUERY_STRING": query,
		"SERVER_NAME": host, "SERVER_PORT": port, "SERVER_PROTOCOL": r.version, "REMOTE_ADDR": peer,
		"wsgi.version": [2]int{1, 0}, "wsgi.url_scheme": "http", "wsgi.input": input, "wsgi.errors": os.Stderr,
		"wsgi.multithread": multithread, "wsgi.multiprocess": false, "wsgi.run_once": false,
	}
	for _, f := range r.fields {
		e.addField(f)
	}
	if match != nil { // the target's authority replaces the Host field (RFC 9112 §3.2.2)
		e["HTTP_HOST"] = match[1]
	}
	return e
}

// addField turns a field line into its variable (RFC 3875 §4.1.18). A name that has a "_" of its own has none: X_Y would
// pose as X-Y.
func (e environ) addField(f field) {
	name, separator := "HTTP_"+strings.ReplaceAll(strings.ToUpper(f.name), "-", "_"), ", "
	switch {
	case strings.Contains(f.name, "_"), name == "HTTP_TRANSFER_ENCODING": // the coding has been removed
		return
	case name == "HTTP_CONTENT_TYPE", name == "HTTP_CONTENT_LENGTH":
		name = strings.TrimPrefix(name, "HTTP_")
	case name == "HTTP_COOKIE":
		separator = "; "
	}
	if before, there := e[name].(string); there {
		f.value = before + separator + f.value
	}
	e[name] = f.value
}

var triplet = regexp.MustCompile("%[0-9A-Fa-f]{2}")

// percentDecode replaces each triplet by its byte (RFC 3986 §2.1).
func percentDecode(text string) string {
	return triplet.ReplaceAllStringFunc(text, func(t string) string {
		b, _ := strconv.ParseUint(t[1:], 16, 8)
		return string([]byte{byte(b)})
	})
}
