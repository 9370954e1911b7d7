package load

import "time"

// What a server may make the generator keep, and how long it may.
const (
	readBuffer    = 64 << 10 // bytes taken from a socket at once
	mostHead      = 64 << 10 // bytes of an answer beside its content
	chunkedFactor = 8        // bytes that come for one of content: a chunk of one byte takes six
	dialTime      = 5 * time.Second
)
