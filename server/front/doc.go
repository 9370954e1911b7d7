// Package front is what every way into glass shares, whatever its bytes look like. A front accepts connections, turns
// what it receives into an environ and a wsgi.input, has wsgi.Run hold the conversation with the application, and turns
// what the application says into bytes. Package server is the front that speaks HTTP/1.x, and the one to read.
//
// Here are the parts that all of them need: Config, the facts of a connection, a Socket that knows how long its peer may
// take, the Clock that stands still while an observer looks, the Steps that observers see, the one classification of
// faults, and the access log. Nothing here knows which front uses it.
//
// Start reading at Front and Config.
package front
