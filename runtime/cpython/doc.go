// Package cpython runs a Python application in worker processes. In goes a wsgi.Environ with the request; out come
// start_response, the blocks of the body, or an error that says whose fault it was. It implements PEP 3333's server
// side of the callable for a real CPython (3.9 or newer), without cgo: a crash of the application is not a crash of
// the server.
//
// Go and the worker speak frames over a socket (frame.go has the table). The folder glass_worker holds the worker's
// own source, in Python; every worker receives it over the channel when it starts, so nothing has to be installed.
//
// Follow one request through the files:
//
//  1. pool.go: Pool.Call waits for an idle worker.
//  2. call.go: the environ goes out in a REQUEST frame (environ.go, marshal.go, sending.go); ahead.go says to whom, and
//     when. Short answers may come back by way of outbox.go.
//  3. glass_worker/serve.py takes it in; glass_worker/call.py calls the application.
//  4. worker.go reads the frames that come back and puts them into the call's mailbox (mailbox.go).
//  5. call.go turns them into start_response, blocks and errors again.
//
// language.go is all that the pool knows of Python: workers in other languages speak the same frames.
//
// launch.go starts workers, and preload.go makes them by fork; supervise.go replaces those that die or retire, restart.go
// replaces all, worker_end.go ends them; watch.go finds those that hang, and numbers.go counts. lint.go keeps what Config.Lint brings to light.
package cpython
