package check

// What a server may send on a connection, and what is kept of it. No right answer has more.
const (
	mostBytes      = 256 << 10 // of all, unless the probe says otherwise
	mostInterim    = 100       // interim responses before a final one
	mostFieldLines = 1000      // of a response
	mostKept       = 8 << 10   // of an event, to be shown
)
