// Package tokentest holds a decoder to what every token.Decoder must do, whatever its protocol: the same events and the
// same error however the bytes are cut; tokens that lie side by side and are the bytes that they say; an error that
// stays. A decoder's own tests say what the events are.
package tokentest

import (
	"errors"
	"fmt"
	"math/rand"
	"reflect"
	"strings"
	"testing"

	"glasswsgi/parser"
	"glasswsgi/server/gateway/token"
)

// Protocol is a decoder to be tested.
type Protocol struct {
	New      func() token.Decoder
	Describe func(token.Event) string
	Next     string // a whole request, to follow others
	NextWant string
}

// Row is a name, some input, and the events that come of it, in the words of a Transcript; or the refusal: its rule
// behind "refused ".
type Row [3]string

func (r Row) name() string  { return r[0] }
func (r Row) input() string { return r[1] }
func (r Row) want() string  { return r[2] }

// refused says that the row is about a refusal: what comes before it does not matter.
func (r Row) refused() bool { return strings.HasPrefix(r.want(), "refused ") }

// Run runs each row whole, byte by byte, in odd pieces, and with something behind it.
func (p Protocol) Run(t *testing.T, rows []Row) {
	for _, r := range rows {
		t.Run(r.name(), func(t *testing.T) { p.run(t, r) })
	}
}

func (p Protocol) run(t *testing.T, r Row) {
	whole := p.Transcribe(t, r.input(), Whole)
	if got := whole.summary(r); got != r.want() {
		t.Fatalf("input %q\n got %s\nwant %s", r.input(), got, r.want())
	}
	for seed := range 4 {
		whole.MustEqual(t, p.Transcribe(t, r.input(), Odd(int64(seed))))
	}
	whole.MustEqual(t, p.Transcribe(t, r.input(), Bytes))
	if strings.HasSuffix(r.want(), "need") {
		return
	}
	want := r.want()
	if !r.refused() {
		want += " | " + p.NextWant
	}
	if got := p.Transcribe(t, r.input()+p.Next, Odd(9)).summary(r); got != strings.TrimSuffix(want, " | ") {
		t.Errorf("with more behind it, input %q\n got %s\nwant %s", r.input(), got, want)
	}
}

// Fuzz wants, for any bytes: no panic, and all that does not depend on what they are.
func (p Protocol) Fuzz(f *testing.F, rows []Row) {
	for i, r := range rows {
		if len(r.input()) < 4000 {
			f.Add([]byte(r.input()), int64(i))
		}
	}
	f.Fuzz(func(t *testing.T, input []byte, seed int64) {
		text := string(input[:min(len(input), 8000)])
		whole := p.Transcribe(t, text, Whole)
		whole.MustEqual(t, p.Transcribe(t, text, Odd(seed)))
		whole.MustEqual(t, p.Transcribe(t, text, Bytes))
	})
}

// A Cut says how many of the bytes that are left come next.
type Cut func(left int) int

// Whole is all at once, and Bytes each by itself.
func Whole(left int) int { return left }
func Bytes(int) int      { return 1 }

// Odd is pieces of many lengths, which the seed decides.
func Odd(seed int64) Cut {
	random := rand.New(rand.NewSource(seed))
	return func(left int) int { return min(left, 1+random.Intn(1+random.Intn(40))) }
}

// Transcript is what a decoder said to some input.
type Transcript struct {
	Events   []string
	Requests []Request
	failure  *parser.SyntaxError
	end      error
}

// Request is what a decoder found of one request.
type Request struct {
	Variables []token.Variable
	Content   string
	Replies   string
	Complete  bool
}

func (c Transcript) summary(r Row) string {
	if c.failure != nil && r.refused() {
		return "refused " + c.failure.Rule
	}
	return c.String()
}

// String is all events, and the refusal.
func (c Transcript) String() string {
	text := strings.Join(c.Events, " | ")
	if c.failure != nil {
		text += " | refused " + c.failure.Rule
	}
	return text
}

// MustEqual wants another transcript to be the same.
func (c Transcript) MustEqual(t testing.TB, other Transcript) {
	t.Helper()
	if c.String() != other.String() || !reflect.DeepEqual(c.failure, other.failure) || fmt.Sprint(c.end) != fmt.Sprint(other.end) {
		t.Fatalf("another cut gives another result:\n%.900s %v %+v\n%.900s %v %+v", c, c.end, c.failure, other, other.end, other.failure)
	}
}

// Transcribe feeds the input in pieces, and takes all events after each.
func (p Protocol) Transcribe(t testing.TB, input string, next Cut) Transcript {
	t.Helper()
	w := &watcher{t: t, protocol: p, decoder: p.New(), input: input}
	w.Requests = []Request{{}}
	for fed := 0; fed < len(input); {
		n := next(len(input) - fed)
		w.decoder.Feed([]byte(input[fed : fed+n]))
		fed += n
		if !w.drain(fed) {
			break
		}
	}
	if w.end = w.decoder.EndOfInput(); w.end != nil && w.failure == nil {
		w.Events = append(w.Events, "need")
	}
	var failure *parser.SyntaxError
	if w.end != nil && !errors.As(w.end, &failure) {
		t.Fatalf("EndOfInput: %#v is no *parser.SyntaxError", w.end)
	}
	return w.Transcript
}

