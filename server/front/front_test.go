package front_test

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// TestDate: a second later it is another.
func TestDate(t *testing.T) {
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for _, want := range []string{"Sat, 28 Nov 2026 12:00:00 GMT", "Sat, 28 Nov 2026 12:00:01 GMT", "Sat, 28 Nov 2026 12:00:02 GMT"} {
		if got := front.HTTPDate(at); got != want {
			t.Errorf("%v: %s", at, got)
		}
		at = at.Add(time.Second)
	}
}

// TestTrustedProxies: an address of the kind that a link-local peer has is trusted without its zone, which names an
// interface of this machine and no peer.
func TestTrustedProxies(t *testing.T) {
	c := front.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("10.0.0.0/8")}}
	for peer, want := range map[string]string{
		"fe80::1": "https", "fe80::1%eth0": "https", "10.1.2.3": "https", "::ffff:10.1.2.3": "https", "": "https",
		"2001:db8::1": "http", "11.1.2.3": "http", "::ffff:11.1.2.3": "http", "nonsense": "http",
	} {
		p := parser.New(parser.DefaultLimits)
		p.Feed([]byte("GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\n\r\n"))
		for event, err := p.Next(); event.Kind != parser.GotHead; event, err = p.Next() {
			if err != nil {
				t.Fatal(err)
			}
		}
		if got, err := c.URLScheme(p.Request(), &wsgi.Connection{RemoteAddr: peer, URLScheme: "http"}); got != want || err != nil {
			t.Errorf("%q: %s, %v", peer, got, err)
		}
	}
}

// TestDefaults: a Config that names only its application means what the documents say.
func TestDefaults(t *testing.T) {
	c := front.Config{}.WithDefaults()
	if c.KeepAlive != 5*time.Second || c.ReadTimeout != 30*time.Second || c.WriteTimeout != 30*time.Second || c.MaxConnections != 10_000 ||
		c.Limits != parser.DefaultLimits || c.Software == "" || c.Errors == nil || c.Log == nil {
		t.Errorf("%+v", c)
	}
	if c := (front.Config{KeepAlive: -1, MaxConnections: -1}).WithDefaults(); c.KeepAlive >= 0 || c.MaxConnections >= 0 {
		t.Errorf("none became the default: %+v", c)
	}
}

// TestClock: it stands still while an observer looks.
func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var clock front.Clock
		watch := front.NewWatch(front.NewObservers(func(front.Step) { time.Sleep(time.Hour) }), &clock, 1)
		begun := clock.Now()
		time.Sleep(time.Second)
		watch.Called()
		time.Sleep(time.Second)
		if took := clock.Since(begun); took != 2*time.Second {
			t.Errorf("%v went by", took)
		}
	})
}
