package check

import (
	"flag"
	"os"
	"testing"
)

// TestMain runs more tests at a time than there are cores: a probe waits for answers, and for those that do not come.
func TestMain(m *testing.M) {
	flag.Parse()
	set := false
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == "test.parallel" })
	if !set {
		flag.Set("test.parallel", "8")
	}
	os.Exit(m.Run())
}
