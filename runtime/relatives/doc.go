// Package relatives runs applications of WSGI's relatives in other languages: Rack (Ruby), PSGI (Perl) and JSGI (JavaScript).
// It says how a worker is started; everything else is runtime/cpython's pool, which speaks the same frames with every worker
// (docs/WORKER.md).
//
// A folder below this one holds the worker of each relative, in its language. They show what the four specifications have in
// common: a request becomes variables, the application is called, and it gives back a status, header fields and a body.
package relatives
