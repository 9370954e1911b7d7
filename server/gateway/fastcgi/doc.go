// Package fastcgi decodes what a web server sends to a FastCGI application, and encodes what it answers: FastCGI 1.0 of
// 29 April 1996, in the role of a Responder.
//
// In come bytes of one connection, through [Decoder.Feed]. Out go events, of a request that needs no more than
//
//	{FCGI_BEGIN_REQUEST, R, {FCGI_RESPONDER, FCGI_KEEP_CONN}}
//	{FCGI_PARAMS,        R, "\013\002SERVER_PORT80…"}
//	{FCGI_PARAMS,        R, ""}
//	{FCGI_STDIN,         R, "quantity=100"}
//	{FCGI_STDIN,         R, ""}
//
// a GotFrame for each header and each body of a record, a GotVariable for each name-value pair, GotHead, GotContent as the
// content comes, and GotEnd.
//
// One request at a time: a second one that begins meanwhile is told FCGI_CANT_MPX_CONN and ignored. Roles other than
// Responder are told FCGI_UNKNOWN_ROLE. FCGI_GET_VALUES and unknown management records are answered. A record whose
// request is over is ignored (§3.3, "Managing Request IDs"). All other disorder is refused by a *parser.SyntaxError.
//
// Start reading at [Header], then [Decoder.Next].
package fastcgi
