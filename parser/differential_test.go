package parser

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// stricterThanNetHTTP lists the rules by which we refuse what http.ReadRequest accepts, and why.
var stricterThanNetHTTP = map[string]string{
	bareLF.name:           "RFC 9112 §2.2 lets a recipient accept a bare LF (MAY); TERM.EXT smuggling lives on it",
	spaceTooMany.name:     "RFC 9112 §3 has one SP; net/http lets CONNECT have an empty target",
	methodLong.name:       "RFC 9112 §3 leaves the limit to us; net/http bounds the head as a whole",
	otherMajor.name:       "RFC 9110 §15.6.6; http.Server answers 505 after ReadRequest, which is for any version",
	targetFragment.name:   "RFC 9112 §3.2 has no fragment in any form",
	targetRelative.name:   "RFC 9112 §3.2 has four forms; net/url reads any URI",
	asteriskMethod.name:   "RFC 9112 §3.2.4: only for a server-wide OPTIONS",
	absoluteScheme.name:   "we are an origin server for http and https; net/http may be a proxy",
	absoluteUserinfo.name: "RFC 9110 §4.2.4: treat userinfo from an untrusted source as an error (SHOULD)",
	absoluteNoHost.name:   "RFC 9110 §4.2.1: a recipient MUST reject an empty host",
	authorityNoHost.name:  "RFC 9112 §3.2.3 is what we check; net/http leaves it to the proxy",
	authorityNoPort.name:  "RFC 9112 §3.2.3 is what we check; net/http leaves it to the proxy",
	connectRefused.name:   "we make no tunnels; net/http may",
	nameSpace.name:        "RFC 9112 §5.1: MUST be refused; ReadRequest keeps the space in the name, and http.Server refuses",
	nameNotToken.name:     "RFC 9110 §5.1; ReadRequest keeps a space in the name, and http.Server refuses",
	obsFold.name:          "RFC 9112 §5.2: refuse or unfold; net/http unfolds, even into Host",
	hostMissing.name:      "RFC 9112 §3.2: MUST be 400; http.Server checks it after ReadRequest",
	hostEmptyName.name:    "RFC 9110 §4.2.1; net/http looks only at which bytes Host has",
	hostByteBad.name:      "RFC 3986 §3.2.2; net/http looks only at which bytes Host has, and http.Server does",
	hostPercent.name:      "RFC 3986 §2.1; net/http looks only at which bytes Host has",
	hostLiteralOpen.name:  "RFC 3986 §3.2.2; net/http looks only at which bytes Host has",
	hostLiteralBad.name:   "RFC 3986 §3.2.2; net/http looks only at which bytes Host has",
	portBad.name:          "RFC 3986 §3.2.3; net/http looks only at which bytes Host has",
	codingInHTTP10.name:   "RFC 9112 §6.1: faulty framing; net/http ignores the field, as HTTP/1.0 did",
	codingAndLength.name:  "RFC 9112 §6.3 lets Transfer-Encoding win (MAY); who smuggles counts on it",
	lengthTwice.name:      "RFC 9112 §6.3 lets equal values be one (MAY)",
	expectUnknown.name:    "RFC 9110 §10.1.1 allows 417 (MAY); http.Server answers it after ReadRequest",
	chunkExtBad.name:      "RFC 9112 §7.1.1; net/http throws extensions away unread",
	chunkSizeEnd.name:     "RFC 9112 §7.1; net/http trims white space and throws extensions away unread",
}

// looserThanNetHTTP lists what we accept and http.ReadRequest refuses, by what its error says, and why.
var looserThanNetHTTP = map[string]string{
	`malformed HTTP request ""`:    "RFC 9112 §2.2: an empty line before the request-line SHOULD be ignored",
	"http chunk length too large":  "RFC 9112 §7.1: leading zeros are 1*HEXDIG; net/http counts 16 digits",
	"header line too long":         "the limit of net/http for a chunk-size line is below our 4 KiB",
	"invalid byte in chunk length": "RFC 9112 §7.1.1: BWS before the semicolon is to be accepted",
}

// TestAgainstNetHTTP compares our reading of the first message of every row with that of net/http.
func TestAgainstNetHTTP(t *testing.T) {
	for _, b := range tables {
		if b.limits != (Limits{}) {
			continue // the limits of net/http are elsewhere
		}
		for _, r := range b.rows {
			t.Run(b.name+"/"+r.name, func(t *testing.T) { compareWithNetHTTP(t, b.input(r)) })
		}
	}
	unused(t, stricterThanNetHTTP, "stricter")
	unused(t, looserThanNetHTTP, "looser")
}

var differencesSeen = map[string]bool{}

// unused keeps the lists honest: a difference that no row shows is struck off.
func unused(t *testing.T, reasons map[string]string, list string) {
	for difference := range reasons {
		if !differencesSeen[difference] {
			t.Errorf("no row shows that we are %s about %q", list, difference)
		}
	}
}

func compareWithNetHTTP(t testing.TB, input string) {
	ours, refusal := readOurs(input)
	theirs, err := readTheirs(input)
	switch {
	case refusal != nil && err != nil:
	case refusal == nil && err == nil:
		if ours != theirs {
			t.Errorf("%.300q\n  ours %s\ntheirs %s", input, ours, theirs)
		}
	case refusal != nil:
		rule := refusal.(*SyntaxError).Rule
		differencesSeen[rule] = true
		if stricterThanNetHTTP[rule] == "" {
			t.Errorf("%.300q\nwe refuse it: %v\ntheirs %s", input, refusal, theirs)
		}
	default:
		for text := range looserThanNetHTTP {
			if strings.Contains(err.Error(), text) {
				differencesSeen[text] = true
				return
			}
		}
		t.Errorf("%.300q\n  ours %s\nthey refuse it: %v", input, ours, err)
	}
}

// readOurs reads the first message, and what it means in one line.
func readOurs(input string) (string, error) {
	p := New(Limits{})
	p.Feed([]byte(input))
	var content []byte
	for {
		event, err := p.Next()
		switch {
		case err != nil:
			return "", err
		case event.Kind == NeedData:
			if err := p.EndOfInput(); err != nil {
				return "", err
			}
			return "", (&line{}).refuse(incompleteRequestLine, 0)
		case event.Kind == GotBody:
			content = append(content, event.Data...)
		case event.Kind == GotEnd:
			r := p.Request()
			host := r.Text(r.Host)
			if r.Form == AbsoluteForm {
				host = r.Text(r.Authority) // RFC 9112 §3.2.2: it replaces Host. Ours is left to the server
			}
			return fmt.Sprintf("%s %q host %q chunked %v content %q fields %d", r.Text(r.Method), r.Text(r.Target), host,
				r.Framing == ByChunks, content, r.countWithout("host", "transfer-encoding")), nil
		}
	}
}

// countWithout counts the fields but for those that net/http takes out of its header.
func (r *Request) countWithout(names ...string) int {
	n := len(r.Fields)
	for _, name := range names {
		_, count := r.find(name)
		n -= count
	}
	return n
}

func readTheirs(input string) (string, error) {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(input)))
	if err != nil {
		return "", err
	}
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return "", err
	}
	fields := 0
	for _, values := range r.Header {
		fields += len(values)
	}
	return fmt.Sprintf("%s %q host %q chunked %v content %q fields %d", r.Method, r.RequestURI, r.Host,
		len(r.TransferEncoding) > 0, content, fields), nil
}
