package parser

// Limits bound what a peer can make the server keep in memory. A limit that is zero or less means the default, except
// for Body, where zero means that there is none. RFC 9112 §3 and RFC 9110 §5.4 leave the numbers to the server.
type Limits struct {
	RequestLine   int   // bytes of the request-line without its CRLF; 414 beyond (RFC 9112 §3: at least 8000 RECOMMENDED)
	Fields        int   // field lines in a header section, and again in a trailer section; 431 beyond (RFC 6585 §5)
	FieldSize     int   // bytes of one field line without its CRLF; 431 beyond
	HeaderSection int   // bytes of all field lines with their CRLFs, and again of all trailer lines; 431 beyond
	Body          int64 // bytes of content; 413 beyond (RFC 9110 §15.5.14); 0: no limit
}

// DefaultLimits are generous to browsers and hard on floods: the largest head is about 72 KiB.
var DefaultLimits = Limits{RequestLine: 8190, Fields: 100, FieldSize: 8190, HeaderSection: 65536, Body: 0}

const (
	longestMethod       = 64       // the longest registered one, UPDATEREDIRECTREF, has 17 bytes
	mostEmptyLines      = 8        // CRLFs before a request-line (RFC 9112 §2.2: at least one SHOULD be ignored)
	longestChunkLine    = 4 << 10  // a chunk-size with its extensions, without the CRLF
	mostChunkExtensions = 64 << 10 // bytes of chunk-ext over a whole message (RFC 9112 §7.1.1: ought to limit)
	largestKeptBuffer   = 128 << 10
)

// orDefaults replaces the limits that were left out.
func (l Limits) orDefaults() Limits {
	l.RequestLine = orDefault(l.RequestLine, DefaultLimits.RequestLine)
	l.Fields = orDefault(l.Fields, DefaultLimits.Fields)
	l.FieldSize = orDefault(l.FieldSize, DefaultLimits.FieldSize)
	l.HeaderSection = orDefault(l.HeaderSection, DefaultLimits.HeaderSection)
	return l
}

func orDefault(limit, preset int) int {
	if limit <= 0 {
		return preset
	}
	return limit
}
