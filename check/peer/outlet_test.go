package peer

import (
	"fmt"
	"strings"
	"testing"
)

// TestOutlet: what was printed is there at once, what came before a moment is told from what came after it, and the end of
// a lot is kept.
func TestOutlet(t *testing.T) {
	o, err := openOutlet()
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for i := range 500 {
		o.drain()
		before, line := o.length(), fmt.Sprintf("line %d\n", i)
		if fmt.Fprint(o.in, line); before != len(all) {
			t.Fatalf("%d bytes are known of the %d that were printed", before, len(all))
		}
		o.drain()
		if all += line; o.since(before) != line {
			t.Fatalf("%q came after the first %d bytes, and not %q", o.since(before), before, line)
		}
	}
	before := o.length()
	fmt.Fprint(o.in, strings.Repeat("x", 2*keptBytes), "the end")
	o.close()
	o.drain()
	if end := o.since(before); len(end) != keptBytes || !strings.HasSuffix(end, "the end") || o.String() != end {
		t.Errorf("%d bytes are kept, and end with %q", len(end), end[max(0, len(end)-20):])
	}
}
