package cpython_test

import (
	"fmt"
	"strings"
	"testing"

	"glasswsgi/inspect/hub"
	"glasswsgi/runtime/cpython"
)

// TestPastLines: the lines that were walked through stay, with their variables as they were, and Back leads along them when
// the exchange has ended.
func TestPastLines(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, functionApp, nil)
		d.breaks(hub.Breakpoint{Line: 7})
		answer := d.get("/bob")
		var id uint64
		for range 5 { // application:7 and 8, shout:3 and 4, application:9
			var stop *hub.Stop
			id, stop = d.stopped()
			if !stop.InPython() {
				t.Fatalf("stopped at %s", where(stop))
			}
			d.must(d.Step(id, hub.In))
		}
		d.stopped()
		if back, err := d.Back(id); err != nil || said(back) != "application:9 name='/bob' body='/BOB'" {
			t.Errorf("back while it is stopped: %s, %v", said(back), err)
		}
		d.must(d.Continue(id))
		d.answer(answer)
		d.next(hub.ExchangeEnded)
		x, _ := d.Hub.Exchange(id)
		var lines []string
		for {
			moment, err := d.Back(id)
			if err != nil {
				break
			}
			if moment.Line != nil {
				lines = append(lines, said(moment))
			}
		}
		want := "application:9 name='/bob' body='/BOB', shout:4 text='/bob' loud='/BOB', shout:3 text='/bob', application:8 name='/bob', application:7"
		if got := strings.Join(lines, ", "); got != want {
			t.Errorf("back from the end:\n%s\nnot\n%s", got, want)
		}
		if deep := x.Lines[2]; deep.Depth != 1 || deep.Text != "loud = text.upper()" || deep.Step != x.Lines[0].Step {
			t.Errorf("%+v", deep)
		}
	})
}

// said is a line with its variables; those of the call itself are the same everywhere.
func said(m hub.Moment) string {
	if m.Line == nil {
		return m.Name()
	}
	text := fmt.Sprintf("%s:%d", m.Line.Place.Function, m.Line.Place.Line)
	for _, v := range m.Line.Values {
		if v.Name != "environ" && v.Name != "start_response" {
			text += " " + v.Name + "=" + v.Text
		}
	}
	return text
}
