package front

import "glasswsgi/runtime/wsgi"

// Framing is how the peer finds the end of a response body (RFC 9112 §6.3).
type Framing uint8

const (
	WithoutBody Framing = iota // HEAD, 204, 205, 304: the head is all
	ByLength                   // Content-Length
	ByChunks                   // Transfer-Encoding: chunked
	ByClose                    // the end of the connection: HTTP/1.0 knows nothing better
)

// ChooseFraming decides in the order of RFC 9112 §6.3, seen from the sender, whose peer speaks HTTP/1.minor.
func ChooseFraming(head *wsgi.Head, minor int) Framing {
	switch {
	case head.WithoutBody():
		return WithoutBody
	case head.Length >= 0:
		return ByLength
	case minor >= 1:
		return ByChunks
	}
	return ByClose
}
