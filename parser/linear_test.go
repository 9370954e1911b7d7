package parser

import "testing"

// TestEachByteIsSearchedOnce: a line that comes in many pieces must not be searched from its start at each of them, or
// a peer that sends a long line byte by byte costs the square of its length. The test puts a LF, which would end the
// line, over each byte that was searched: looked at again, it would be found.
func TestEachByteIsSearchedOnce(t *testing.T) {
	for name, before := range map[string]string{
		"request-line": "GET /",
		"field line":   "GET / HTTP/1.1\r\nA:",
		"chunk-size":   chunkedPost + "0",
		"trailer line": chunkedPost + "0\r\nA:",
	} {
		t.Run(name, func(t *testing.T) {
			p := New(DefaultLimits)
			p.Feed([]byte(before))
			for event := (Event{Kind: GotBody}); event.Kind != NeedData; {
				event, _ = p.Next()
			}
			for range 1000 {
				p.Feed([]byte("0"))
				if event, err := p.Next(); event.Kind != NeedData || err != nil {
					t.Fatalf("%v %v", event.Kind, err)
				}
				p.buffer[len(p.buffer)-1] = '\n'
			}
		})
	}
}
