package bench

import (
	"fmt"
	"strings"
	"testing"
)

func labels(ticks []tick) string {
	var all []string
	for _, t := range ticks {
		all = append(all, t.label)
	}
	return strings.Join(all, ", ")
}

// points are those of a path of straight lines.
func points(t *testing.T, path string) (all [][2]float64) {
	t.Helper()
	for _, point := range strings.FieldsFunc(path, func(r rune) bool { return r == 'M' || r == 'L' }) {
		var x, y float64
		if _, err := fmt.Sscanf(point, "%g %g", &x, &y); err != nil {
			t.Fatalf("%q: %v", path, err)
		}
		all = append(all, [2]float64{x, y})
	}
	return all
}

// TestTicks: few, at round values, and in their place.
func TestTicks(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{labels(linearTicks(31086, writeCount)), "0, 10,000, 20,000, 30,000"},
		{labels(linearTicks(50, writeCount)), "0, 10, 20, 30, 40, 50"},
		{labels(linearTicks(1, writeCount)), "0, 0.2, 0.4, 0.6, 0.8, 1"},
		{labels(linearTicks(0.000148, writeTime)), "0, 50 µs, 100 µs"},
		{labels(linearTicks(1.5e-3, writeTime)), "0, 500 µs, 1 ms, 1.5 ms"},
		{labels(linearTicks(134e3, writeSize)), "0, 50 KB, 100 KB"},
		{labels(logTicks(90e-6, 2)), "100 µs, 300 µs, 1 ms, 3 ms, 10 ms, 30 ms, 100 ms, 300 ms, 1 s"},
		{labels(percentileTicks(3.2)), "0 %, 50 %, 90 %, 99 %, 99.9 %"},
	} {
		if test.got != test.want {
			t.Errorf("%s, not %s", test.got, test.want)
		}
	}
	if at := linearTicks(40, writeCount)[1].at; !near(at, 0.25) {
		t.Errorf("10 of 40 stands at %v", at)
	}
	if at := logTicks(0.001, 0.1)[2].at; !near(at, 0.5) {
		t.Errorf("10 ms from 1 to 100 ms stand at %v", at)
	}
	if at := percentileTicks(4)[3].at; !near(at, 0.5) {
		t.Errorf("99 of 99.99 %% stands at %v", at)
	}
}

// TestChartsKeepWithinTheirPicture: also where an interval is as wide as that of three wild rounds.
func TestChartsKeepWithinTheirPicture(t *testing.T) {
	w := sample([]float64{10, 1000, 1900}, []float64{250, 260, 270}).Workloads[0]
	rate, _ := MetricOf("rate")
	for name, p := range map[string]*picture{"bars": w.bars(rate), "curves": w.curves(), "phases": w.phaseStack(), "cpu": w.cpuStack()} {
		if p == nil || len(p.Boxes)+len(p.Strokes) == 0 {
			t.Errorf("%s: nothing is drawn", name)
			continue
		}
		for _, b := range p.Boxes {
			if b.X < 0 || b.X+b.Width > p.Width || b.Y < 0 || b.Y+b.Height > p.Height {
				t.Errorf("%s: %+v is beyond %v x %v", name, b, p.Width, p.Height)
			}
		}
		for _, s := range p.Strokes {
			for _, at := range points(t, s.Path) {
				if at[0] < 0 || at[0] > p.Width || at[1] < 0 || at[1] > p.Height {
					t.Errorf("%s: %s is beyond %v x %v", name, s.Path, p.Width, p.Height)
				}
			}
		}
		for _, words := range p.Texts {
			if words.X < 0 || words.X > p.Width || words.Y < 0 || words.Y > p.Height {
				t.Errorf("%s: %+v is beyond %v x %v", name, words, p.Width, p.Height)
			}
		}
	}
}
