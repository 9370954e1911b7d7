package ajp

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"glasswsgi/server/gateway/token"
)

var prefixNames = map[byte]string{
	forwardRequest: "Forward Request", sendBodyChunk: "Send Body Chunk", sendHeaders: "Send Headers", endResponse: "End Response",
	getBodyChunk: "Get Body Chunk", cPong: "CPong Reply", cPing: "CPing",
}

// Describe says what a token of either direction means, for people; "" where its bytes say it themselves.
func Describe(e token.Event) string {
	switch {
	case e.Kind == token.GotVariable:
		return e.Variable.Name + "=" + e.Variable.Value
	case e.Name == "packet header":
		return fmt.Sprintf("%d bytes", binary.BigEndian.Uint16(e.Data[2:]))
	case e.Name == "prefix_code":
		return prefixNames[e.Data[0]]
	case e.Name == "reuse":
		return fmt.Sprint(e.Data[0] == 1)
	case e.Name == "res_header":
		name, value, _ := parseResponseHeader(e.Data)
		return name + ": " + value
	case e.Name == "http_status_msg":
		return string(e.Data[integerSize : len(e.Data)-1])
	case integers[e.Name]:
		return fmt.Sprint(binary.BigEndian.Uint16(e.Data))
	case e.Kind == token.GotFrame && bytes.HasSuffix(e.Data, []byte("\xff\xff")):
		return "null"
	}
	return ""
}

// integers are the tokens that are a number in two bytes.
var integers = map[string]bool{
	"num_headers": true, "Data size": true, "chunk_length": true, "requested_length": true, "http_status_code": true,
}

var notAnswer = token.Rule{Name: "prefix_code: not one that an application sends", Spec: specPacket}

// ExplainResponse finds the tokens in whole packets that an application sends, the first of which begins at a byte of the
// response.
func ExplainResponse(packets []byte, start int) (tokens []token.Event, err error) {
	in := token.StreamAt(start, packets)
	add := func(name string, n int) {
		tokens = append(tokens, in.Token(token.GotFrame, name, specResponse, n))
	}
	for in.Len() > 0 {
		length, ok := wholePacket(in.Unread())
		if !ok {
			return tokens, in.Refuse(packetCut, in.Len())
		}
		add("packet header", headerSize)
		payload := in.Unread()[:length]
		add("prefix_code", 1)
		switch payload[0] {
		case cPong:
		case getBodyChunk:
			add("requested_length", integerSize)
		case endResponse:
			add("reuse", 1)
		case sendBodyChunk:
			add("chunk_length", integerSize)
			tokens = append(tokens, in.Token(token.GotContent, "chunk", specResponse, length-1-integerSize-1))
			add("NUL", 1)
		case sendHeaders:
			explainHead(payload, in, add)
		default:
			return tokens, in.Refuse(notAnswer, 0)
		}
	}
	return tokens, nil
}

// wholePacket returns the length of the packet at the front, if all of it is there.
func wholePacket(b []byte) (length int, ok bool) {
	if len(b) < headerSize || string(b[:2]) != fromApplication {
		return 0, false
	}
	length = int(binary.BigEndian.Uint16(b[2:]))
	return length, length > 0 && len(b) >= headerSize+length
}

// explainHead finds the tokens of Send Headers, behind its prefix code.
func explainHead(payload []byte, in *token.Stream, add func(name string, n int)) {
	add("http_status_code", integerSize)
	add("http_status_msg", textSize(payload[1+integerSize:]))
	n := int(binary.BigEndian.Uint16(in.Unread()))
	add("num_headers", integerSize)
	for range n {
		_, _, size := parseResponseHeader(in.Unread())
		add("res_header", size)
	}
}

// textSize is how many bytes a string has with its length and its NUL.
func textSize(b []byte) int { return integerSize + int(binary.BigEndian.Uint16(b)) + 1 }

// parseResponseHeader reads a header of ours.
func parseResponseHeader(b []byte) (name, value string, size int) {
	if b[0] == codedName {
		name, size = responseNames[b[1]], integerSize
	} else {
		size = textSize(b)
		name = string(b[integerSize : size-1])
	}
	end := size + textSize(b[size:])
	return name, string(b[size+integerSize : end-1]), end
}
