// Package follow finds the way of a value through an exchange: from bytes of the request to a variable of the environ, to
// the variables of the application's functions that held the same text, and to the same bytes in the response.
//
// What comes in is a recorded exchange, what goes out are Trails. Nothing here knows why bytes are the same: an application
// may have written them without a look at the request.
//
// Start reading at Of.
package follow
