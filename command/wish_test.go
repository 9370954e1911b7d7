package command

import "testing"

// TestWishes: what is asked for while something else is under way keeps its order. A reload goes back to the number of workers
// that the flags say, so it takes back what was asked for before it, and not what comes after.
func TestWishes(t *testing.T) {
	more, reload := wish{more: 1}, wish{reload: true}
	for _, test := range []struct {
		asked []wish
		want  wish
	}{
		{[]wish{more, more}, wish{more: 2}},
		{[]wish{more, reload}, wish{reload: true}},
		{[]wish{reload, more}, wish{reload: true, more: 1}},
		{[]wish{more, reload, more, more, reload}, wish{reload: true}},
	} {
		r := newReloads()
		for _, w := range test.asked {
			r.ask(w)
		}
		if got := r.take(); got != test.want {
			t.Errorf("%+v became %+v, not %+v", test.asked, got, test.want)
		}
	}
}
