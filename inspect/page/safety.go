package page

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// policy, with who may show the page in a frame, allows what the page brings itself, and nothing else: no inline script, no other host, no frame, no form that
// goes elsewhere. What an application sends is text on the page; if it ever were more, this stops it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors "

func (p *Page) secure(h http.Header) {
	ancestors, frames := "'none'", "DENY"
	if p.options.Framed {
		ancestors, frames = "'self'", "SAMEORIGIN"
	}
	h.Set("Content-Security-Policy", policy+ancestors)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", frames)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// hostAllowed: a name that an attacker's DNS points at loopback ("DNS rebinding") makes his page the same origin as
// this one, so names other than localhost are refused.
func (p *Page) hostAllowed(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = strings.Trim(hostPort, "[]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && (address.IsLoopback() || p.options.Anywhere)
}

// sameOrigin: commands must come from this page, and nothing but a visit may come from elsewhere. A browser says where
// a request comes from in Origin and in Sec-Fetch-Site; who is no browser has no cookie to steal.
func sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin != "" && origin != "http://"+r.Host || origin == "" && r.Method != http.MethodGet {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.URL.Query().Has("token")
}

const cookieName = "glass_inspect"

// admit takes the token once, gives a cookie for it, and takes the token out of the address: it stays in no history.
func (p *Page) admit(w http.ResponseWriter, r *http.Request) bool {
	token := r.URL.Query().Get("token")
	if r.Method != http.MethodGet || r.URL.Path != Prefix || !equal(token, p.options.Token) {
		return false
	}
	http.SetCookie(w, &http.Cookie{Name: p.cookieFor(r), Value: p.cookie, Path: Prefix, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, Prefix, http.StatusSeeOther)
	return true
}

// cookieFor has the port in its name: cookies of a host are shared by its ports, and two of these may run.
func (p *Page) cookieFor(r *http.Request) string {
	_, port, _ := net.SplitHostPort(r.Host)
	return cookieName + port
}

func (p *Page) known(r *http.Request) bool {
	cookie, err := r.Cookie(p.cookieFor(r))
	return err == nil && equal(cookie.Value, p.cookie)
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func refuse(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	w.Write([]byte(text + "\n"))
}
