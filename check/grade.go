package check

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Matter is what it is about that some probes test: why one would care.
type Matter struct {
	Name  string // smuggling
	What  string
	files []string // of probes
}

// matters are in the order of what an attacker can do with them. Every file of probes is in one of them.
var matters = []Matter{
	{"smuggling", "where a request ends: who reads it differently from the proxy in front carries out another one", []string{
		"smuggling", "rfc9112_2_message", "rfc9112_5_fields", "rfc9112_6_content_length", "rfc9112_6_transfer_encoding",
		"rfc9112_7_chunked", "rfc9112_8_incomplete", "rfc9112_9_after_error"}},
	{"splitting", "what an application may put into the head of a response", []string{"pep3333_splitting"}},
	{"framing", "where a response ends, and whether the connection goes on", []string{
		"pep3333_framing", "pep3333_length", "rfc9110_response", "rfc9110_expect", "rfc9112_9_connections"}},
	{"WSGI contract", "what PEP 3333 promises the application", []string{
		"pep3333_close", "pep3333_environ", "pep3333_environ_spoofing", "pep3333_errors", "pep3333_errors_stream", "pep3333_exc_info",
		"pep3333_file_wrapper", "pep3333_first", "pep3333_input", "pep3333_iterable", "pep3333_start_response", "pep3333_threads",
		"pep3333_types", "pep3333_unicode", "pep3333_write"}},
	{"requests", "request-line, target, version and Host", []string{
		"rfc9110_6_2_version", "rfc9110_semantics", "rfc9112_2_3_version", "rfc9112_3_host", "rfc9112_3_request_line", "rfc9112_3_request_target"}},
	{"robustness", "what is large, slow or deadly", []string{"limits", "slow", "survival"}},
}

// Matter is the name of what a probe is about.
func (p *Probe) Matter() string {
	file := strings.TrimSuffix(p.file, ".toml")
	i := slices.IndexFunc(matters, func(m Matter) bool { return slices.Contains(m.files, file) })
	if i < 0 {
		return ""
	}
	return matters[i].Name
}

// Mark is how a server does in one matter.
type Mark struct {
	Matter     string `json:"matter"`
	Grade      string `json:"grade"`
	Must       int    `json:"must"`   // rules with this keyword that were tested and told something
	Should     int    `json:"should"` // the same
	MustFail   int    `json:"must_failed"`
	ShouldFail int    `json:"should_failed"`
	CannotTell int    `json:"cannot_tell"`
}

// The shares of the MUSTs that fail up to which the grade is C and D.
const (
	shareC = 0.05
	shareD = 0.20
)

// grade is A where nothing fails that is a MUST or a SHOULD, B where no MUST fails, then C, D and E by the share of the
// MUSTs that fail; none where nothing was tested.
func (m *Mark) grade() string {
	share := float64(m.MustFail) / float64(max(m.Must, 1))
	switch {
	case m.Must+m.Should == 0:
		return "-"
	case m.MustFail+m.ShouldFail == 0:
		return "A"
	case m.MustFail == 0:
		return "B"
	case share <= shareC:
		return "C"
	case share <= shareD:
		return "D"
	}
	return "E"
}

func (m *Mark) count(r Result) {
	failed := 0
	switch r.Outcome {
	case Skipped:
		return
	case CannotTell:
		m.CannotTell++
		return
	case Failed:
		failed = 1
	}
	switch r.Probe.Keyword {
	case "MUST":
		m.Must, m.MustFail = m.Must+1, m.MustFail+failed
	case "SHOULD":
		m.Should, m.ShouldFail = m.Should+1, m.ShouldFail+failed
	}
}

// Marks are the marks of a server in the matters that were tested, and the worst of their grades.
func Marks(results []Result) (marks []Mark, grade string) {
	grade = "-"
	for _, matter := range matters {
		m := Mark{Matter: matter.Name}
		for _, r := range results {
			if r.Probe.Matter() == matter.Name {
				m.count(r)
			}
		}
		if m.Must+m.Should+m.CannotTell == 0 {
			continue
		}
		m.Grade = m.grade()
		marks = append(marks, m)
		grade = max(grade, m.Grade)
	}
	return marks, grade
}

// writeMarks writes the grade as one would quote it, and what it is made of.
func writeMarks(w io.Writer, results []Result) {
	marks, grade := Marks(results)
	if len(marks) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%-52s %12s %12s %12s %12s\n", "failed/tested", "MUST", "SHOULD", "cannot tell", "grade")
	var parts []string
	for _, m := range marks {
		fmt.Fprintf(w, "%-52s %12s %12s %12s %12s\n", m.Matter, fmt.Sprintf("%d/%d", m.MustFail, m.Must),
			fmt.Sprintf("%d/%d", m.ShouldFail, m.Should), number(m.CannotTell), m.Grade)
		parts = append(parts, m.Matter+" "+m.Grade)
	}
	fmt.Fprintf(w, "\ngrade %s (%s)\n", grade, strings.Join(parts, ", "))
}
