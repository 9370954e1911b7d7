// Package page is the debugger's face in a browser: `glass --inspect`. In go what a hub recorded and the commands of
// whoever looks; out come a page, server-sent events, and recordings that open without a server.
//
// The page is one html/template, a few ES modules written by hand, and one CSS file, all of them in the binary. There is
// no framework, nothing is built, and nothing is fetched from another host. The browser makes elements and text nodes,
// never HTML, of what a request or an application said; source comes as words, each with a class.
//
// Who holds the token can run code in the application (it is a debugger), so the page is off unless asked for, listens
// on loopback unless forced, and believes no request that another site could have made: inspect/door.
//
// Start reading at New, then at view.go: what is shown of one exchange. The modules in static/ begin with main.js.
package page
