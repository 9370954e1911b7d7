package command

import (
	"maps"
	"os"
	"os/signal"
	"slices"
)

// order is what a signal asks of a glass that serves.
type order string

const (
	quit   order = "quit"   // stop at once
	drain  order = "drain"  // stop when the requests in progress have ended
	reload order = "reload" // load the application anew
	reopen order = "reopen" // open the logs again, which were renamed
	more   order = "more"   // one worker more
	fewer  order = "fewer"  // one worker fewer
	nudge  order = "nudge"  // make the workers run some Python: see pdbCommand
)

// signalBacklog is how many signals may come while the loop that obeys them does something else, which never takes long.
const signalBacklog = 64

// catchSignals makes all signals that are orders come to a channel, from now on.
func catchSignals() chan os.Signal {
	signals := make(chan os.Signal, signalBacklog)
	surviveReaders()
	signal.Notify(signals, slices.Collect(maps.Keys(orders))...)
	return signals
}
