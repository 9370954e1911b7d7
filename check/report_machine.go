package check

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// writtenTurn is an Event as it is written down: code point n of a text is byte n.
type writtenTurn struct {
	On       string `json:"on,omitempty"`
	Sent     string `json:"sent,omitempty"`
	Received string `json:"received,omitempty"`
	More     int    `json:"more,omitempty"` // bytes that are not here
	Note     string `json:"note,omitempty"`
}

func written(e Event) writtenTurn {
	turn := writtenTurn{On: e.On, More: e.More, Note: e.Note.String()}
	switch e.Kind {
	case Sent:
		turn.Sent = latin1(e.Bytes)
	case Received:
		turn.Received = latin1(e.Bytes)
	}
	return turn
}

// WriteJSON writes the results as one JSON document. Bytes are texts in which code point n is byte n.
func WriteJSON(w io.Writer, t Target, results []Result) error {
	type result struct {
		ID      string        `json:"id"`
		Matter  string        `json:"matter"`
		Rule    string        `json:"rule"`
		Keyword string        `json:"keyword"`
		What    string        `json:"what"`
		Outcome Outcome       `json:"outcome"`
		Seconds float64       `json:"seconds"`
		Wrong   string        `json:"wrong,omitempty"`
		Events  []writtenTurn `json:"events,omitempty"`
	}
	all := struct {
		Address     string   `json:"address"`
		Application bool     `json:"application"`
		Grade       string   `json:"grade"`
		Marks       []Mark   `json:"marks"`
		Results     []result `json:"results"`
	}{t.Address, t.Application, "", nil, []result{}}
	all.Marks, all.Grade = Marks(results)
	for _, r := range results {
		one := result{r.Probe.ID, r.Probe.Matter(), r.Probe.Rule, r.Probe.Keyword, r.Probe.What, r.Outcome, r.Duration.Seconds(), "", nil}
		if r.Err != nil {
			one.Wrong = r.Err.Error()
			for _, e := range r.Events {
				one.Events = append(one.Events, written(e))
			}
		}
		all.Results = append(all.Results, one)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(all)
}

// WriteJUnit writes the results in the format that CI systems read. A rule that is no MUST fails there too.
func WriteJUnit(w io.Writer, results []Result) error {
	type message struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	type testcase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		Time    string   `xml:"time,attr"`
		Failure *message `xml:"failure,omitempty"`
		Skipped *message `xml:"skipped,omitempty"`
	}
	suite := struct {
		XMLName  xml.Name   `xml:"testsuite"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Cases    []testcase `xml:"testcase"`
	}{Name: "glass check", Tests: len(results)}
	for _, r := range results {
		c := testcase{Class: r.Probe.Group() + " " + r.Probe.Keyword, Name: r.Probe.ID, Time: fmt.Sprintf("%.3f", r.Duration.Round(time.Millisecond).Seconds())}
		switch r.Outcome {
		case Failed:
			suite.Failures++
			var b strings.Builder
			reportFailure(&b, r)
			c.Failure = &message{r.Err.Error(), b.String()}
		case Skipped:
			suite.Skipped++
			c.Skipped = &message{Message: "it needs the probe application"}
		case CannotTell:
			suite.Skipped++
			c.Skipped = &message{Message: r.Err.Error()}
		}
		suite.Cases = append(suite.Cases, c)
	}
	io.WriteString(w, xml.Header)
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	return encoder.Encode(suite)
}
