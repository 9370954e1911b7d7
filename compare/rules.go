package compare

import (
	"bytes"
	"slices"
	"strings"
)

// known is a difference that a rule decides. What is left empty matches everything.
type known struct {
	where string
	names []string // of fields or variables; a "*" at the end stands for the rest
	when  func(d *Difference, request []byte) bool
	// broken says who breaks the rule: "left", "right", or "": neither does, the difference is permitted.
	broken    func(d *Difference, request []byte) string
	spec, why string
}

func either(value string) func(*Difference, []byte) bool {
	return func(d *Difference, _ []byte) bool { return d.Left == value || d.Right == value }
}

// lacks says that it is the side without it that breaks the rule.
func lacks(d *Difference, _ []byte) string {
	if d.Left == absent {
		return "left"
	}
	return "right"
}

// notStatus says that it is the side that did not answer with one of these that breaks the rule.
func notStatus(codes ...string) func(*Difference, []byte) string {
	return func(d *Difference, _ []byte) string {
		good := func(status string) bool { return slices.Contains(codes, status[:min(3, len(status))]) }
		switch {
		case good(d.Left) == good(d.Right):
			return ""
		case good(d.Left):
			return "right"
		}
		return "left"
	}
}

// table is in the order in which it is searched.
var table = []known{
	{where: "header", names: []string{"Date"}, when: either(absent), broken: lacks, spec: "RFC 9110 §6.6.1",
		why: "an origin server with a clock MUST generate Date in 2xx, 3xx and 4xx responses"},
	{where: "header", names: []string{"Date"}, spec: "RFC 9110 §6.6.1", why: "the time at which each response was made"},
	{where: "header", names: []string{"Server"}, spec: "RFC 9110 §10.2.4", why: "an origin server MAY generate Server, and says what it likes there"},
	{where: "header", names: []string{"Connection", "Keep-Alive"}, spec: "RFC 9112 §9", why: "whether a connection is kept is each server's choice"},
	{where: "header", names: []string{"Transfer-Encoding", "Content-Length"}, spec: "RFC 9112 §6.3",
		why: "the end of a body may be told by its length, by chunks, or by the end of the connection"},
	{where: "version", spec: "RFC 9110 §2.5", why: "a server SHOULD send the highest version it conforms to; wsgiref speaks HTTP/1.0"},
	{where: "reason", spec: "RFC 9112 §4", why: "a client SHOULD ignore the reason phrase"},

	{where: "surplus", when: isHead, broken: surplus, spec: "RFC 9110 §9.3.2", why: "a server MUST NOT send content in the response to HEAD"},
	{where: "surplus", broken: surplus, spec: "RFC 9112 §6.3", why: "bytes after the end of the body are no part of any response"},

	{where: "status", when: hosts(0), broken: notStatus("400"), spec: "RFC 9112 §3.2",
		why: "a server MUST respond 400 to an HTTP/1.1 request without a Host field"},
	{where: "status", when: hosts(2), broken: notStatus("400"), spec: "RFC 9112 §3.2",
		why: "a server MUST respond 400 to a request with more than one Host field line"},
	{where: "status", when: spaceBeforeColon, broken: notStatus("400"), spec: "RFC 9112 §5.1",
		why: "a server MUST reject with 400 a request that has whitespace between a field name and its colon"},
	{where: "status", when: bothLengths, spec: "RFC 9112 §6.3",
		why: "with Transfer-Encoding and Content-Length a server MAY reject the message, or use Transfer-Encoding alone"},
	{where: "status", when: chunkedRequest, broken: notStatus("200"), spec: "RFC 9112 §7.1",
		why: "a recipient MUST be able to parse and decode the chunked transfer coding"},
	{where: "status", when: barLF, spec: "RFC 9112 §2.2",
		why: "a recipient MAY take a lone LF for the end of a line; glass refuses it, since two parties may read it differently"},

	{where: "environ", names: []string{"PATH_INFO"}, when: absoluteForm, broken: hasScheme, spec: "RFC 9112 §3.2.2",
		why: "a server MUST accept the absolute-form; the path is what follows the authority"},
	{where: "environ", names: []string{"SERVER_NAME", "SERVER_PORT", "SERVER_SOFTWARE", "REMOTE_ADDR", "REMOTE_PORT", "REMOTE_HOST"},
		spec: `PEP 3333 "environ Variables"`, why: "they describe the server and its connection"},
	{where: "environ", names: []string{"wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once"}, spec: `PEP 3333 "environ Variables"`,
		why: "each server says how it runs the application"},
	{where: "environ", names: []string{"wsgi.input", "wsgi.errors", "wsgi.file_wrapper"}, spec: `PEP 3333 "Input and Error Streams"`,
		why: "any object with the methods of the PEP will do"},
	{where: "environ", names: []string{"CONTENT_TYPE"}, when: either("text/plain"), spec: "RFC 3875 §4.1.3",
		why: "it may be absent, and without the field it SHOULD be; wsgiref puts in text/plain"},
	{where: "environ", names: []string{"CONTENT_LENGTH", "QUERY_STRING", "SCRIPT_NAME", "CONTENT_TYPE"}, when: empty, spec: `PEP 3333 "environ Variables"`,
		why: "it may be empty or absent"},
	{where: "environ", names: []string{"HTTP_*"}, when: joined, spec: "RFC 9110 §5.3",
		why: `repeated fields are joined by a comma, with or without a space`},
	{where: "environ", names: []string{"HTTP_*"}, when: underscored, spec: `PEP 3333 "environ Variables"`,
		why: "no rule says what becomes of a name with an underscore; glass drops it, since it could pose as another field"},
	{where: "environ", names: []string{"HTTP_HOST"}, when: absoluteForm, broken: keepsHost, spec: "RFC 9112 §3.2.2",
		why: "with the absolute-form an origin server MUST ignore the Host field and use the target's"},
	{where: "environ", names: []string{"HTTP_TRANSFER_ENCODING", "wsgi.input_terminated"}, spec: `PEP 3333 "environ Variables"`,
		why: "the PEP knows no chunked bodies; a server that decodes them says so with wsgi.input_terminated"},
	{where: "environ", names: []string{"REQUEST_METHOD", "PATH_INFO", "SERVER_PROTOCOL", "wsgi.version", "wsgi.url_scheme"}, when: either(absent),
		broken: lacks, spec: `PEP 3333 "environ Variables"`, why: "it is required"},
	{where: "environ", when: only, spec: `PEP 3333 "environ Variables"`,
		why: "a server may add variables of its own, and those of the operating system"},

	{where: "calls", spec: `PEP 3333 "Specification Details"`, why: "what the application does follows from what it was given"},
}

