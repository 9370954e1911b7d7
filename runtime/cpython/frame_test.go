package cpython

import (
	"bytes"
	"log/slog"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

// The worker's numbers are written down twice, here and in Python.
func TestWorkerAgreesOnFrames(t *testing.T) {
	source := workerSource("channel")
	theirs := map[string]int{}
	for _, line := range regexp.MustCompile(`(?m)^([A-Z_0-9, ]+) = ([0-9 ,*]+)`).FindAllStringSubmatch(source, -1) {
		names, values := strings.Split(line[1], ", "), strings.Split(line[2], ", ")
		for i, name := range names {
			value := 1
			for factor := range strings.SplitSeq(values[i], " * ") {
				n, err := strconv.Atoi(strings.TrimSpace(factor))
				if err != nil {
					t.Fatalf("%s: %v", line[0], err)
				}
				value *= n
			}
			theirs[name] = value
		}
	}
	ours := map[string]int{"MAX_FRAME": maxFrame, "MAX_BLOCK": maxBlock, "MAX_REQUEST": maxRequest, "FRAME_CHARGE": frameCharge,
		"MOST_AHEAD": mostAhead, "MAX_INPUT": maxInput, "MAX_HELD": maxHeld}
	for k, name := range kindNames {
		ours[name] = int(k)
	}
	for name, value := range ours {
		if theirs[name] != value {
			t.Errorf("%s is %d here and %d in channel.py", name, value, theirs[name])
		}
	}
	if !strings.Contains(workerSource("serve"), "BODY_FOLLOWS = "+strconv.Itoa(flagBodyFollows)+" ") {
		t.Error("BODY_FOLLOWS differs in serve.py")
	}
}

// The table in frame.go has every kind.
func TestFrameTable(t *testing.T) {
	for k, name := range kindNames {
		if k.String() != name {
			t.Errorf("%d prints as %s", k, k)
		}
	}
	if got := kind(99).String(); got != "frame kind 99" {
		t.Errorf("got %s", got)
	}
}

func TestFrameReader(t *testing.T) {
	var wire []byte
	var want []frame
	for i, size := range []int{0, 1, 9, 1000, maxFrame, 0, maxFrame} {
		f := frame{kind: kindReady + kind(i), call: uint32(i), payload: bytes.Repeat([]byte{byte(i)}, size)}
		want = append(want, f)
		wire = appendFrame(wire, f.call, f.kind, f.payload)
	}
	for name, in := range map[string]interface{ Read([]byte) (int, error) }{
		"whole": bytes.NewReader(wire), "byte by byte": iotest.OneByteReader(bytes.NewReader(wire)),
		"halves": iotest.HalfReader(bytes.NewReader(wire)),
	} {
		r := newFrameReader(in)
		for i, w := range want {
			got, err := r.next()
			if err != nil || got.kind != w.kind || got.call != w.call || !bytes.Equal(got.payload, w.payload) {
				t.Fatalf("%s: frame %d: got %v, %v", name, i, got.kind, err)
			}
		}
		if !r.mayWait() {
			t.Errorf("%s: there is no more", name)
		}
	}
}

// FuzzFrameReader: bytes from a worker never panic, and a length alone allocates nothing.
func FuzzFrameReader(f *testing.F) {
	f.Add(appendFrame(nil, 1, kindChunk, []byte("abc")))
	f.Add(appendHeader(nil, 1<<31, 1, kindChunk))
	f.Add(appendHeader(nil, 3, 1, kindRequest))
	f.Add([]byte{1, 2})
	f.Fuzz(func(t *testing.T, wire []byte) {
		r := newFrameReader(bytes.NewReader(wire))
		var again []byte
		for {
			r.mayWait()
			f, err := r.next()
			if err != nil {
				break
			}
			again = appendFrame(again, f.call, f.kind, f.payload)
		}
		if !bytes.HasPrefix(wire, again) {
			t.Errorf("got %q of %q", again, wire)
		}
	})
}

// FuzzPayloads: whatever a worker puts into a payload, taking it apart never panics.
func FuzzPayloads(f *testing.F) {
	var e encoder
	e.tuple(3)
	e.native("200 OK")
	e.list(1)
	e.tuple(2)
	e.native("Content-Type")
	e.native("caf\xe9")
	e.none()
	f.Add(e.out)
	f.Add([]byte("(\x05\x00\x00\x00z\x01az\x01bz\x01cz\x01di\x07\x00\x00"))
	f.Add([]byte("[\xff\xff\xff\x7f"))
	f.Add([]byte("(\x02\x00\x00\x00u\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		d := decode(payload)
		d.tuple(3)
		d.native()
		for range d.list() {
			d.tuple(2)
			d.native()
			d.native()
			if d.err != nil {
				break
			}
		}
		d.textOrNone()
		d.end()
		closeError(payload)
		(&Pool{log: slog.New(slog.DiscardHandler)}).takeFinding(payload)
		d = decode(payload)
		d.boolean()
		d.text()
	})
}

// FuzzNative: decode of encode is the identity.
func FuzzNative(f *testing.F) {
	for _, s := range []string{"", "a", "caf\xe9", "\x00\xff", strings.Repeat("x", 256)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var e encoder
		e.native(s)
		d := decode(e.out)
		if got := d.native(); got != s || d.end() != nil {
			t.Errorf("got %q, %v", got, d.err)
		}
	})
}

// A truncated value is an error, wherever it is cut.
func TestTruncatedValues(t *testing.T) {
	var e encoder
	e.tuple(2)
	e.ascii("name")
	e.native("\xff")
	for cut := range len(e.out) {
		d := decode(e.out[:cut])
		d.tuple(2)
		d.text()
		d.native()
		if d.end() == nil {
			t.Errorf("cut at %d: no error", cut)
		}
	}
	d := decode(append(e.out, 'N'))
	d.tuple(2)
	d.text()
	d.native()
	if d.end() == nil {
		t.Error("a byte too many: no error")
	}
}

// A worker that sends more than its credit is found out before it fills our memory.
func TestMailboxBounds(t *testing.T) {
	m := mailbox{signal: make(chan struct{}, 1)}
	f := frame{kind: kindChunk, payload: make([]byte, maxBlock)}
	total := 0
	for range 100 {
		if m.put(f) != nil {
			return
		}
		if total += len(f.payload); total > window+maxFrame {
			t.Fatalf("%d bytes were let in", total)
		}
	}
}

func TestMailboxKeepsOrder(t *testing.T) {
	m := mailbox{signal: make(chan struct{}, 1)}
	const frames = 2000
	go func() {
		for i := range frames {
			payload := bytes.Repeat([]byte{byte(i)}, rand.IntN(50))
			for m.put(frame{kind: kindReturned, call: uint32(i), payload: payload}) != nil {
			}
			m.wake()
		}
		m.fail(ErrClosed)
	}()
	for i := range frames {
		f, err := m.next()
		if err != nil || f.call != uint32(i) || bytes.Count(f.payload, []byte{byte(i)}) != len(f.payload) {
			t.Fatalf("frame %d: got %d, %v", i, f.call, err)
		}
	}
	if _, err := m.next(); err != ErrClosed {
		t.Errorf("got %v", err)
	}
}
