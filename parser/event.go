package parser

// Kind says what [Parser.Next] found.
type Kind uint8

const (
	NeedData       Kind = iota // feed more bytes: a value, not an error
	GotRequestLine             // Request has Method, Target, Version, Minor, Form, and the parts of the target
	GotFieldLine               // one more field line is in Request.Fields
	GotHead                    // the empty line: Request is complete, and the body is next if there is one
	GotChunkSize               // the line before a chunk's data; "0" ends the chunks
	GotBody                    // some bytes of the content: as many as there are, never waiting for more
	GotTrailerLine             // a field line after the last chunk; it is never merged into Request.Fields
	GotEnd                     // the message is complete: call NextRequest before Next
)

var kindNames = [...]string{
	NeedData:       "NeedData",
	GotRequestLine: "GotRequestLine",
	GotFieldLine:   "GotFieldLine",
	GotHead:        "GotHead",
	GotChunkSize:   "GotChunkSize",
	GotBody:        "GotBody",
	GotTrailerLine: "GotTrailerLine",
	GotEnd:         "GotEnd",
}

// String is the name of the constant.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "Kind(?)"
}

// Event is one thing that the parser found in the message.
type Event struct {
	Kind Kind

	// Span is the range of the message that the event was made from: a line without its CRLF, the bytes of content,
	// for GotHead the whole head with its empty line, and for GotEnd the whole message.
	Span Span

	// Data holds the content of GotBody, and the line without its CRLF of GotChunkSize and GotTrailerLine; otherwise
	// it is nil. It is valid until the next call of Feed, Next or NextRequest.
	Data []byte
}
