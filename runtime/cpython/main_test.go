package cpython_test

import (
	"os"
	"testing"

	"glasswsgi/check/suite"
)

func TestMain(m *testing.M) { os.Exit(suite.Run(m)) }
