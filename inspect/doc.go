// Package inspect looks at requests while they are served. In come server.Steps; out come views of them. Here are the
// three that write text: CurlTrace, StepsTrace and JSONTrace, each a server.Observer.
package inspect
