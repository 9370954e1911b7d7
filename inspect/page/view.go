package page

import (
	"slices"
	"strings"
	"time"

	"glasswsgi/inspect/follow"
	"glasswsgi/inspect/hub"
	"glasswsgi/inspect/relatives"
)

// View is what the page shows of one exchange: the recording, and what can be derived from it.
type View struct {
	Exchange *hub.Exchange `json:"exchange"`
	Status   string        `json:"status,omitempty"` // as it was sent
	Request  []Token       `json:"request"`
	Response []Token       `json:"response"`
	Stages   []StageTime   `json:"stages"`
	Took     time.Duration `json:"took_ns"` // stops not included
	// Rules say, by its name, where the rule stands that made a variable of the environ.
	Rules map[string]string `json:"rules"`
	// Trails are the values that were found again: in variables of the application, and in the response.
	Trails []follow.Trail `json:"trails,omitempty"`
	// WithoutHTTP: a web server has sent it by another protocol, so that there is no HTTP to send again, or to save.
	WithoutHTTP bool `json:"without_http,omitempty"`
	// Relatives say the request in other words: in recordings only, a page that has a server asks for them.
	Relatives []relatives.Form `json:"relatives,omitempty"`
}

// StageTime is one box of the pipeline.
type StageTime struct {
	Stage string        `json:"stage"`
	Took  time.Duration `json:"took_ns"` // stops not included
	Steps []int         `json:"steps"`   // indexes
}

// ViewOf derives a view from a snapshot.
func ViewOf(x *hub.Exchange) *View {
	v := &View{Exchange: x, WithoutHTTP: withoutHTTP(x), Status: statusOf(x), Request: requestTokens(x), Response: responseTokens(x), Stages: stageTimes(x), Took: runTime(x), Rules: map[string]string{}}
	v.Trails = follow.Of(x)
	v.Request, v.Response = cutAtTrails(v.Request, v.Response, v.Trails)
	for _, variable := range x.Environ {
		v.Rules[variable.Name] = variableRule(variable.Name)
	}
	return v
}

// stageTimes give the time from one step to the next to a stage. It belongs to the step that it follows, except that
// waiting for bytes is the receiving of those, and what passes before the application says something, or comes to its
// end, is the call. What bytes took to leave is sending. The server's own step close() ends what was before it.
func stageTimes(x *hub.Exchange) []StageTime {
	times := make([]StageTime, len(hub.Stages))
	for i, stage := range hub.Stages {
		times[i] = StageTime{Stage: stage, Steps: []int{}}
	}
	for i, step := range x.Steps {
		at := slices.Index(hub.Stages, step.Stage)
		if at < 0 {
			continue
		}
		times[at].Steps = append(times[at].Steps, i)
		if i == 0 {
			continue
		}
		before := x.Steps[i-1]
		if step.Stage != "receive" && step.Stage != "call" || before.Stage == "environ" || step.Name == "close()" {
			at = slices.Index(hub.Stages, before.Stage)
		}
		if x.Outside != nil && before.Side != "response" && step.Side == "response" { // the other server was at work
			at = slices.Index(hub.Stages, "call")
		}
		if before.Stage == "send" && (step.Stage == "send" || step.Name == "close()") {
			at = slices.Index(hub.Stages, "call")
		}
		took := step.At - before.At - before.Held
		sending := min(step.Sending, max(took, 0))
		times[slices.Index(hub.Stages, "send")].Took += sending
		if took -= sending; took > 0 && at >= 0 {
			times[at].Took += took
		}
	}
	return times
}

// runTime is the time of all stages.
func runTime(x *hub.Exchange) (sum time.Duration) {
	for _, s := range stageTimes(x) {
		sum += s.Took
	}
	return sum
}

// statusOf is the status of the final status-line that was sent: "200 OK". What is sent without HTTP may have none, and says
// the same in other words.
func statusOf(x *hub.Exchange) string {
	for _, step := range slices.Backward(x.Steps) {
		if step.Name == "status-line" {
			_, status, _ := strings.Cut(strings.TrimSpace(step.Text), " ")
			return status
		}
	}
	if x.Head != nil && x.Response.Length > 0 && withoutHTTP(x) {
		return x.Head.Status
	}
	return ""
}

// variableRules are the sections that define the variables of the environ.
var variableRules = map[string]string{
	"REQUEST_METHOD": "RFC 3875 §4.1.12", "SCRIPT_NAME": "RFC 3875 §4.1.13", "PATH_INFO": "RFC 3875 §4.1.5",
	"QUERY_STRING": "RFC 3875 §4.1.7", "SERVER_PROTOCOL": "RFC 3875 §4.1.16", "SERVER_NAME": "RFC 3875 §4.1.14",
	"SERVER_PORT": "RFC 3875 §4.1.15", "SERVER_SOFTWARE": "RFC 3875 §4.1.17", "GATEWAY_INTERFACE": "RFC 3875 §4.1.4",
	"REMOTE_ADDR": "RFC 3875 §4.1.8", "CONTENT_TYPE": "RFC 3875 §4.1.3", "CONTENT_LENGTH": "RFC 3875 §4.1.2",
}

func variableRule(name string) string {
	switch rule := variableRules[name]; {
	case rule != "":
		return rule
	case strings.HasPrefix(name, "HTTP_"):
		return "RFC 3875 §4.1.18"
	}
	return `PEP 3333 "environ Variables"`
}
