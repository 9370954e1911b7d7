package check_test

import (
	"encoding/json"
	"strings"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

func init() { broken = append(broken, brokenHeads...) }

// brokenHeads are flaws in reading the head of a request.
var brokenHeads = []flaw{
	{
		name: "none, with an environ",
		with: []string{"rfc9112-2.2-octets-next-line", "rfc9112-3.1-case", "rfc9112-3.2.1-two-slashes", "rfc9112-3.2.2-instead-of-host",
			"rfc9110-5.2-repeated", "rfc9110-5.5-no-break-space-around", "pep3333-underscore-name", "pep3333-field-path"},
	},
	{
		name:      "reads the version as numbers",
		receiving: pattern(`HTTP/0*1\.1\d*\r`, "HTTP/1.1\r"),
		fails:     []string{"rfc9112-2.3-two-digit-minor", "rfc9112-2.3-leading-zero"},
	},
	{
		name:      "takes a request-line without a version for one of HTTP/1.0",
		receiving: pattern(`^(GET /\S*)\r`, "$1 HTTP/1.0\r"),
		fails:     []string{"rfc9112-3-simple-request", "rfc9112-3-no-version"},
	},
	{
		name:    "answers with a version of its own invention",
		sending: pattern(`^HTTP/1.1`, "HTTP/1.9"),
		fails:   []string{"rfc9110-6.2-own-version", "rfc9110-6.2-answers-1.0-as-1.1", "*grammar*"},
	},
	{
		name:      "needs Host in exactly HTTP/1.1",
		receiving: pattern(`(HTTP/1\.[2-9]\r\n)\r\n`, "${1}Host: x\r\n\r\n"),
		fails:     []string{"rfc9110-6.2-higher-minor-needs-host"},
	},
	{
		name:      "trims field names",
		receiving: pattern(`(\r\n[A-Za-z-]+)[ \t]+:`, "$1:"),
		fails:     []string{"rfc9112-5.1-space-before-colon", "rfc9112-5.1-*", "rfc9112-7.1.2-trailer-space-colon"},
	},
	{
		name:      "takes the first Host",
		receiving: pattern(`(Host:[^\r]*\r\n(?:X-[^\r]*\r\n)?)(?i:Host):[^\r]*\r\n`, "$1"),
		fails:     []string{"rfc9112-3.2-host-twice", "rfc9112-3.2-host-twice*"},
	},
	{
		name:      "does not look at the value of Host",
		receiving: pattern(`\nHost:[^\r]*`, "\nHost: x"),
		fails:     []string{"rfc9112-3.2-host-space", "rfc9112-3.2-host-*", "rfc9110-4.2.1-host-port-only"},
	},
	{
		name:      "cuts the target at #",
		receiving: pattern(`^(\S+ [^ #\r]*)#[^ \r]*`, "$1"),
		fails:     []string{"rfc9112-3.2-fragment", "rfc9112-3.2*-fragment*"},
	},
	{
		name:      "drops NUL",
		receiving: replace("\x00", ""),
		fails:     []string{"rfc9112-3.2-nul", "rfc9112-*nul*", "rfc9112-2.2-*", "rfc9110-5.5-nul"},
	},
	{
		name:      "drops DEL",
		receiving: replace("\x7f", ""),
		fails:     []string{"rfc9112-3.2-delete", "rfc9112-*delete*"},
	},
	{
		name:      "takes CONNECT for GET",
		receiving: pattern(`^CONNECT /`, "GET /"),
		fails:     []string{"rfc9112-3.2.3-connect-path", "rfc9110-9.3.6*"},
	},
	{
		name:      "takes * for /",
		receiving: pattern(`^GET \*`, "GET /"),
		fails:     []string{"rfc9112-3.2.4-other-method"},
	},
	{
		name:      "puts a slash before a target that has none",
		receiving: pattern(`^GET ([a-z.?]+)([ /=])`, "GET /$1$2"),
		fails:     []string{"rfc9112-3.2-relative", "rfc9112-3.2-dot-relative", "rfc9112-3.2-query-only"},
	},
	{
		name:      "ends lines at CR",
		receiving: pattern(`\r\n?`, "\r\n"),
		fails:     []string{"rfc9112-2.2-cr-ends-no-line", "rfc9112-2.2-*"},
	},
	{
		name:      "skips field lines without a colon",
		receiving: pattern(`(?i)\r\nX-Probe(\r\n)`, "$1"),
		fails:     []string{"rfc9112-2.2-field-without-colon"},
	},
	{
		name:      "skips field lines without a name",
		receiving: pattern(`\r\n:[^\r]*`, ""),
		fails:     []string{"rfc9112-2.2-field-without-name"},
	},
	{
		name:      "makes hyphens of what is in no token",
		receiving: pattern(`(\nX)[^A-Za-z:-](Probe:)`, "$1-$2"),
		fails:     []string{"rfc9112-2.2-field-name-comma", "rfc9112-2.2-field-name-*"},
	},
	{
		name:      "trims lines before it looks at them",
		receiving: pattern(`\n[ \t]+`, "\n"),
		fails:     []string{"rfc9112-2.2-space-before-host", "rfc9112-5.2-*", "rfc9112-2.2-*", "rfc9112-7.1-size-leading-space"},
	},
	{
		name:      "cuts userinfo off",
		receiving: pattern(`(http://)[^@/ ]*@`, "$1"),
		fails:     []string{"rfc9110-4.2.4-userinfo"},
	},
	{
		name:      "splits the request-line at the white space of Latin-1",
		receiving: replace("\xa0", " "),
		with:      []string{"rfc9110-5.5-no-break-space-around"},
		fails:     []string{"rfc9112-3-no-break-space", "rfc9112-3.2-host-no-break-space", "rfc9110-5.5-no-break-space-around", "rfc9112-6.3-length-nbsp"},
	},
	{
		name:      "splits lines as str.splitlines() does",
		receiving: replace("\x85", "\r\n"),
		with:      []string{"rfc9112-2.2-octets-next-line"},
		fails:     []string{"rfc9112-2.2-octets-next-line"},
	},
	{
		name:      "writes methods in upper case",
		receiving: pattern(`^get `, "GET "),
		with:      []string{"rfc9112-3.1-case"},
		fails:     []string{"rfc9112-3.1-case"},
	},
	{
		name:      "takes // for the beginning of an authority",
		receiving: pattern(`^GET //[^/ ]+`, "GET "),
		with:      []string{"rfc9112-3.2.1-two-slashes"},
		fails:     []string{"rfc9112-3.2.1-two-slashes"},
	},
	{
		name:      "believes Host rather than the target",
		receiving: pattern(`^GET http://[^/: ]+(:\d+)?/`, "GET /"),
		with:      []string{"rfc9112-3.2.2-instead-of-host"},
		fails:     []string{"rfc9112-3.2.2-instead-of-host", "rfc9112-3.2.2-*"},
	},
	{
		name:      "keeps the last of several fields with one name",
		receiving: pattern(`X-Probe: [^\r]*\r\n((?s:.*)X-Probe: )`, "$1"),
		with:      []string{"rfc9110-5.2-repeated"},
		fails:     []string{"rfc9110-5.2-repeated"},
	},
	{
		name:      "makes one variable of X_Probe and X-Probe",
		receiving: replace("X_Probe", "X-Probe"),
		with:      []string{"pep3333-underscore-name"},
		fails:     []string{"pep3333-underscore-name"},
	},
	{
		name:      "lets a field set the path",
		receiving: pattern(`^(GET )/environ((?s:.*)Path-Info: )(/\S*)`, "$1$3/environ$2$3"),
		with:      []string{"pep3333-field-path"},
		fails:     []string{"pep3333-field-path"},
	},
}

// answerEnviron answers as much of /environ as the probes of the head ask for.
func answerEnviron(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	type entry struct {
		Value string `json:"value"`
	}
	entries := map[string]entry{}
	for _, v := range environ.Variables {
		entries[wsgi.Latin1(v.Name)] = entry{wsgi.Latin1(v.Value)}
	}
	text, err := json.Marshal(map[string]any{"environ": entries})
	if err != nil {
		return nil, err
	}
	if _, err := startResponse("200 OK", nil, nil); err != nil {
		return nil, err
	}
	return native.Body(string(text)), nil
}

func asksForEnviron(e *wsgi.Environ) bool { return strings.Contains(e.Value("PATH_INFO"), "environ") }
