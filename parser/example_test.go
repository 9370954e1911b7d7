package parser_test

import (
	"fmt"

	"glasswsgi/parser"
)

// A request arrives in two pieces, cut in the middle of a field line.
func Example() {
	p := parser.New(parser.DefaultLimits)
	for _, piece := range []string{
		"POST /guests HTTP/1.1\r\nHost: localhost:8888\r\nContent-Le",
		"ngth: 5\r\n\r\nhello",
	} {
		p.Feed([]byte(piece))
		for {
			event, err := p.Next()
			if err != nil {
				fmt.Println(err)
				return
			}
			fmt.Println(event.Kind, event.Span)
			if event.Kind == parser.NeedData || event.Kind == parser.GotEnd {
				break
			}
		}
	}
	r := p.Request()
	fmt.Printf("%s %s, %d bytes of content\n", r.Bytes(r.Method), r.Bytes(r.Path), r.ContentLength)
	// Output:
	// GotRequestLine 0-21
	// GotFieldLine 23-43
	// NeedData 0-0
	// GotFieldLine 45-62
	// GotHead 0-66
	// GotBody 66-71
	// GotEnd 0-71
	// POST /guests, 5 bytes of content
}

// A refusal names the rule and shows the byte.
func ExampleSyntaxError() {
	p := parser.New(parser.DefaultLimits)
	p.Feed([]byte("POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nhello"))
	for {
		if _, err := p.Next(); err != nil {
			refusal := err.(*parser.SyntaxError)
			fmt.Println(refusal.Status, refusal)
			fmt.Println(refusal.Caret())
			return
		}
	}
	// Output:
	// 400 field-name: space before the colon (RFC 9112 §5.1), at byte 40
	// Content-Length : 5
	//               ^
}
