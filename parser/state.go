package parser

// State says what the next bytes of the message must be.
type State uint8

const (
	ExpectRequestLine State = iota // then ExpectFieldLine
	ExpectFieldLine                // then itself; after the empty line ExpectBody, ExpectChunkSize or ExpectEnd
	ExpectBody                     // then itself; after Content-Length bytes ExpectEnd
	ExpectChunkSize                // then ExpectChunkData, or after the size 0 ExpectTrailerLine
	ExpectChunkData                // then itself; after the last byte of the chunk ExpectChunkEnd
	ExpectChunkEnd                 // the CRLF after the data; then ExpectChunkSize
	ExpectTrailerLine              // then itself; after the empty line ExpectNothing
	ExpectEnd                      // no byte is missing, but GotEnd is still to be told; then ExpectNothing
	ExpectNothing                  // GotEnd has been told; NextRequest leads back to ExpectRequestLine
	Failed                         // the peer broke a rule: there is no way on. Every state that takes bytes leads here
)

var stateNames = [...]string{
	ExpectRequestLine: "ExpectRequestLine",
	ExpectFieldLine:   "ExpectFieldLine",
	ExpectBody:        "ExpectBody",
	ExpectChunkSize:   "ExpectChunkSize",
	ExpectChunkData:   "ExpectChunkData",
	ExpectChunkEnd:    "ExpectChunkEnd",
	ExpectTrailerLine: "ExpectTrailerLine",
	ExpectEnd:         "ExpectEnd",
	ExpectNothing:     "ExpectNothing",
	Failed:            "Failed",
}

// String is the name of the constant.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "State(?)"
}

// State says what the parser expects next.
func (p *Parser) State() State { return p.state }

// moveTo is the only place where the state changes. The moves that may happen are a table in state_test.go, and the
// test holds every row of every table of requests against it.
func (p *Parser) moveTo(next State) { p.state = next }
