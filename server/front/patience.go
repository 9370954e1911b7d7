package front

import "time"

// slowestPeer is how many bytes a second a peer has to send of a body, or to take of a response, averaged over the time
// that we wait for it. Without it a byte before each time-out would hold a thread of the application for days.
const slowestPeer = 500

// Patience is how long one direction of a message has waited for the peer. The application's own time does not count, nor
// does an observer's.
type Patience struct{ waited time.Duration }

// Left is how long the next wait may be: at most each, and never so long that the peer, which has moved so many bytes
// of the message, would fall behind slowestPeer by more than each.
func (p *Patience) Left(each time.Duration, moved int64) time.Duration {
	earned := time.Duration(min(moved/slowestPeer, 1<<30)) * time.Second
	return min(each, each+earned-p.waited)
}

// Waited adds the time of a wait that is over.
func (p *Patience) Waited(d time.Duration) { p.waited += d }
