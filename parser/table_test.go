package parser

import (
	"errors"
	"fmt"
	"math/rand"
	"reflect"
	"strings"
	"testing"
)

// A table is about one rule of the grammar. Each row's input is put between before and after to make a message.
type table struct {
	name          string
	limits        Limits
	before, after string
	wantBefore    string // what before says, when it is not refused
	wantAfter     string
	rows          []row
}

// A row names the rule that it obeys or breaks. want is either the events, as transcript writes them, or the refusal:
// status and rule.
type row struct{ name, input, want string }

func (r row) refused() bool {
	return len(r.want) > 4 && r.want[3] == ' ' && strings.IndexFunc(r.want[:3], func(c rune) bool { return c < '0' || c > '9' }) < 0
}

func (b table) input(r row) string { return b.before + r.input + b.after }

func (b table) want(r row) string {
	if r.refused() {
		return r.want
	}
	var parts []string
	for _, part := range []string{b.wantBefore, r.want, b.wantAfter} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " | ")
}

var tables = []table{
	emptyLineTable, requestLineTable, methodTable, versionTable, targetTable, absoluteFormTable, authorityFormTable,
	fieldLineTable, obsFoldTable, hostTable, hostCountTable, framingTable, codingTable, lengthTable, connectionTable,
	connection10Table, expectTable, bodyTable, chunkSizeTable, chunkExtTable, chunkDataTable, trailerTable, chunkSumTable,
	lineLimitTable, fieldLimitTable, sectionLimitTable, trailerLimitTable, bodyLimitTable, pipeliningTable,
}

const nextMessage = "GET /next HTTP/1.1\r\nHost: n\r\n\r\n"
const nextWant = "GET origin /next 1.1 | Host=[n] | head none keep | end"

// TestTables runs every row whole, byte by byte, in odd pieces, and with the next request behind it.
func TestTables(t *testing.T) {
	count := 0
	for _, b := range tables {
		for _, r := range b.rows {
			count++
			t.Run(b.name+"/"+r.name, func(t *testing.T) { runRow(t, b, r) })
		}
	}
	if count < 250 {
		t.Errorf("only %d rows", count)
	}
	t.Logf("%d rows", count)
}

func runRow(t *testing.T, b table, r row) {
	input, want := b.input(r), b.want(r)
	whole := transcribe(t, b.limits, input, wholeCut)
	if got := whole.summary(r); got != want {
		t.Fatalf("input %.900q\n got %.900s\nwant %.900s", input, got, want)
	}
	for seed := range 4 {
		pieces := transcribe(t, b.limits, input, oddCuts(int64(seed)))
		whole.mustEqual(t, pieces)
	}
	whole.mustEqual(t, transcribe(t, b.limits, input, func(int) int { return 1 }))
	if strings.HasSuffix(want, "need") {
		return
	}
	followed := transcribe(t, b.limits, input+nextMessage, oddCuts(9))
	if !r.refused() {
		want += " | " + nextWant
	}
	if got := followed.summary(r); got != want {
		t.Errorf("with a request behind it, input %.900q\n got %.900s\nwant %.900s", input, got, want)
	}
}

// A cut says how many of the bytes that are left come next.
type cut func(left int) int

func wholeCut(left int) int { return left }

func oddCuts(seed int64) cut {
	random := rand.New(rand.NewSource(seed))
	return func(left int) int { return min(left, 1+random.Intn(1+random.Intn(40))) }
}

// A transcript is what the parser said to some input.
type transcript struct {
	events  []string
	failure *SyntaxError
	end     error
}

func (c transcript) summary(r row) string {
	if c.failure != nil && r.refused() {
		return fmt.Sprintf("%d %s", c.failure.Status, c.failure.Rule)
	}
	return c.String()
}

func (c transcript) String() string {
	text := strings.Join(c.events, " | ")
	if c.failure != nil {
		text += fmt.Sprintf(" | %d %s", c.failure.Status, c.failure.Rule)
	}
	return text
}

func (c transcript) mustEqual(t testing.TB, other transcript) {
	t.Helper()
	if c.String() != other.String() || !reflect.DeepEqual(c.failure, other.failure) || fmt.Sprint(c.end) != fmt.Sprint(other.end) {
		t.Fatalf("another cut gives another result:\n%.900s %v %+v\n%.900s %v %+v", c, c.end, c.failure, other, other.end, other.failure)
	}
}

