package peer

import "testing"

// TestFreePort: a port is given once, although no server listens there yet.
func TestFreePort(t *testing.T) {
	seen := map[string]bool{}
	for range 2000 {
		port, err := freePort()
		if err != nil {
			t.Fatal(err)
		}
		defer given.Delete(port)
		if seen[port] {
			t.Fatalf("port %s was given twice", port)
		}
		seen[port] = true
	}
}
