package gateway

import (
	"net"
	"os"
	"time"

	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway/cgi"
	"glasswsgi/server/gateway/token"
)

// scriptCGI is CGI: the response is that of SCGI, which has it from here.
type scriptCGI struct {
	*cgi.Decoder
	plain
}

func (d *scriptCGI) appendHead(b []byte, status string, fields []wsgi.Header) ([]byte, error) {
	d.headDue = true
	return appendCGIHead(b, status, fields), nil
}

func (d *scriptCGI) explain(b []byte, start int) []token.Event {
	return d.plain.explain(b, start, "RFC 3875 §6.4", cgi.ExplainHead)
}

func (d *scriptCGI) describe(e token.Event) string { return cgi.Describe(e) }
func (d *scriptCGI) spec() string                  { return "RFC 3875 §4.2" }

// ServeCGI answers the one request that a process was started for: environment says what it is about, its content is read
// from in, and the response written to out. It returns when the response has been sent.
func ServeCGI(config front.Config, environment []string, in, out *os.File) {
	s := New(config, Protocol{Name: "cgi", runOnce: true, speak: func(limits token.Limits, _ *front.Config) dialect {
		return &scriptCGI{Decoder: cgi.New(environment, limits)}
	}})
	newConnection(s, s.open.Take(&streams{in: in, out: out})).serve()
}

// streams are the standard streams of a process, as a connection. Where a stream is a file or a terminal, it has no
// deadlines.
type streams struct{ in, out *os.File }

func (s *streams) Read(b []byte) (int, error)         { return s.in.Read(b) }
func (s *streams) Write(b []byte) (int, error)        { return s.out.Write(b) }
func (s *streams) Close() error                       { return s.out.Close() }
func (s *streams) LocalAddr() net.Addr                { return process{} }
func (s *streams) RemoteAddr() net.Addr               { return process{} }
func (s *streams) SetDeadline(t time.Time) error      { s.SetReadDeadline(t); return s.SetWriteDeadline(t) }
func (s *streams) SetReadDeadline(t time.Time) error  { return s.in.SetReadDeadline(t) }
func (s *streams) SetWriteDeadline(t time.Time) error { return s.out.SetWriteDeadline(t) }

// process is the address of the web server that has started us.
type process struct{}

func (process) Network() string { return "process" }
func (process) String() string  { return "the web server's process" }
