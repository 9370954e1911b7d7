// Package remote is a runtime whose applications run on other machines, the nodes, which are reached by NATS. In goes a
// wsgi.Environ at the front; out come the status, header fields and blocks that a node's application gave. It uses core
// NATS: a server or cluster that is there already, and its client.
//
// A subject, such as shop, is what front and nodes have in common:
//
//	shop.offer      front to one of the queue group "nodes": who takes a call?        reply: claim
//	shop.node.I.N   front to node I, about call N: request, data, credit, ...         reply: the call's inbox
//	shop.state      nodes to all fronts: how many threads, how many are free
//
// Each free thread of a node subscribes to shop.offer for one message. So NATS gives an offer to a thread that is free, and
// a node that hangs keeps no more offers than it has threads. The node claims the call, and only then the front sends the
// request: to one node, which runs it at most once. What was offered and not claimed can be offered again.
//
// What front and node say to each other about one call (message.go) is PEP 3333's conversation: the node holds it with
// wsgi.Run, and sends what comes out; the front passes that on. Bodies stream both ways: the node asks for input as its
// application reads, and sends no more output than the front has given it credit for. Each side asks the other five times
// a second whether it is there (watch.go): NATS tells at once where a connection is gone, and silence is found out within
// two seconds.
//
// Start reading at Front.Call (front.go, offer.go, call.go), then at Node.Serve (node.go, task.go).
package remote
