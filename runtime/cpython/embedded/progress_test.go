package embedded

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestProgress: an unpacking that takes its time is told of; a look at what is unpacked is not, however long it takes.
func TestProgress(t *testing.T) {
	for _, there := range []bool{false, true} {
		folder := t.TempDir()
		if there {
			if err := os.MkdirAll(filepath.Join(folder, build+"-0123456789abcdef", "lib"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Test(t, func(t *testing.T) {
			var said strings.Builder
			stop := report(folder, &said)
			time.Sleep(2 * quietTime)
			stop(true)
			if told := strings.Contains(said.String(), "unpacking"); told == there {
				t.Errorf("there %v: it says %q", there, said.String())
			}
		})
	}
}
