package load

import "time"

// What a server may make the generator keep, and how long it may.
const (
	streamFrom    = 256 << 10 // bytes of content from which an answer is thrown away as it comes, and not kept
	readBuffer    = 64 << 10  // of it at a time
	mostHead      = 64 << 10  // bytes of an answer beside its content
	chunkedFactor = 8         // bytes that come for one of content: a chunk of one byte takes six
	dialTime      = 5 * time.Second
)
