package door

import (
	"net"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// TestHosts: which values of Host are let in, by whom the door is for.
func TestHosts(t *testing.T) {
	here, anywhere := New(Options{}), New(Options{Anywhere: true, Names: []string{"desk", "desk.local"}})
	for host, want := range map[string][2]bool{
		"127.0.0.1:80": {true, true}, "127.9.9.9": {true, true}, "[::1]:80": {true, true}, "[::1]": {true, true}, "localhost": {true, true},
		"LOCALHOST:80": {true, true}, "192.0.2.1:80": {false, true}, "[2001:db8::1]:80": {false, true}, "desk:80": {false, true}, "desk.local": {false, true},
		"": {}, ":80": {}, "evil.example": {}, "127.0.0.1.evil.example": {}, "localhost.": {}, "[::1%25evil.example]:80": {}, "[::1%lo]": {},
		"[fe80::1%eth0]:80": {}, "0x7f000001": {}, "2130706433": {}, "127.1": {}, "127.0.0.1@evil.example": {}, "evil.example:80:127.0.0.1": {},
	} {
		if got := [2]bool{here.hostAllowed(host), anywhere.hostAllowed(host)}; got != want {
			t.Errorf("%q: %v, and should be %v", host, got, want)
		}
	}
}

// TestDoorsDiffer: what opens one door opens no other.
func TestDoorsDiffer(t *testing.T) {
	a, b := New(Options{Path: "/a/"}), New(Options{Path: "/a/"})
	if a.Token() == b.Token() || a.cookie == b.cookie || a.Token() == a.cookie || len(a.Token()) < 20 || len(a.cookie) < 20 {
		t.Errorf("tokens %s %s, cookies %s %s", a.Token(), b.Token(), a.cookie, b.cookie)
	}
}

// FuzzHost: only loopback is let in, however it is written, and never a name that an attacker could own.
func FuzzHost(f *testing.F) {
	for _, host := range []string{"127.0.0.1:80", "[::1]", "localhost", "[::1%25x]", "evil.example", "::1", "[[::1]]", "127.0.0.1:"} {
		f.Add(host, "http://"+host)
	}
	d := New(Options{Path: "/"})
	f.Fuzz(func(t *testing.T, host, origin string) {
		r := httptest.NewRequest("POST", "/", nil)
		r.Host = host
		r.Header.Set("Origin", origin)
		if d.sameOrigin(r) && origin != "http://"+host {
			t.Errorf("%q is taken for the origin of %q", origin, host)
		}
		if !d.hostAllowed(host) || strings.EqualFold(host, "localhost") {
			return
		}
		name, _, err := net.SplitHostPort(host)
		if err != nil {
			name = strings.Trim(host, "[]")
		}
		if address, err := netip.ParseAddr(name); !strings.EqualFold(name, "localhost") && (err != nil || !address.IsLoopback() || strings.Contains(name, "%")) {
			t.Errorf("%q is let in", host)
		}
	})
}
