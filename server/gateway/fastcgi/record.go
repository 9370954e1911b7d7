package fastcgi

import (
	"encoding/binary"
	"fmt"
)

// Type is the type component of a record's header (FastCGI §8).
type Type uint8

const (
	BeginRequest    Type = 1 // FCGI_BEGIN_REQUEST
	AbortRequest    Type = 2
	EndRequest      Type = 3
	Params          Type = 4
	Stdin           Type = 5
	Stdout          Type = 6
	Stderr          Type = 7
	Data            Type = 8
	GetValues       Type = 9
	GetValuesResult Type = 10
	UnknownType     Type = 11
)

var typeNames = [...]string{
	BeginRequest:    "FCGI_BEGIN_REQUEST",
	AbortRequest:    "FCGI_ABORT_REQUEST",
	EndRequest:      "FCGI_END_REQUEST",
	Params:          "FCGI_PARAMS",
	Stdin:           "FCGI_STDIN",
	Stdout:          "FCGI_STDOUT",
	Stderr:          "FCGI_STDERR",
	Data:            "FCGI_DATA",
	GetValues:       "FCGI_GET_VALUES",
	GetValuesResult: "FCGI_GET_VALUES_RESULT",
	UnknownType:     "FCGI_UNKNOWN_TYPE",
}

// String is the name that the specification has for the type.
func (t Type) String() string {
	if t > 0 && int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("type %d", uint8(t))
}

// Role is what the web server expects of the application (FastCGI §6).
type Role uint16

const (
	Responder  Role = 1
	Authorizer Role = 2
	Filter     Role = 3
)

// String is the name that the specification has for the role.
func (r Role) String() string {
	switch r {
	case Responder:
		return "FCGI_RESPONDER"
	case Authorizer:
		return "FCGI_AUTHORIZER"
	case Filter:
		return "FCGI_FILTER"
	}
	return fmt.Sprintf("role %d", uint16(r))
}

// ProtocolStatus says how a request ended (FastCGI §5.5).
type ProtocolStatus uint8

const (
	RequestComplete ProtocolStatus = 0
	CantMpxConn     ProtocolStatus = 1 // one request at a time on a connection
	Overloaded      ProtocolStatus = 2
	UnknownRole     ProtocolStatus = 3
)

var statusNames = [...]string{"FCGI_REQUEST_COMPLETE", "FCGI_CANT_MPX_CONN", "FCGI_OVERLOADED", "FCGI_UNKNOWN_ROLE"}

// String is the name that the specification has for the status.
func (s ProtocolStatus) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return fmt.Sprintf("protocolStatus %d", uint8(s))
}

const (
	version1   = 1 // FCGI_VERSION_1
	headerSize = 8 // FCGI_HEADER_LEN
	bodySize   = 8 // of FCGI_BeginRequestBody, FCGI_EndRequestBody and FCGI_UnknownTypeBody
	keepConn   = 1 // FCGI_KEEP_CONN, in the flags of FCGI_BeginRequestBody
	nullID     = 0 // FCGI_NULL_REQUEST_ID: the request ID of management records
)

// Header is FCGI_Header, the fixed part of a record (FastCGI §3.3):
//
//	version type requestIdB1 requestIdB0 contentLengthB1 contentLengthB0 paddingLength reserved
type Header struct {
	Version       uint8
	Type          Type
	RequestID     uint16
	ContentLength int
	PaddingLength int
}

func parseHeader(b []byte) Header {
	return Header{
		Version: b[0], Type: Type(b[1]), RequestID: binary.BigEndian.Uint16(b[2:]),
		ContentLength: int(binary.BigEndian.Uint16(b[4:])), PaddingLength: int(b[6]),
	}
}

// String is for people.
func (h Header) String() string {
	text := fmt.Sprintf("%v, request %d, %d bytes", h.Type, h.RequestID, h.ContentLength)
	if h.PaddingLength > 0 {
		text += fmt.Sprintf(" and %d of padding", h.PaddingLength)
	}
	return text
}

// AppendHeader appends the header of a record of version 1. The content must follow, and then the padding.
func AppendHeader(b []byte, t Type, id uint16, contentLength, paddingLength int) []byte {
	b = append(b, version1, byte(t))
	b = binary.BigEndian.AppendUint16(b, id)
	b = binary.BigEndian.AppendUint16(b, uint16(contentLength))
	return append(b, byte(paddingLength), 0)
}

// Padding is how many bytes make a content of n bytes end at a multiple of eight (FastCGI §3.3, "Padding").
func Padding(n int) int { return -n & 7 }

var zeros [7]byte

// AppendPadding appends the padding of a content of n bytes.
func AppendPadding(b []byte, n int) []byte { return append(b, zeros[:Padding(n)]...) }

// AppendRecord appends a whole record, whose content must not be longer than LargestContent.
func AppendRecord(b []byte, t Type, id uint16, content []byte) []byte {
	b = AppendHeader(b, t, id, len(content), Padding(len(content)))
	b = append(b, content...)
	return AppendPadding(b, len(content))
}

// AppendStream appends a part of a stream, in as many records as it needs: none when it is empty, because an empty record
// is the end of the stream (FastCGI §3.3, "Types of Record Types").
func AppendStream(b []byte, t Type, id uint16, data []byte) []byte {
	for len(data) > 0 {
		n := min(len(data), LargestContent)
		b = AppendRecord(b, t, id, data[:n])
		data = data[n:]
	}
	return b
}

// AppendEndRequest appends the record that ends a request, FCGI_EndRequestBody (FastCGI §5.5):
//
//	appStatusB3 appStatusB2 appStatusB1 appStatusB0 protocolStatus reserved[3]
func AppendEndRequest(b []byte, id uint16, appStatus uint32, status ProtocolStatus) []byte {
	b = AppendHeader(b, EndRequest, id, bodySize, 0)
	b = binary.BigEndian.AppendUint32(b, appStatus)
	return append(b, byte(status), 0, 0, 0)
}

// appendUnknownType appends the answer to a management record that we do not know (FastCGI §4.2).
func appendUnknownType(b []byte, t Type) []byte {
	b = AppendHeader(b, UnknownType, nullID, bodySize, 0)
	return append(b, byte(t), 0, 0, 0, 0, 0, 0, 0)
}

// AppendBeginRequest appends the record that begins a request, FCGI_BeginRequestBody (FastCGI §5.1):
//
//	roleB1 roleB0 flags reserved[5]
func AppendBeginRequest(b []byte, id uint16, role Role, keep bool) []byte {
	b = AppendHeader(b, BeginRequest, id, bodySize, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(role))
	flags := byte(0)
	if keep {
		flags = keepConn
	}
	return append(b, flags, 0, 0, 0, 0, 0)
}
