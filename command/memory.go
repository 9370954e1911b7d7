package command

import (
	"os"
	goruntime "runtime"
	"runtime/debug"
	"runtime/metrics"
)

// garbageRoom is how much garbage may gather before the collector runs, at least. Go's own answer is "as much as is in
// use", and a server that keeps nothing between requests has almost nothing in use: it would collect all the time.
const garbageRoom = 8 << 20

const (
	usualPercent = 100     // of the memory in use: Go's preset, for GOGC
	smallestHeap = 4 << 20 // what Go takes the percentage of where less is in use
)

// makeRoomForGarbage adjusts the collector after each of its runs. A user who sets GOGC has decided.
func makeRoomForGarbage() {
	if os.Getenv("GOGC") == "" {
		afterCollection()
	}
}

// afterCollection sets the percentage, and leaves an object behind whose end tells of the next run.
func afterCollection() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetGCPercent(garbagePercent(live[0].Value.Uint64()))
	goruntime.AddCleanup(new([4]*byte), func(struct{}) { afterCollection() }, struct{}{})
}

// garbagePercent is how much garbage may gather, in per cent of what is in use. Much memory in use gets the usual
// percentage: what room there is besides is the connections'.
func garbagePercent(live uint64) int {
	return int(max(usualPercent, garbageRoom*usualPercent/max(live, smallestHeap)))
}
