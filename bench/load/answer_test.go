package load

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// reading feeds an answer in pieces of so many bytes, and then the end of the connection.
func reading(a *answer, text string, piece int) error {
	a.begin()
	for len(text) > 0 {
		n := min(piece, len(text))
		done, err := a.feed([]byte(text[:n]))
		if err != nil {
			return err
		}
		if text = text[n:]; done && text != "" {
			return errors.New("done before the end")
		}
		if done {
			return nil
		}
	}
	return a.end()
}

const (
	head  = "HTTP/1.1 200 OK\r\n"
	hello = head + "Content-Length: 5\r\n\r\nhello"
	coded = head + "Transfer-Encoding: chunked\r\n\r\n"
)

// TestAnswers are read whole, byte by byte and in odd pieces, and what is wrong with one is found each time.
func TestAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		text   string
		keeps  bool
		failed error
	}{
		"with a length":        {hello, true, nil},
		"Connection: close":    {head + "Connection: close\r\nContent-Length: 5\r\n\r\nhello", false, nil},
		"HTTP/1.0":             {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", false, nil},
		"until it closes":      {"HTTP/1.0 200 OK\r\n\r\nhello", false, nil},
		"chunks":               {coded + "2\r\nhe\r\n003 ;a=b\r\nllo\r\n0\r\n\r\n", true, nil},
		"a trailer section":    {coded + "5\r\nhello\r\n0\r\nA: b\r\nC: d\r\n\r\n", true, nil},
		"an interim one first": {"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + hello, true, nil},

		"another status":       {strings.Replace(hello, "200 OK", "500 Oh", 1), false, statusError(500)},
		"another length":       {head + "Content-Length: 6\r\n\r\nhello!", false, errLength},
		"fewer in chunks":      {coded + "4\r\nhell\r\n0\r\n\r\n", false, errLength},
		"more in chunks":       {coded + "6\r\nhello!\r\n0\r\n\r\n", false, errLength},
		"fewer until it ends":  {"HTTP/1.0 200 OK\r\n\r\nhell", false, errLength},
		"other content":        {head + "Content-Length: 5\r\n\r\nhallo", false, errContent},
		"other chunks":         {coded + "5\r\nhallo\r\n0\r\n\r\n", false, errContent},
		"no end":               {head + "Content-Length: 5\r\n\r\nhell", false, errCut},
		"no last chunk":        {coded + "5\r\nhello\r\n", false, errCut},
		"half a head":          {head + "Content-Len", false, errCut},
		"nothing":              {"", false, io.EOF},
		"no HTTP":              {"hello\r\n\r\n", false, errHead},
		"two lengths":          {head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", false, errHead},
		"an endless head":      {head + strings.Repeat("A: b\r\n", mostHead/6+1), false, errLong},
		"an endless extension": {coded + "5;" + strings.Repeat("a", mostHead+chunkedFactor*5), false, errLong},
		"no size":              {coded + "\r\nhello", false, errChunks},
		"a size that is none":  {coded + "5g\r\nhello", false, errChunks},
		"a size beyond all":    {coded + strings.Repeat("f", 17) + "\r\nhello", false, errChunks},
		"a chunk that goes on": {coded + "5\r\nhello!\r\n", false, errChunks},
	} {
		t.Run(name, func(t *testing.T) {
			a := answer{plan: &Plan{Content: 5, Body: "hello"}}
			for _, piece := range []int{1 << 20, 1, 3, 7} {
				err := reading(&a, test.text, piece)
				if err != test.failed || err == nil && a.keeps() != test.keeps {
					t.Errorf("in pieces of %d: %v, keeps %v", piece, err, a.keeps())
				}
				if err := reading(&a, hello, 1<<20); err != nil { // the next one
					t.Errorf("behind it: %v", err)
				}
			}
		})
	}
}

// TestMore: bytes behind the end are an error, whatever they are.
func TestMore(t *testing.T) {
	for _, text := range []string{hello, coded + "5\r\nhello\r\n0\r\n\r\n"} {
		a := answer{plan: &Plan{Content: 5}}
		a.begin()
		if done, err := a.feed([]byte(text + "!")); done || err != errMore {
			t.Errorf("%q: %v, %v", text, done, err)
		}
	}
}

// TestAnyContent has any length, and is no error.
func TestAnyContent(t *testing.T) {
	a := answer{plan: &Plan{Content: -1}}
	for _, text := range []string{hello, coded + "2\r\nhe\r\n0\r\n\r\n", head + "\r\n" + strings.Repeat("x", 1<<20)} {
		if err := reading(&a, text, 4096); err != nil {
			t.Error(err)
		}
	}
}

// FuzzAnswer: however an answer is cut, the same comes of it; and of one that the last head made known, too.
func FuzzAnswer(f *testing.F) {
	f.Add(hello, 3)
	f.Add(coded+"2\r\nhe\r\n3;a\r\nllo\r\n0\r\nA: b\r\n\r\n", 2)
	f.Add("HTTP/1.1 103 Early Hints\r\n\r\n"+hello, 5)
	f.Add("HTTP/1.0 200 OK\r\n\r\nhello", 1)
	f.Fuzz(func(t *testing.T, text string, piece int) {
		if piece <= 0 || len(text) > mostHead {
			return
		}
		plan := &Plan{Content: 5, Body: "hello"}
		first, cut := answer{plan: plan}, answer{plan: plan}
		whole := reading(&first, text, len(text)+1)
		for range 2 {
			err := reading(&cut, text, piece)
			if same := err == nil == (whole == nil); !same && whole != errMore {
				t.Fatalf("in one piece: %v; in pieces of %d: %v", whole, piece, err)
			}
			if err == nil && (cut.content != first.content || cut.keeps() != first.keeps()) {
				t.Fatalf("content %d and %d, keeps %v and %v", first.content, cut.content, first.keeps(), cut.keeps())
			}
		}
	})
}
