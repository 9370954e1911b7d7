// The server of chapter 6: it makes an environ of the request, and has one application, which shows it.
//
//	go run . 8888
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"sort"
	"strings"
)

const multithread = false // may the application be called again while it runs?

func main() {
	port := "8888"
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	for {
		socket, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		exchange(&connection{socket: socket})
	}
}

// exchange is one request, and its response. The application is a part of the server, and cannot say the status: that is
// what the next chapter mends.
func exchange(c *connection) {
	defer c.socket.Close()
	r, err := c.receiveHead()
	if err == nil {
		err = c.receiveBody(r)
	}
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		c.respond(r.method, refused.status, refused.rule+"\n")
	case err == nil:
		c.respond(r.method, "200 OK", show(newEnviron(r, bytes.NewReader(r.body), c.socket)))
	}
}

// show is the application of this server: it shows the native strings of its environ, and what there is to read.
func show(e environ) string {
	body, _ := io.ReadAll(e["wsgi.input"].(io.Reader))
	e["wsgi.input"] = string(body)
	var lines []string
	for name, value := range e {
		if native, is := value.(string); is {
			lines = append(lines, fmt.Sprintf("%-20s %q\n", name, latin1(native)))
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "")
}

// latin1 shows a native string as Python does: byte n as the character n.
func latin1(native string) string {
	var characters []rune
	for _, b := range []byte(native) {
		characters = append(characters, rune(b))
	}
	return string(characters)
}
