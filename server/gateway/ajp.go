package gateway

import (
	"strconv"
	"strings"

	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway/ajp"
	"glasswsgi/server/gateway/token"
)

// ajp13 is AJP, which has packets of its own for everything.
type ajp13 struct{ *ajp.Decoder }

func speakAJP(limits token.Limits, _ *front.Config) dialect { return &ajp13{ajp.New(limits)} }

func (d *ajp13) canAnswer() bool { return true }

func (d *ajp13) appendHead(b []byte, status string, fields []wsgi.Header) ([]byte, error) {
	code, _ := strconv.Atoi(status[:3])
	head := ajp.BeginHead(b, code, strings.TrimPrefix(status[3:], " "))
	for _, field := range fields {
		head.Add(field.Name, field.Value)
	}
	return head.End()
}

func (d *ajp13) appendBody(b, block []byte) []byte    { return ajp.AppendSendBodyChunk(b, block) }
func (d *ajp13) appendEnd(b []byte, keep bool) []byte { return ajp.AppendEndResponse(b, keep) }

func (d *ajp13) explain(b []byte, start int) []token.Event {
	tokens, _ := ajp.ExplainResponse(b, start) // which we have made
	return tokens
}

func (d *ajp13) describe(e token.Event) string { return ajp.Describe(e) }
func (d *ajp13) spec() string                  { return `AJPv13 "Basic Packet Structure"` }
