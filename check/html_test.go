package check

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"testing"
)

// TestHTML: the page has what was sent and received, packed, and nothing of it in its HTML; its policy permits its own script.
func TestHTML(t *testing.T) {
	probe := &Probe{ID: "rfc9112-2.2-test", Rule: "RFC 9112 §2.2", Keyword: "MUST", What: "<b>what</b>", Why: "why", Hint: "hint", file: "rfc9112_2_message.toml"}
	long := strings.Repeat("x", pageKept+10)
	result := Result{Probe: probe, Outcome: Failed, Err: &Failure{Text: say("wrong")}, Events: []Event{
		{Kind: Sent, Bytes: []byte("GET /\xff\r\n")}, {Kind: Received, Bytes: []byte("</script><script>alert(1)</script>" + long)}, {Kind: Note, Note: say("closed")},
	}}
	var out bytes.Buffer
	if err := WriteHTML(&out, "<i>title</i>", []*Probe{probe}, []*Peer{{Name: "one", Found: "1.0", Results: []Result{result}}}); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	if strings.Contains(page, "alert(1)") || strings.Contains(page, "<i>title") || strings.Contains(page, "<b>what") {
		t.Error("what came from outside is HTML in the page")
	}
	script := regexp.MustCompile(`(?s)<script>(.*?)</script>`).FindStringSubmatch(page)[1]
	policy := html.UnescapeString(regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1])
	if !strings.Contains(policy, sourceHash(script)) {
		t.Errorf("the policy %s does not permit the script", policy)
	}
	packed, err := base64.StdEncoding.DecodeString(regexp.MustCompile(`id="data">([^<]*)<`).FindStringSubmatch(page)[1])
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	var data pageData
	if err := json.NewDecoder(unpacked).Decode(&data); err != nil {
		t.Fatal(err)
	}
	server := data.Servers[0]
	events := server.Results[0].Events
	if server.Grade != "E" || server.Results[0].Wrong != "wrong" || events[0].Sent != "GET /ÿ\r\n" || events[1].More != 44 || events[2].Note != "closed" {
		t.Errorf("%+v", server)
	}
}

// TestGrades: the worst matter makes the grade, and what cannot tell counts for nothing.
func TestGrades(t *testing.T) {
	must := &Probe{Keyword: "MUST", file: "smuggling.toml"}
	should := &Probe{Keyword: "SHOULD", file: "pep3333_splitting.toml"}
	may := &Probe{Keyword: "MAY", file: "pep3333_splitting.toml"}
	many := func(passed, failed int) (all []Result) {
		for range passed {
			all = append(all, Result{Probe: must, Outcome: Passed})
		}
		for range failed {
			all = append(all, Result{Probe: must, Outcome: Failed})
		}
		return all
	}
	for want, results := range map[string][]Result{
		"A": append(many(3, 0), Result{Probe: may, Outcome: Failed}, Result{Probe: must, Outcome: CannotTell}, Result{Probe: should, Outcome: Passed}),
		"B": append(many(3, 0), Result{Probe: should, Outcome: Failed}),
		"C": many(95, 5), "D": many(80, 20), "E": many(79, 21), "-": {{Probe: must, Outcome: Skipped}},
	} {
		if _, got := Marks(results); got != want {
			t.Errorf("grade %s, and should be %s", got, want)
		}
	}
}
