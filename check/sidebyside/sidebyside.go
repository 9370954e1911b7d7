// Package sidebyside runs more tests at the same time than there are cores, for packages whose tests mostly wait: for a process
// that they have started, for an answer, or for one that does not come.
package sidebyside

import (
	"flag"
	"strconv"
	"testing"
)

// tests is how many run at the same time, unless -parallel says otherwise.
const tests = 8

// Run runs the tests of a package, as its TestMain.
func Run(m *testing.M) (code int) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		flag.Set("test.parallel", strconv.Itoa(tests))
	}
	return m.Run()
}
