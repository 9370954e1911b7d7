package client

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// answering is a connection to a server that sends a text, and then ends or stays silent.
func answering(t *testing.T, text string, ends bool) net.Conn {
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close(); far.Close() })
	go func() {
		io.WriteString(far, text)
		if ends {
			far.Close()
		}
	}()
	return near
}

// TestBytes: a server may send as much as the limit, and not a byte more.
func TestBytes(t *testing.T) {
	for text, exceeds := range map[string]bool{"abc": false, "abcd": false, "abcde": true} {
		got, err := io.ReadAll(Bound(answering(t, text, true), Limits{Bytes: 4}))
		var limit *LimitError
		if errors.As(err, &limit) != exceeds || len(got) != min(len(text), 4) {
			t.Errorf("%s: %q, %v", text, got, err)
		}
		if exceeds && (limit.Bytes != 4 || limit.Timeout() || errors.Is(err, os.ErrDeadlineExceeded)) {
			t.Errorf("%v does not say that it was the bytes", err)
		}
	}
}

// TestRenew: the next answer has the same limits again.
func TestRenew(t *testing.T) {
	c := Bound(answering(t, "abcdefgh", true), Limits{Bytes: 4, Time: time.Minute})
	for range 2 {
		if _, err := io.ReadFull(c, make([]byte, 4)); err != nil {
			t.Fatal(err)
		}
		c.Renew()
	}
	if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("%d, %v", n, err)
	}
}

// TestTime: a byte now and then prolongs nothing.
func TestTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		var writer sync.WaitGroup
		writer.Go(func() {
			for {
				if _, err := far.Write([]byte("x")); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		})
		begun := time.Now()
		_, err := io.ReadAll(Bound(near, Limits{Bytes: 1 << 20, Time: 10 * time.Second}))
		var limit *LimitError
		if !errors.As(err, &limit) || !limit.Timeout() || limit.Time != 10*time.Second || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%v", err)
		}
		if took := time.Since(begun); took != 10*time.Second {
			t.Errorf("it took %v", took)
		}
		near.Close()
		writer.Wait()
	})
}