// transcribe feeds the input in pieces and takes all events after each. Along the way it checks what must hold for any
// input: spans are the bytes they say, and an error stays.
func transcribe(t testing.TB, limits Limits, input string, next cut) transcript {
	t.Helper()
	p := New(limits)
	w := &watcher{t: t, p: p, input: input}
	for fed := 0; fed < len(input); {
		n := next(len(input) - fed)
		p.Feed([]byte(input[fed : fed+n]))
		fed += n
		if !w.drain(fed) {
			break
		}
	}
	if w.failure == nil && p.Started() {
		w.events = append(w.events, "need")
	}
	w.end = p.EndOfInput()
	var failure *SyntaxError
	if w.end != nil && (!errors.As(w.end, &failure) || failure.Status == 0 || failure.Rule == "" || failure.Spec == "") {
		t.Fatalf("EndOfInput: %#v is no proper SyntaxError", w.end)
	}
	return w.transcript
}

type watcher struct {
	transcript
	t       testing.TB
	p       *Parser
	input   string
	message string // the input from the start of the current message
	inBody  bool   // the last event was GotBody
}

// drain takes events until the parser needs data, and reports whether it can go on.
func (w *watcher) drain(fed int) bool {
	for {
		event, err := w.p.Next()
		if err != nil {
			w.fail(err)
			return false
		}
		if event.Kind == NeedData {
			return true
		}
		if event.Kind == GotRequestLine {
			w.message = w.input[fed-w.p.Buffered()-event.Span.End-len(crlf):]
		}
		w.check(event)
		w.tell(event)
		if event.Kind == GotEnd {
			w.p.NextRequest()
		}
	}
}

func (w *watcher) fail(err error) {
	if !errors.As(err, &w.failure) || w.failure.Status < 400 || w.failure.Rule == "" || w.failure.Spec == "" {
		w.t.Fatalf("%#v is no proper SyntaxError", err)
	}
	f := w.failure
	if f.Column < 0 || f.Column > len(f.Line) || len(f.Line) > longestShownLine || f.Offset < 0 {
		w.t.Fatalf("column %d of %q at %d", f.Column, f.Line, f.Offset)
	}
	_ = f.Caret()
	if _, again := w.p.Next(); again != err {
		w.t.Fatalf("%v, and then %v", err, again)
	}
}

func (w *watcher) check(e Event) {
	w.t.Helper()
	if e.Span.Start < 0 || e.Span.Len() < 0 || e.Span.End > len(w.message) {
		w.t.Fatalf("%v has the span %v of %d bytes", e.Kind, e.Span, len(w.message))
	}
	text, r := w.message[e.Span.Start:e.Span.End], w.p.Request()
	ok := strings.HasPrefix(w.message, string(r.Head))
	switch e.Kind {
	case GotRequestLine:
		ok = ok && text == r.Text(r.Method)+" "+r.Text(r.Target)+" "+r.Text(r.Version)
	case GotFieldLine:
		field := r.Fields[len(r.Fields)-1]
		ok = ok && field.Line == e.Span && text == r.Text(field.Line) && strings.HasPrefix(text, r.Text(field.Name)+":")
	case GotHead:
		ok = ok && text == string(r.Head) && strings.HasSuffix(text, "\r\n\r\n")
	case GotEnd:
		ok = ok && e.Span.Start == 0
	default:
		ok = ok && text == string(e.Data)
	}
	if !ok {
		w.t.Fatalf("%v %v is %q, Data %q, Head %q", e.Kind, e.Span, text, e.Data, r.Head)
	}
}

var formNames = [...]string{OriginForm: "origin", AbsoluteForm: "absolute", AuthorityForm: "authority", AsteriskForm: "asterisk"}

// tell writes one event in a few words. Pieces of content that follow each other are one, however they were cut.
func (w *watcher) tell(e Event) {
	r := w.p.Request()
	var text string
	switch e.Kind {
	case GotRequestLine:
		words := []string{r.Text(r.Method), formNames[r.Form]}
		for _, part := range []Span{r.Scheme, r.Authority, r.Path} {
			if part.Len() > 0 {
				words = append(words, r.Text(part))
			}
		}
		if r.Query != (Span{}) {
			words = append(words, "?"+r.Text(r.Query))
		}
		text = strings.Join(append(words, fmt.Sprintf("1.%d", r.Minor)), " ")
	case GotFieldLine:
		field := r.Fields[len(r.Fields)-1]
		text = r.Text(field.Name) + "=[" + r.Text(field.Value) + "]"
	case GotHead:
		text = "head " + [...]string{NoBody: "none", ByLength: fmt.Sprintf("length %d", r.ContentLength), ByChunks: "chunks"}[r.Framing]
		text += map[bool]string{true: " keep", false: " close"}[r.KeepAlive]
		text += map[bool]string{true: " expect"}[r.ExpectContinue]
	case GotChunkSize:
		text = "size " + string(e.Data)
	case GotTrailerLine:
		text = "trailer " + string(e.Data)
	case GotEnd:
		text = "end"
	case GotBody:
		if w.inBody {
			w.events[len(w.events)-1] += string(e.Data)
			return
		}
		text = "body " + string(e.Data)
	}
	w.inBody = e.Kind == GotBody
	w.events = append(w.events, text)
}
