package command

import "testing"

// The room for garbage is an amount while little is in use, and the usual share when much is.
func TestGarbagePercent(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{0: 200, 2 << 20: 200, 5 << 20: 160, 8 << 20: 100, 200 << 20: 100} {
		if got := garbagePercent(live); got != want {
			t.Errorf("%d MiB in use: got %d %%, want %d %%", live>>20, got, want)
		}
	}
}
