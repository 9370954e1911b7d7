// Package relatives says one request in the words of WSGI's relatives. In come an environ and the content; out go forms of
// the same request, in the order of [Names]:
//
//   - dictionaries, which an application is called with: WSGI (PEP 3333), CGI (RFC 3875), Rack 2, PSGI 1.1 and JSGI 0.3;
//   - messages, which a web server sends to an application server: FastCGI, SCGI, uwsgi and AJP, byte by byte. They are made
//     by the encoders of server/gateway, and explained by its decoders, which are what glass itself reads with.
//
// [Rows] puts the keys of all of them side by side. Start reading at [Of].
package relatives
