// Package docs has the tests that hold the documents to the code, and the code to the documents.
package docs

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if err := os.Chdir(".."); err != nil { // to the root of the repository
		panic(err)
	}
	os.Exit(m.Run())
}
