package parser

import "fmt"

// State says what the next bytes of the message must be.
type State uint8

const (
	ExpectRequestLine State = iota
	ExpectFieldLine         // a field line of the header section, or the empty line that ends it
	ExpectBody              // some of the Content-Length bytes
	ExpectChunkSize
	ExpectChunkData
	ExpectChunkEnd    // the CRLF after the data
	ExpectTrailerLine // a field line of the trailer section, or the empty line that ends it
	ExpectEnd         // no byte is missing, but GotEnd is still to be told
	ExpectNothing     // GotEnd has been told
	Failed            // the peer broke a rule: there is no way on
	stateCount
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

// input is what moves the parser: something that it has read, or told, or that it was told.
type input uint8

const (
	readRequestLine input = iota
	readFieldLine
	readHead        // the empty line after the field lines, of a message without a body
	readHeadLength  // the same, of a message with Content-Length
	readHeadChunked // the same, of a message in chunks
	readContent
	readLastContent // the last byte of the body, or of a chunk's data
	readChunkSize
	readLastChunk // the chunk-size 0
	readChunkEnd
	readTrailerLine
	readTrailerEnd
	toldEnd
	askedForNext
	readMistake
	inputCount
)

var inputNames = [...]string{
	readRequestLine: "request-line",
	readFieldLine:   "field line",
	readHead:        "empty line, no body",
	readHeadLength:  "empty line, Content-Length",
	readHeadChunked: "empty line, chunked",
	readContent:     "content",
	readLastContent: "last byte of content",
	readChunkSize:   "chunk-size",
	readLastChunk:   "chunk-size 0",
	readChunkEnd:    "CRLF",
	readTrailerLine: "field line",
	readTrailerEnd:  "empty line",
	toldEnd:         "GotEnd told",
	askedForNext:    "NextRequest",
	readMistake:     "a rule broken",
}

// transition is a row of the table: in a state, what was read leads to the next state.
type transition struct {
	from State
	read input
	to   State
}

// transitions are all the moves that there are. A test prints the diagram in docs/PARSER.md from them.
var transitions = []transition{
	{ExpectRequestLine, readRequestLine, ExpectFieldLine},
	{ExpectRequestLine, readMistake, Failed},
	{ExpectFieldLine, readFieldLine, ExpectFieldLine},
	{ExpectFieldLine, readHead, ExpectEnd},
	{ExpectFieldLine, readHeadLength, ExpectBody},
	{ExpectFieldLine, readHeadChunked, ExpectChunkSize},
	{ExpectFieldLine, readMistake, Failed},
	{ExpectBody, readContent, ExpectBody},
	{ExpectBody, readLastContent, ExpectEnd},
	{ExpectChunkSize, readChunkSize, ExpectChunkData},
	{ExpectChunkSize, readLastChunk, ExpectTrailerLine},
	{ExpectChunkSize, readMistake, Failed},
	{ExpectChunkData, readContent, ExpectChunkData},
	{ExpectChunkData, readLastContent, ExpectChunkEnd},
	{ExpectChunkEnd, readChunkEnd, ExpectChunkSize},
	{ExpectChunkEnd, readMistake, Failed},
	{ExpectTrailerLine, readTrailerLine, ExpectTrailerLine},
	{ExpectTrailerLine, readTrailerEnd, ExpectNothing},
	{ExpectTrailerLine, readMistake, Failed},
	{ExpectEnd, toldEnd, ExpectNothing},
	{ExpectNothing, askedForNext, ExpectRequestLine},
}

// nowhere stands in nextStates where the table has no row.
const nowhere = stateCount

// nextStates is the table again, to be looked into by state and input. Its size spares the look a check of its bounds.
var nextStates = layOut()

func layOut() (next [tableSize][tableSize]State) {
	for from := range next {
		for read := range next[from] {
			next[from][read] = nowhere
		}
	}
	for _, t := range transitions {
		next[t.from][t.read] = t.to
	}
	return next
}

const tableSize = 16 // a power of two that is not less than stateCount and inputCount

// StateError is a bug in this package: the parser wanted to make a move that the table does not have. The message is
// given up, as after a SyntaxError, but it is not the peer's fault.
type StateError struct {
	State State
	Read  string // what led nowhere, in the words of docs/PARSER.md
}

func (e *StateError) Error() string {
	return fmt.Sprintf("a bug in glass: the parser read %q in state %v, and its table has no such move", e.Read, e.State)
}

// State says what the parser expects next.
func (p *Parser) State() State { return p.state }

// move goes where the table says. It is the only place where the state changes.
func (p *Parser) move(read input) {
	next := nextStates[p.state%tableSize][read%tableSize]
	if next == nowhere {
		next = p.lost(read)
	}
	p.state = next
}

// lost is where a move leads that the table does not have.
func (p *Parser) lost(read input) State {
	p.failure = &StateError{p.state, inputNames[read]}
	return Failed
}
