package parser

import (
	"bytes"
	"testing"
)

// FuzzParser wants, for any bytes: no panic; every error a *SyntaxError with a status and a rule; spans that are the
// bytes they say (all this is in transcribe); and the same events and the same error for any cut.
func FuzzParser(f *testing.F) {
	for _, b := range tables {
		for i, r := range b.rows {
			if input := b.input(r); len(input) < 2000 {
				f.Add([]byte(input), int64(i))
			}
		}
	}
	f.Fuzz(func(t *testing.T, input []byte, seed int64) {
		input = input[:min(len(input), 5000)]
		for _, limits := range []Limits{{}, {RequestLine: 30, Fields: 2, FieldSize: 20, HeaderSection: 50, Body: 10}} {
			whole := transcribe(t, limits, string(input), wholeCut)
			whole.mustEqual(t, transcribe(t, limits, string(input), oddCuts(seed)))
			whole.mustEqual(t, transcribe(t, limits, string(input), func(int) int { return 1 }))
		}
	})
}

// FuzzDifferential holds our reading of any first message against that of net/http: both refuse, or both mean the same,
// or the difference is one of those that differential_test.go lists.
func FuzzDifferential(f *testing.F) {
	for _, b := range tables {
		for _, r := range b.rows {
			if input := b.input(r); len(input) < 2000 {
				f.Add([]byte(input))
			}
		}
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		compareWithNetHTTP(t, string(input[:min(len(input), 4000)]))
	})
}

// FuzzChunked puts any bytes behind the head of a chunked message, and wants beside what FuzzParser wants that the
// buffer stays small however the bytes are repeated.
func FuzzChunked(f *testing.F) {
	for _, b := range []table{chunkSizeTable, chunkExtTable, chunkDataTable, trailerTable} {
		for i, r := range b.rows {
			if input := b.input(r); len(input) < 2000 {
				f.Add([]byte(input[len(chunkedPost):]), int64(i))
			}
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, seed int64) {
		body = body[:min(len(body), 5000)]
		input := chunkedPost + string(body)
		whole := transcribe(t, Limits{}, input, wholeCut)
		whole.mustEqual(t, transcribe(t, Limits{}, input, oddCuts(seed)))
		whole.mustEqual(t, transcribe(t, Limits{}, input, func(int) int { return 1 }))
		mustStaySmall(t, body)
	})
}

// mustStaySmall feeds the bytes again and again, in one message or many: more than the buffer may ever hold.
func mustStaySmall(t *testing.T, body []byte) {
	const piece, times, line = 1000, 60, 1000
	p := New(Limits{RequestLine: line, HeaderSection: line})
	p.Feed([]byte(chunkedPost))
	body = body[:min(len(body), piece)]
	for range times {
		p.Feed(body)
		for event := (Event{Kind: GotBody}); event.Kind != NeedData; {
			var err error
			if event, err = p.Next(); err != nil {
				return
			}
			if event.Kind == GotEnd {
				p.NextRequest()
			}
		}
	}
	if limit := 4 * (len(chunkedPost) + line + line + longestChunkLine + piece); cap(p.buffer) > limit {
		t.Fatalf("the buffer has %d bytes, more than %d", cap(p.buffer), limit)
	}
}

// TestSmallLimitsDoNotDependOnCuts holds all rows against limits that nearly all of them exceed.
func TestSmallLimitsDoNotDependOnCuts(t *testing.T) {
	for _, b := range tables {
		for i, r := range b.rows {
			for limit := 1; limit < 40; limit += 6 {
				limits := Limits{RequestLine: limit, Fields: limit, FieldSize: limit, HeaderSection: 2 * limit, Body: int64(limit)}
				input := b.input(r)
				input = input[:min(len(input), 500)]
				whole := transcribe(t, limits, input, wholeCut)
				whole.mustEqual(t, transcribe(t, limits, input, func(int) int { return 1 }))
				whole.mustEqual(t, transcribe(t, limits, input, oddCuts(int64(i))))
			}
		}
	}
}

// TestEveryTwoPieces cuts messages of each framing at every byte.
func TestEveryTwoPieces(t *testing.T) {
	for _, input := range []string{
		browserGet + nextMessage,
		post + "Content-Length: 5\r\n\r\nhello\r\n" + nextMessage,
		chunkedPost + "5;a=\"b\"\r\nhello\r\n0\r\nA: b\r\n\r\n" + nextMessage,
		string(bytes.Repeat([]byte(nextMessage), 4)),
	} {
		whole := transcribe(t, Limits{}, input, wholeCut)
		for at := 1; at < len(input); at++ {
			first := true
			whole.mustEqual(t, transcribe(t, Limits{}, input, func(left int) int {
				if first {
					first = false
					return at
				}
				return left
			}))
		}
	}
}
