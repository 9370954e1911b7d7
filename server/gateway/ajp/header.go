package ajp

import (
	"strconv"

	"glasswsgi/parser"
	"glasswsgi/server/gateway/token"
)

var (
	nameUnknown      = token.Rule{Name: "req_header_name: unknown code", Spec: specRequest, Status: 400}
	nameLong         = token.Rule{Name: "req_header_name: too long", Spec: specRequest, Status: 400}
	codingUnknown    = token.Rule{Name: "transfer-encoding: not chunked", Spec: "RFC 9112 §6.1", Status: 501}
	codingAndLength  = token.Rule{Name: "transfer-encoding: together with content-length", Spec: "RFC 9112 §6.3", Status: 400}
	lengthEmpty      = token.Rule{Name: "content-length: empty", Spec: specRequest, Status: 400}
	attributeUnknown = token.Rule{Name: "attribute_name: unknown code", Spec: specRequest, Status: 400}
	noStoredMethod   = token.Rule{Name: "stored_method: missing", Spec: specRequest, Status: 400}
	methodTwice      = token.Rule{Name: "stored_method: the method has come", Spec: specRequest, Status: 400}
)

// nextHeader reads a request header.
//
//	req_header_name  = sc_req_header_name / string
//	req_header_value = string                                                    (AJPv13 "Request Packet Structure")
//
// A value that is null is empty: lighttpd sends empty ones so.
func (d *Decoder) nextHeader() (token.Event, *parser.SyntaxError) {
	name, there, err := d.headerName()
	if err != nil || !there {
		return token.Event{}, err
	}
	value, there, err := d.textAt(name.end)
	if err != nil || !there {
		return token.Event{}, err
	}
	if err := d.checkHeader(name.value, value.value, name.end); err != nil {
		return token.Event{}, err
	}
	event, err := d.variable("req_header", value.end, token.Variable{Name: name.value, Value: value.value, Field: true, Wire: value.wire})
	if err != nil {
		return token.Event{}, err
	}
	if d.headers--; d.headers == 0 {
		d.state = expectAttribute
	}
	return event, nil
}

// headerName reads a name, or the code of a common one.
func (d *Decoder) headerName() (t text, there bool, err *parser.SyntaxError) {
	code, there, err := d.integerAt(0)
	switch {
	case err != nil || !there:
		return text{}, false, err
	case code>>8 == codedName:
		if code &= 0xFF; code == 0 || code >= len(requestNames) {
			return text{}, false, d.Refuse(nameUnknown, 0)
		}
		return text{value: requestNames[code], end: integerSize}, true, nil
	case code > longestName:
		return text{}, false, d.Refuse(nameLong, 0)
	}
	return d.textAt(0)
}

// checkHeader finds out how long the content is: "If it is present and non-zero, the container assumes that the request
// has a body, and immediately reads a separate packet" (AJPv13 "Headers"). A chunked content has no length, and only
// comes where it is asked for.
func (d *Decoder) checkHeader(name, value string, valueAt int) *parser.SyntaxError {
	switch {
	case parser.EqualFold([]byte(name), "content-length"):
		d.hasLength = true
		if value == "" {
			return d.Refuse(lengthEmpty, valueAt)
		}
		if err := d.request.SetLength(&d.Buffer, value); err != nil {
			return err
		}
	case parser.EqualFold([]byte(name), "transfer-encoding"):
		d.chunked = true
		if !parser.EqualFold([]byte(value), "chunked") {
			return d.Refuse(codingUnknown, valueAt)
		}
	}
	if d.chunked && d.hasLength {
		return d.Refuse(codingAndLength, 0)
	}
	return nil
}

// nextAttribute reads an attribute, or the terminator of the packet.
//
//	attribute_name  = sc_a_name / ( sc_a_req_attribute string )
//	attribute_value = string                                                     (AJPv13 "Request Packet Structure")
func (d *Decoder) nextAttribute() (token.Event, *parser.SyntaxError) {
	code, there, err := d.byteAt(0)
	switch {
	case err != nil || !there:
		return token.Event{}, err
	case code == attributesDone:
		return d.endRequest()
	}
	known, ok := attributes[code]
	if !ok {
		return token.Event{}, d.Refuse(attributeUnknown, 0)
	}
	if code == attributeKeySize {
		size, there, err := d.integerAt(1)
		if err != nil || !there {
			return token.Event{}, err
		}
		wire := parser.Span{Start: d.Offset() + 1, End: d.Offset() + 1 + integerSize}
		return d.variable(known.name, 1+integerSize, token.Variable{Name: known.variable, Value: strconv.Itoa(size), Wire: wire})
	}
	return d.nextTextAttribute(code, known)
}

// nextTextAttribute reads an attribute whose value is a string.
func (d *Decoder) nextTextAttribute(code byte, known attribute) (token.Event, *parser.SyntaxError) {
	valueAt, variable := 1, known.variable
	if code == attributeRequest {
		name, there, err := d.textAt(1)
		switch {
		case err != nil || !there:
			return token.Event{}, err
		case name.null:
			return token.Event{}, d.Refuse(stringNull, 1)
		}
		valueAt, variable = name.end, name.value
	}
	value, there, err := d.textAt(valueAt)
	switch {
	case err != nil || !there:
		return token.Event{}, err
	case known.variable == "REQUEST_METHOD":
		switch {
		case !d.stored:
			return token.Event{}, d.Refuse(methodTwice, 0)
		case value.null:
			return token.Event{}, d.Refuse(stringNull, 0)
		}
		d.stored = false
	case value.null, variable == "" && code != attributeRequest:
		return d.take(token.GotFrame, known.name, value.end), nil
	}
	return d.variable(known.name, value.end, token.Variable{Name: variable, Value: value.value, Wire: value.wire})
}

// endRequest reads the terminator, which must be the last byte of the packet.
func (d *Decoder) endRequest() (token.Event, *parser.SyntaxError) {
	switch {
	case d.left > 1:
		return token.Event{}, d.Refuse(packetLong, 0)
	case d.stored:
		return token.Event{}, d.Refuse(noStoredMethod, 0)
	}
	event := d.take(token.GotFrame, "request_terminator", 1)
	d.Due(token.GotHead, "Forward Request", specRequest, nil)
	if d.chunked {
		d.request.Length = token.Unknown
	}
	d.asked = d.request.Length > 0
	d.continueContent()
	return event, nil
}
