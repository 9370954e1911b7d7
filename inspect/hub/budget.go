package hub

import "time"

// MostLockSteps is how many calls of Python in a second are recorded with what the application does in them, while nobody
// has control: its lines, its reads of the environ, the layers that it goes through. Such a call takes several times as long
// as another. As many may come at once, so that what people do by hand is always recorded.
const MostLockSteps = 100

// budget is refilled as time goes by, with most in a second, and never beyond it. It begins full.
type budget struct {
	most, spent float64
	at          time.Time // of the latest take
}

// take says whether one more call may be recorded in this way.
func (b *budget) take(now time.Time) bool {
	b.spent = max(0, b.spent-b.most*now.Sub(b.at).Seconds())
	b.at = now
	if b.spent+1 > b.most {
		return false
	}
	b.spent++
	return true
}
