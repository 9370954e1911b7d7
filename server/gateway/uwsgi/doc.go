// Package uwsgi decodes what a web server sends by the uwsgi protocol, which uWSGI speaks, in the page "The uwsgi
// Protocol" of its documentation. The answer is a response of HTTP.
//
// A request is a packet, and the content behind it:
//
//	modifier1 datasize modifier2 (key_size key val_size val)* content
//
// Sizes have two bytes, the lower one first. In come bytes of one connection, through [Decoder.Feed]. Out go events: a
// GotFrame for the header of the packet, a GotVariable for each variable, GotHead, GotContent as the content comes, and
// GotEnd. A connection has one request; the end of the response is the end of the connection.
//
// modifier1 says what the packet is. 0 and 30 are a WSGI request; 100 is a ping, which is answered. Every other is
// refused: there are those that have a server evaluate code, or reload itself.
package uwsgi
