package compare

import "time"

// Bounds of an answer.
const (
	Patience  = 10 * time.Second // for an answer, from the first byte sent
	MaxAnswer = 4 << 20          // bytes of it, with those that come before and after it
	MaxHead   = 64 << 10         // bytes of its status-line and header section
)
