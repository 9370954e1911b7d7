// Package hub is the debugger behind every face of glass: the terminal's stepper, the browser's page, an editor that
// speaks DAP. In come the server's Steps and what the workers tell; out go snapshots of exchanges, and events. Commands
// of the one session that has control make an exchange stop, go on, or change.
//
// # Building a face
//
//	h := hub.New(hub.Options{Source: goSource})
//	pool, err := cpython.Start(ctx, cpython.Config{Debugger: h.Debugger(), ...})
//	h.Watch(server)            // a *server.Server, before or while it serves
//
//	s, err := h.Attach("browser")      // looks on
//	defer s.Close()                    // whatever it had stopped goes on
//	err = s.TakeControl()              // *BusyError: another session has it
//	set, err := s.SetBreakpoints([]hub.Breakpoint{{Kind: hub.AtStage, Stage: "environ"}})
//	for e := range s.Events() {
//		switch e.Kind {
//		case hub.ExchangeStopped:      // e.Stop: where and why, with the stack
//			x, _ := h.Exchange(e.Exchange)             // an immutable snapshot
//			scopes, _ := s.Scopes(x.ID, e.Stop.Frames[0].ID)
//			values, _ := s.Children(x.ID, scopes[0].Reference, 0, 0)
//			err = s.Step(x.ID, hub.In)                 // or Continue, SetEnviron, Evaluate, ...
//		case hub.Resync:               // we were too slow: ask for everything again
//		}
//	}
//
// # What holds
//
// An [Exchange] that a face has got never changes: a later look is another snapshot. Events carry IDs, and a session that
// does not take its events loses them, and never makes the server wait; [Resync] tells it so.
//
// Only stops make anybody wait, and only the exchange that is stopped: other requests go on, as far as the workers have
// threads for them. The server's and the pool's time-outs do not count the time of a stop. When a session closes, what
// it had stopped goes on and its breakpoints are gone. While no session is attached the server pays an atomic load at
// each step, and the workers nothing.
//
// A stop is at a step of the server (Stop.InPython is false, and Frames has one entry, in Go), or at a line of the
// application (the frames of Python come first, and the step below which it runs is the last). Depths order the two:
// steps of the request's own way have 0, lines of the application and parts of a step 1, and what the application
// causes, such as start_response, 2. [Over] stops no deeper than it began, [Out] only above.
//
// # Where to start reading
//
// [Hub.Observe] in gate.go is where a step comes in. exchange.go has what is recorded, stop.go what a stop tells,
// session.go the commands.
package hub
