package server

import "time"

// Another HTTP engine in front of the same applications shares with Server whatever decides how they are answered:
// Config with its methods, failure.go, the access log, and what follows. server/fasthttpd is one.

// What another engine does with bodies and connections within the same bounds.
const (
	EarlyBody  = earlyBody
	DrainBytes = drainBytes
	DrainTime  = drainTime

	AcceptBackoffMin = acceptBackoffMin
	AcceptBackoffMax = acceptBackoffMax
)

// Framing is how the peer finds the end of a response body (RFC 9112 §6.3).
type Framing = framing

// The framings, as assembler.go explains them.
const (
	WithoutBody = withoutBody
	ByLength    = byLength
	ByChunks    = byChunks
	ByClose     = byClose
)

// ChooseFraming decides it for a response of a status; bodiless is one to HEAD, and length -1 where it is unknown.
func ChooseFraming(status int, bodiless bool, length int64, minor int) Framing {
	return chooseFraming(status, bodiless, length, minor)
}

// Patience is how long one direction of a message has waited for the peer: see patience.go.
type Patience struct{ patience }

// Left is how long the next wait may be, when the peer has moved so many bytes of the message.
func (p *Patience) Left(each time.Duration, moved int64) time.Duration { return p.left(each, moved) }

// Waited adds the time of a wait that began at a time and is over.
func (p *Patience) Waited(begun time.Time) { p.waited += time.Since(begun) }
