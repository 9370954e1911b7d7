package parser

// TargetForm is the form of a request-target (RFC 9112 §3.2).
type TargetForm uint8

const (
	OriginForm    TargetForm = iota // absolute-path [ "?" query ]
	AbsoluteForm                    // absolute-URI, as sent to a proxy
	AuthorityForm                   // uri-host ":" port, only with CONNECT
	AsteriskForm                    // "*", only with OPTIONS
)

// Framing is how the end of the message body is found (RFC 9112 §6.3).
type Framing uint8

const (
	NoBody   Framing = iota // neither Content-Length nor Transfer-Encoding: the body is empty
	ByLength                // Content-Length bytes follow the head
	ByChunks                // the chunked transfer coding delimits itself
)

// FieldLine is one field line (RFC 9112 §5). Line spans the whole line without its CRLF.
type FieldLine struct{ Name, Value, Line Span }

// Request is the head of one request message: the bytes as they arrived, and the spans of its tokens in them. Values
// are derived from the bytes on demand, and the bytes are never edited.
type Request struct {
	Head []byte // the bytes from the start of the message through the empty line that ends the header section

	Method, Target, Version Span // the three tokens of the request-line
	Form                    TargetForm
	Scheme, Authority       Span // of an absolute-form or authority-form target, else empty
	Path, Query             Span // of an origin-form or absolute-form target; Query is without its "?"
	Minor                   int  // HTTP/1.Minor, as far as we speak it: 0 or 1

	Fields []FieldLine

	Host           Span // the value of the Host field, empty when there is none; with AbsoluteForm, Authority replaces it (RFC 9112 §3.2.2)
	Framing        Framing
	ContentLength  int64 // with ByLength: the number of body bytes
	KeepAlive      bool  // the peer is willing to send another request on this connection (RFC 9112 §9.3)
	ExpectContinue bool  // the peer waits for 100 (Continue) before it sends the body (RFC 9110 §10.1.1)
}

// Bytes returns the bytes of a token of the head.
func (r *Request) Bytes(s Span) []byte { return r.Head[s.Start:s.End] }

// Text returns a token of the head as a string with one byte for each byte on the wire.
func (r *Request) Text(s Span) string { return string(r.Bytes(s)) }
