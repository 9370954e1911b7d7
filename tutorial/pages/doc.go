// Package pages shows a learner's Course in the browser: the text on the left, with questions and what the checks say, the
// live inspector of the learner's own work on the right, and the same text as slides. It serves the loopback interface
// only. In come GET and a few POST requests with a cookie that the printed URL gives; out come pages without any script but
// our own. Refused is whatever has another Host, another Origin, or no cookie: other pages in the same browser could ask,
// too.
//
// Start reading with server.go, then render.go.
package pages
