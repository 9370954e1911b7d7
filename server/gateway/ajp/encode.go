package ajp

import (
	"encoding/binary"
	"errors"
	"strings"

	"glasswsgi/server/gateway/token"
)

// ErrHeadTooLong says that the head of a response does not fit into a packet. AJP has no way to send it in two.
var ErrHeadTooLong = errors.New("the status and header fields of the response do not fit into a packet of AJP, which has 8192 bytes: let the application send less, or speak another protocol")

// beginPacket appends the header of a packet of ours; endPacket writes its length.
//
//	"AB" length[2]                                                                 (AJPv13 "Basic Packet Structure")
func beginPacket(b []byte, magic string, prefix ...byte) []byte {
	b = append(b, magic...)
	b = append(b, 0, 0)
	return append(b, prefix...)
}

func endPacket(b []byte, start int) []byte {
	binary.BigEndian.PutUint16(b[start+2:], uint16(len(b)-start-headerSize))
	return b
}

const (
	fromServer      = "\x12\x34"
	fromApplication = "AB"
)

func appendInteger(b []byte, n int) []byte { return binary.BigEndian.AppendUint16(b, uint16(n)) }

func appendText(b []byte, s string) []byte {
	b = appendInteger(b, len(s))
	b = append(b, s...)
	return append(b, 0)
}

// AppendCPong appends the answer to a CPing.
func AppendCPong(b []byte) []byte {
	return endPacket(beginPacket(b, fromApplication, cPong), len(b))
}

// AppendGetBodyChunk appends the request for as much content as a packet of the usual size has: 8186 bytes.
//
//	6 requested_length                                                          (AJPv13 "Response Packet Structure")
func AppendGetBodyChunk(b []byte) []byte {
	return endPacket(appendInteger(beginPacket(b, fromApplication, getBodyChunk), LargestData), len(b))
}

// AppendEndResponse appends the end of a response. reuse says that the connection may have another request.
//
//	5 reuse                                                                     (AJPv13 "Response Packet Structure")
func AppendEndResponse(b []byte, reuse bool) []byte {
	start := len(b)
	b = beginPacket(b, fromApplication, endResponse, 0)
	if reuse {
		b[len(b)-1] = 1
	}
	return endPacket(b, start)
}

// AppendSendBodyChunk appends a part of the body, in as many packets as it needs. The NUL at the end of each is counted
// by no length, and expected by all web servers.
//
//	3 chunk_length chunk                                                        (AJPv13 "Response Packet Structure")
func AppendSendBodyChunk(b, body []byte) []byte {
	for len(body) > 0 {
		start, n := len(b), min(len(body), LargestChunk)
		b = appendInteger(beginPacket(b, fromApplication, sendBodyChunk), n)
		b = append(b, body[:n]...)
		b = endPacket(append(b, 0), start)
		body = body[n:]
	}
	return b
}

// Head is the head of a response that is being appended.
//
//	4 http_status_code http_status_msg num_headers (res_header_name header_value)*    (AJPv13 "Response Packet Structure")
type Head struct {
	bytes           []byte
	start, count, n int
}

// BeginHead appends the status.
func BeginHead(b []byte, status int, reason string) *Head {
	h := &Head{start: len(b)}
	b = appendInteger(beginPacket(b, fromApplication, sendHeaders), status)
	b = appendText(b, reason)
	h.count = len(b)
	h.bytes = appendInteger(b, 0)
	return h
}

// Add appends a header field. A common name becomes its code.
func (h *Head) Add(name, value string) {
	h.n++
	for code, known := range responseNames {
		if code > 0 && strings.EqualFold(name, known) {
			h.bytes = append(h.bytes, codedName, byte(code))
			h.bytes = appendText(h.bytes, value)
			return
		}
	}
	h.bytes = appendText(appendText(h.bytes, name), value)
}

// End returns all bytes, or ErrHeadTooLong.
func (h *Head) End() ([]byte, error) {
	if len(h.bytes)-h.start > LargestPacket {
		return nil, ErrHeadTooLong
	}
	binary.BigEndian.PutUint16(h.bytes[h.count:], uint16(h.n))
	return endPacket(h.bytes, h.start), nil
}

// Request is a request as a web server sends it.
type Request struct {
	Method, Protocol, URI              string
	RemoteAddr, RemoteHost, ServerName string
	ServerPort                         int
	IsSSL                              bool
	Headers                            []token.Variable // request headers
	QueryString                        string           // "" for none
	Attributes                         []token.Variable // beside query_string
}

// AppendForwardRequest appends the packet that begins a request. It must fit: everything together below 64 KiB.
func AppendForwardRequest(b []byte, r Request) []byte {
	start := len(b)
	b = beginPacket(b, fromServer, forwardRequest, methodCode(r.Method))
	for _, s := range []string{r.Protocol, r.URI, r.RemoteAddr, r.RemoteHost, r.ServerName} {
		b = appendText(b, s)
	}
	b = appendInteger(b, r.ServerPort)
	b = append(b, 0)
	if r.IsSSL {
		b[len(b)-1] = 1
	}
	b = appendInteger(b, len(r.Headers))
	for _, h := range r.Headers {
		b = appendRequestName(b, h.Name)
		b = appendText(b, h.Value)
	}
	if r.QueryString != "" {
		b = appendText(append(b, 0x05), r.QueryString)
	}
	if methodCode(r.Method) == storedMethod {
		b = appendText(append(b, 0x0D), r.Method)
	}
	for _, a := range r.Attributes {
		b = appendText(appendText(append(b, attributeRequest), a.Name), a.Value)
	}
	return endPacket(append(b, attributesDone), start)
}

func methodCode(method string) byte {
	for code, known := range methods {
		if code > 0 && known == method {
			return byte(code)
		}
	}
	return storedMethod
}

func appendRequestName(b []byte, name string) []byte {
	for code, known := range requestNames {
		if code > 0 && known == name {
			return append(b, codedName, byte(code))
		}
	}
	return appendText(b, name)
}

// AppendData appends a packet with content; an empty one is the end of it.
func AppendData(b, content []byte) []byte {
	start := len(b)
	b = appendInteger(beginPacket(b, fromServer), len(content))
	return endPacket(append(b, content...), start)
}
