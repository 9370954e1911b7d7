package door

import (
	"cmp"
	"crypto/rand"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Policy allows what a page brings itself, and nothing else: no inline script, no other host, no form that goes
// elsewhere. What an application sent is text on the page; if it ever were more, this stops it.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"frame-src 'self'; base-uri 'none'; form-action 'self'"

// Options say whom a door is for.
type Options struct {
	Path     string   // of its pages, and of its cookie: it ends with a slash
	Cookie   string   // its name, which gets the port: cookies of a host are shared by its ports
	Token    string   // of the address that is printed; empty: New makes one
	Open     bool     // needs no token: whoever is on this machine may come, but no browser for another site
	Anywhere bool     // Host may be any address, and not only one of loopback
	Names    []string // that Host may be, beside localhost
	AnyName  bool     // Host may be anything: other machines have names of their own for this one
	Framed   bool     // pages of the same origin may show it in a frame

	Landing func(*http.Request) string // where the printed address leads; nil: Path
	Says    map[Refusal]string         // in another language; nil: in English
}

// Refusal is why a request is not let in.
type Refusal int

const (
	WrongHost Refusal = iota
	OtherSite
	NoToken
)

var refusals = map[Refusal]struct {
	status int
	text   string
}{
	WrongHost: {http.StatusMisdirectedRequest, "This page is for addresses of this machine only: open the one that glass printed."},
	OtherSite: {http.StatusForbidden, "Another site asked for this: refused."},
	NoToken:   {http.StatusForbidden, "This page needs its token: open the address that glass printed."},
}

// Door is a guard.
type Door struct {
	options Options
	cookie  string // its value, which is not the token
}

// New makes a door. Each has a token and a cookie of its own.
func New(o Options) *Door {
	o.Token = cmp.Or(o.Token, rand.Text())
	return &Door{options: o, cookie: rand.Text()}
}

// Path is that of its pages, with a slash at its end.
func (d *Door) Path() string { return d.options.Path }

// Token opens it: Path + "?token=" + Token.
func (d *Door) Token() string { return d.options.Token }

// Guard lets through what may pass.
func (d *Door) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.secure(w.Header())
		switch {
		case !d.hostAllowed(r.Host):
			d.refuse(w, WrongHost)
		case !d.sameOrigin(r):
			d.refuse(w, OtherSite)
		case d.options.Open:
			next.ServeHTTP(w, r)
		case d.admit(w, r):
		case !d.known(r):
			d.refuse(w, NoToken)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (d *Door) secure(h http.Header) {
	ancestors, frames := "'none'", "DENY"
	if d.options.Framed {
		ancestors, frames = "'self'", "SAMEORIGIN"
	}
	h.Set("Content-Security-Policy", Policy+"; frame-ancestors "+ancestors)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", frames)
	h.Set("Referrer-Policy", "same-origin") // with no-referrer, a browser names no Origin for a form
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// hostAllowed: a name that an attacker's DNS points at loopback ("DNS rebinding") makes his page the same origin as
// this one, so names that are not ours are refused. An address with a zone is none of a URL.
func (d *Door) hostAllowed(hostPort string) bool {
	if d.options.AnyName {
		return true
	}
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostPort, "["), "]")
	}
	if strings.EqualFold(host, "localhost") || slices.ContainsFunc(d.options.Names, func(n string) bool { return strings.EqualFold(host, n) }) {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Zone() == "" && (address.IsLoopback() || d.options.Anywhere)
}

// sameOrigin: commands must come from this page, and nothing but a visit with the token may come from elsewhere. A
// browser says where a request comes from in Origin and in Sec-Fetch-Site; who is no browser has no cookie to steal.
func (d *Door) sameOrigin(r *http.Request) bool {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch origin := r.Header.Values("Origin"); {
	case len(origin) == 0 && !reads, len(origin) > 1, len(origin) == 1 && origin[0] != "http://"+r.Host:
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && d.hasToken(r)
}

func (d *Door) hasToken(r *http.Request) bool {
	return !d.options.Open && r.Method == http.MethodGet && r.URL.Path == d.options.Path && equal(r.URL.Query().Get("token"), d.options.Token)
}

// admit takes the token once, gives a cookie for it, and takes the token out of the address: it stays in no history.
func (d *Door) admit(w http.ResponseWriter, r *http.Request) bool {
	if !d.hasToken(r) {
		return false
	}
	landing := d.options.Path
	if d.options.Landing != nil {
		landing = d.options.Landing(r)
	}
	http.SetCookie(w, &http.Cookie{Name: d.cookieFor(r), Value: d.cookie, Path: d.options.Path, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, landing, http.StatusSeeOther)
	return true
}

func (d *Door) cookieFor(r *http.Request) string {
	_, port, _ := net.SplitHostPort(r.Host)
	return d.options.Cookie + port
}

func (d *Door) known(r *http.Request) bool {
	cookie, err := r.Cookie(d.cookieFor(r))
	return err == nil && equal(cookie.Value, d.cookie)
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (d *Door) refuse(w http.ResponseWriter, why Refusal) {
	text := cmp.Or(d.options.Says[why], refusals[why].text)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(refusals[why].status)
	w.Write([]byte(text + "\n"))
}
