package cpython

import "testing"

// TestStartMessage: the settings of a worker in any language are what marshal reads: here, our own decoder.
func TestStartMessage(t *testing.T) {
	t.Parallel()
	message := StartMessage(&Config{App: "caf\u00e9.ru", Threads: 3}, "a title", map[string]any{"reasons": map[string]string{"200": "OK"}})
	d := decode(message[4:])
	d.tuple(2)
	d.tuple(0)
	want := func(got, want any) {
		if got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
	want(d.typ(), byte(marshalDict))
	want(d.text(), "application")
	want(d.text(), "caf\u00e9.ru")
	want(d.text(), "reasons")
	want(d.typ(), byte(marshalDict))
	want(d.text(), "200")
	want(d.text(), "OK")
	want(d.typ(), byte(marshalNull))
	want(d.text(), "threads")
	want(d.integer(), 3)
	want(d.text(), "title")
	want(d.text(), "a title")
	want(d.text(), "window")
	want(d.integer(), window)
	want(d.typ(), byte(marshalNull))
	want(d.end(), nil)
	want(len(message)-4, int(message[0])|int(message[1])<<8)
}