// judged looks a difference up.
func judged(d Difference, request []byte) Difference {
	for _, k := range table {
		if k.where != d.Where || k.names != nil && !slices.ContainsFunc(k.names, func(n string) bool { return named(n, d.Name) }) ||
			k.when != nil && !k.when(&d, request) {
			continue
		}
		d.Spec, d.Why, d.Verdict = k.spec, k.why, Permitted
		if k.broken != nil {
			if d.Broken = k.broken(&d, request); d.Broken != "" {
				d.Verdict = Forbidden
			}
		}
		if d.Where == "calls" {
			d.Verdict = Open
		}
		return d
	}
	d.Verdict = Open
	return d
}

func named(pattern, name string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, prefix)
	}
	return strings.EqualFold(pattern, name)
}

// Judge fills in what can be said only of all differences together: bytes of a body that differ although the
// application did the same on both sides were changed by a server.
func Judge(all []Difference, recorded bool) {
	same := !slices.ContainsFunc(all, func(d Difference) bool { return d.Where == "calls" || d.Where == "called" })
	for i := range all {
		d := &all[i]
		if d.Where == "body" && d.Verdict == Open && d.Why == "" {
			d.Why = "the application answered differently, or a server changed its bytes"
			if recorded && same {
				d.Spec, d.Why = `PEP 3333 "Buffering and Streaming"`, "the application gave both the same blocks; a server must send them unaltered: one of the two did not"
			}
		}
	}
}

