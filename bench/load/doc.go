// Package load makes requests of an HTTP server and measures the answers. In goes a Plan, out comes a Result: how many
// answers, how long each took (an HDR histogram), which errors. It runs in a process of its own (Main), so that what it
// costs is counted with nothing else.
//
// A closed loop asks again as soon as it is answered. An open loop asks at fixed times, whatever the server does, and
// counts each latency from the time at which the request was due: a server that stalls cannot hide it by being asked
// less ("coordinated omission"). Slow and idle connections are plain sockets beside the others.
//
// On Linux one thread drives all connections (loop), elsewhere a goroutine each (goroutines). Both ask at a pace, and read
// each answer by the same rules (answer): only who waits for what is another.
//
// Start reading at Plan, then Main, pace, answer and loop.
package load
