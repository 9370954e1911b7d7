package cpython_test

import (
	"os"
	"testing"

	"glasswsgi/check/sidebyside"
)

func TestMain(m *testing.M) { os.Exit(sidebyside.Run(m)) }