// surplus: it is the side that sent more.
func surplus(d *Difference, _ []byte) string {
	if d.Left == "0 bytes" {
		return "right"
	}
	return "left"
}

// ---- what there is to know of the request

func isHead(_ *Difference, request []byte) bool { return bytes.HasPrefix(request, []byte("HEAD ")) }

func fieldLines(request []byte) [][]byte {
	head, _, _ := bytes.Cut(request, []byte("\r\n\r\n"))
	lines := bytes.Split(head, []byte("\r\n"))
	return lines[1:]
}

func has(request []byte, name string) (count int) {
	for _, line := range fieldLines(request) {
		before, _, _ := bytes.Cut(line, []byte(":"))
		if strings.EqualFold(string(before), name) {
			count++
		}
	}
	return count
}

func hosts(n int) func(*Difference, []byte) bool {
	return func(_ *Difference, request []byte) bool {
		line, _, _ := bytes.Cut(request, []byte("\r\n"))
		return bytes.HasSuffix(line, []byte("HTTP/1.1")) && (has(request, "Host") == n || n > 1 && has(request, "Host") > n)
	}
}

func spaceBeforeColon(_ *Difference, request []byte) bool {
	return slices.ContainsFunc(fieldLines(request), func(line []byte) bool {
		name, _, ok := bytes.Cut(line, []byte(":"))
		return ok && len(bytes.TrimRight(name, " \t")) < len(name)
	})
}

func bothLengths(_ *Difference, request []byte) bool {
	return has(request, "Transfer-Encoding") > 0 && has(request, "Content-Length") > 0
}

func chunkedRequest(_ *Difference, request []byte) bool { return has(request, "Transfer-Encoding") > 0 }

func barLF(_ *Difference, request []byte) bool {
	head, _, _ := bytes.Cut(request, []byte("\r\n\r\n"))
	return bytes.Count(head, []byte("\n")) > bytes.Count(head, []byte("\r\n"))
}

func absoluteForm(_ *Difference, request []byte) bool {
	line, _, _ := bytes.Cut(request, []byte("\r\n"))
	return bytes.Contains(line, []byte(" http://")) || bytes.Contains(line, []byte(" https://"))
}

func hasScheme(d *Difference, _ []byte) string {
	if strings.Contains(d.Left, "://") {
		return "left"
	}
	return "right"
}

// keepsHost: it is the side whose HTTP_HOST is not the target's authority.
func keepsHost(d *Difference, request []byte) string {
	line, _, _ := bytes.Cut(request, []byte("\r\n"))
	_, rest, _ := strings.Cut(string(line), "://")
	authority, _, _ := strings.Cut(strings.ReplaceAll(rest, " ", "/"), "/")
	if d.Left == authority {
		return "right"
	}
	return "left"
}

func empty(d *Difference, _ []byte) bool {
	return d.Left == "" && d.Right == absent || d.Left == absent && d.Right == ""
}

func joined(d *Difference, _ []byte) bool {
	plain := func(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "; ", ","), ", ", ",") }
	return plain(d.Left) == plain(d.Right)
}

func underscored(d *Difference, request []byte) bool {
	return slices.ContainsFunc(fieldLines(request), func(line []byte) bool {
		name, _, _ := bytes.Cut(line, []byte(":"))
		variable := "HTTP_" + strings.ToUpper(strings.ReplaceAll(string(name), "-", "_"))
		return bytes.Contains(name, []byte("_")) && variable == d.Name
	})
}

func only(d *Difference, _ []byte) bool { return d.Left == absent || d.Right == absent }
