// A response that is one page of text. In glass: server/assembler.go
package main

import (
	"fmt"
	"time"
)

// respond sends the page; to HEAD, its head alone.
func (c *connection) respond(method, status, text string) {
	response := "HTTP/1.1 " + status + "\r\n" +
		"Content-Type: text/plain;charset=utf-8\r\n" +
		fmt.Sprintf("Content-Length: %d\r\n", len(text)) +
		"Connection: close\r\n" +
		"\r\n"
	if method != "HEAD" {
		response += text
	}
	c.socket.SetWriteDeadline(time.Now().Add(patience))
	c.socket.Write([]byte(response))
	c.linger()
}
