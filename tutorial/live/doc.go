// Package live is the live inspector of a learner's own work, beside the pages of the course. In come the attempts
// of a Course, and requests that the learner sends; out come exchanges in a hub, which inspect/page shows.
//
// A learner's server is another program, in any language: nobody sees inside it. What goes over the wire is seen, of
// every check, and of the learner's own requests, which come by a relay. The steps and the environ beside the bytes are
// what glass makes of the same bytes; and glass itself answers them, when it is asked to. Where the exercise is an
// application in Python, it is glass that serves it, and everything is seen: environ, lines, locals.
//
// Start reading at live.go.
package live
