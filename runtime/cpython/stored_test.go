package cpython_test

import (
	"bytes"
	"crypto/sha256"
	"os"
	"runtime"
	"strconv"
	"testing"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/wsgi"
)

// blocksApp sends the blocks whose sizes the path names, each of bytes of its own, by yield, by write() or as a list.
const blocksApp = `
def made(sizes):
    return [bytes([65 + n % 26]) * size for n, size in enumerate(sizes)]

def app(environ, start_response):
    way, *sizes = environ["PATH_INFO"].strip("/").split("/")
    write = start_response("200 OK", [])
    blocks = made(map(int, sizes))
    if way == "list":
        return blocks
    if way == "write":
        for block in blocks:
            write(block)
        return []
    return iter(blocks)
`

func startBlocks(t *testing.T) *cpython.Pool {
	dir := folder(t, "blocks.py", blocksApp)
	pool := start(t, "blocks.py", func(c *cpython.Config) { c.Dir = dir })
	if runtime.GOOS == "linux" && !pool.HasOutbox() {
		t.Fatal("a worker has no outbox")
	}
	if runtime.GOOS != "linux" {
		t.Skip("this system has no outbox: every block travels in a frame")
	}
	return pool
}

// Blocks of every size come as they were yielded, by way of the outbox or not, and give their places back.
func TestStoredBlocks(t *testing.T) {
	pool := startBlocks(t)
	sizes := []int{1, 65536, 8191, 8192, 8193, 65537, 200_000, 3, 65535}
	path := ""
	var want []byte
	for n, size := range append(sizes, sizes...) {
		path += "/" + strconv.Itoa(size)
		want = append(want, bytes.Repeat([]byte{byte('A' + n%26)}, size)...)
	}
	for _, way := range []string{"/yield", "/list", "/write"} {
		var got []byte
		write := func(block []byte) error { got = append(got, block...); return nil }
		begin := func(string, []wsgi.Header, error) (wsgi.Write, error) { return write, nil }
		iterable, err := pool.Call(request{target: way + path}.environ(), begin)
		if err != nil {
			t.Fatal(err)
		}
		stored := 0
		for block, err := range iterable.Chunks() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, block...)
			stored = max(stored, pool.PlacesTaken())
		}
		if taken := pool.PlacesTaken(); taken != 0 {
			t.Errorf("%s: %d places are still taken when all blocks were", way, taken)
		}
		iterable.Close()
		if sha256.Sum256(got) != sha256.Sum256(want) {
			t.Errorf("%s: %d bytes came, which are not the %d that were sent", way, len(got), len(want))
		}
		if way != "/write" && stored == 0 {
			t.Errorf("%s: nothing was in the outbox", way)
		}
	}
}

// Whoever does not take blocks gives back their places when the call ends, and until then others send theirs in frames.
func TestStoredBlocksAreLeft(t *testing.T) {
	pool := startBlocks(t)
	var slow []wsgi.Iterable
	for range cpython.MostStored {
		iterable, err := pool.Call(request{target: "/list/65536/65536"}.environ(), ignore)
		if err != nil {
			t.Fatal(err)
		}
		slow = append(slow, iterable)
	}
	eventually(t, "all places are taken", func() bool { return pool.PlacesTaken() == cpython.MostStored })
	iterable, err := pool.Call(request{target: "/yield/65536/65536/70000"}.environ(), ignore)
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	for block, err := range iterable.Chunks() {
		if err != nil {
			t.Fatal(err)
		}
		size += len(block)
	}
	iterable.Close()
	if size != 2*65536+70000 {
		t.Errorf("%d bytes came beside calls that hold all places", size)
	}
	for _, iterable := range slow {
		iterable.Close()
	}
	eventually(t, "the places are given back", func() bool { return pool.PlacesTaken() == 0 })
	endless, err := pool.Call(request{target: "/yield/65536/65536/65536/65536/65536/65536/65536/65536/65536/65536"}.environ(), ignore)
	if err != nil {
		t.Fatal(err)
	}
	for range endless.Chunks() {
		break
	}
	endless.Close() // the worker is in the middle of it
	eventually(t, "an aborted call gives its places back", func() bool { return pool.PlacesTaken() == 0 })
}

// A block is there as long as its call, whatever becomes of the worker.
func TestStoredBlockOutlivesWorker(t *testing.T) {
	pool := startBlocks(t)
	iterable, err := pool.Call(request{target: "/yield/65536/65536/65536/65536/65536/65536"}.environ(), ignore)
	if err != nil {
		t.Fatal(err)
	}
	for block := range iterable.Chunks() {
		pid := pool.PIDs()[0]
		if process, err := os.FindProcess(pid); err != nil || process.Kill() != nil {
			t.Fatal(err)
		}
		eventually(t, "another worker", func() bool { pids := pool.PIDs(); return len(pids) == 1 && pids[0] != pid && pool.Ready() == 1 })
		if len(block) != 65536 || bytes.Count(block, block[:1]) != len(block) {
			t.Error("the block is another one now")
		}
		break
	}
	iterable.Close()
}