type watcher struct {
	Transcript
	t        testing.TB
	protocol Protocol
	decoder  token.Decoder
	input    string
	begin    int // where the current request begins in input
	at       int // how far its tokens go
	joins    string
}

// drain takes events until the decoder needs data, and reports whether it can go on.
func (w *watcher) drain(fed int) bool {
	for {
		event, err := w.decoder.Next()
		if err != nil {
			w.fail(err)
			return false
		}
		if event.Kind == token.NeedData {
			if buffered := fed - w.begin - w.at; w.decoder.Buffered() != buffered {
				w.t.Fatalf("%d bytes are buffered, and %d were not consumed", w.decoder.Buffered(), buffered)
			}
			return true
		}
		w.check(event)
		w.tell(event)
		if event.Kind == token.GotEnd || event.Kind == token.GotAbort {
			w.next()
		}
	}
}

// next begins the next request, where the protocol has one on the same connection.
func (w *watcher) next() {
	w.decoder.NextRequest()
	if w.decoder.Keeps() || w.protocol.NextWant != "" {
		w.begin, w.at = w.begin+w.at, 0
		w.Requests = append(w.Requests, Request{})
	}
}

func (w *watcher) fail(err error) {
	if !errors.As(err, &w.failure) || w.failure.Rule == "" || w.failure.Spec == "" {
		w.t.Fatalf("%#v is no proper *parser.SyntaxError", err)
	}
	f := w.failure
	shown := min(w.begin+f.Offset+1, len(w.input)) // not that byte, where what was announced has broken the rule
	if f.Offset < w.at || w.begin+f.Offset > len(w.input) || len(f.Line) > 16 || !strings.HasSuffix(w.input[:shown], string(f.Line)) {
		w.t.Fatalf("%v shows % x, and %d bytes were consumed", f, f.Line, w.at)
	}
	_ = f.Caret()
	if _, again := w.decoder.Next(); again != err {
		w.t.Fatalf("%v, and then %v", err, again)
	}
	before := w.decoder.Buffered()
	if w.decoder.Feed([]byte("more")); w.decoder.Buffered() != before {
		w.t.Fatalf("after an error %d bytes are kept", w.decoder.Buffered()-before)
	}
}

// check: tokens lie side by side, and are the bytes that they say.
func (w *watcher) check(e token.Event) {
	w.t.Helper()
	if e.Name == "" || e.Spec == "" {
		w.t.Fatalf("%v has no name or no specification: %+v", e.Kind, e)
	}
	switch e.Kind {
	case token.GotHead, token.GotEnd, token.GotAbort:
		if e.Span != (parser.Span{Start: 0, End: w.at}) {
			w.t.Fatalf("%v spans %v after %d bytes", e.Kind, e.Span, w.at)
		}
		return
	case token.GotReply:
		if len(e.Reply) == 0 {
			w.t.Fatalf("%s is empty", e.Name)
		}
		return
	}
	if e.Span.Start != w.at || e.Span.Len() <= 0 || w.text(e.Span) != string(e.Data) {
		w.t.Fatalf("%s spans %v after %d bytes, and has %q", e.Name, e.Span, w.at, e.Data)
	}
	w.at = e.Span.End
	if e.Kind == token.GotVariable && len(e.Variable.More) > 0 {
		value := w.text(e.Variable.Wire)
		for _, more := range e.Variable.More {
			value += w.text(more)
		}
		if value != e.Variable.Value {
			w.t.Fatalf("%q is %q on the wire", e.Variable.Value, value)
		}
	}
}

func (w *watcher) text(s parser.Span) string { return w.input[w.begin+s.Start : w.begin+s.End] }

// tell writes one event in a few words. Pieces of content that follow each other are one, however they were cut.
func (w *watcher) tell(e token.Event) {
	request := &w.Requests[len(w.Requests)-1]
	text, joins := "", ""
	switch e.Kind {
	case token.GotFrame:
		text = strings.TrimSpace(e.Name + " " + w.protocol.Describe(e))
	case token.GotVariable:
		v := e.Variable
		request.Variables = append(request.Variables, v)
		text = v.Name + "=" + v.Value
		if v.Field {
			text = v.Name + ": " + v.Value
		}
		if wire := w.text(v.Wire); wire != v.Value && len(v.More) == 0 {
			text += fmt.Sprintf(" (%x)", wire)
		}
	case token.GotHead:
		text = "head"
	case token.GotContent:
		request.Content += string(e.Data)
		text, joins = "content "+string(e.Data), "content"
	case token.GotSkipped:
		text, joins = e.Name+" "+fmt.Sprintf("%x", e.Data), e.Name
	case token.GotReply:
		request.Replies += string(e.Reply)
		text = "reply " + e.Name
	case token.GotAbort:
		text = "abort"
	case token.GotEnd:
		request.Complete = true
		text = "end"
	}
	if joins != "" && joins == w.joins {
		w.Events[len(w.Events)-1] += strings.TrimPrefix(text, joins+" ")
		return
	}
	w.joins = joins
	w.Events = append(w.Events, text)
}
