package front

import (
	"strings"

	"glasswsgi/parser"
)

var errForwardedSyntax = &parser.SyntaxError{Rule: "Forwarded: broken", Spec: "RFC 7239 §4", Status: 400}

// deFactoHops reads the X-Forwarded-* fields, which no standard describes: a list in each, the latest proxy's entry last.
// A list that is shorter than X-Forwarded-For's was written by the first proxy alone.
func deFactoHops(r *parser.Request) []hop {
	nodes := listOf(r, "X-Forwarded-For")
	hosts, protos, ports := listOf(r, "X-Forwarded-Host"), listOf(r, "X-Forwarded-Proto"), listOf(r, "X-Forwarded-Port")
	prefixes := listOf(r, "X-Forwarded-Prefix")
	if len(hosts)+len(protos)+len(ports)+len(prefixes) > 0 && len(nodes) == 0 {
		nodes = []said{{}}
	}
	hops := make([]hop, len(nodes))
	for i := range hops {
		fromTheRight := len(nodes) - 1 - i
		entry := func(list []said) said {
			if len(list) == 0 {
				return said{}
			}
			return list[max(0, len(list)-1-fromTheRight)]
		}
		hops[i] = hop{nodes[i], entry(hosts), entry(protos), entry(ports), entry(prefixes)}
	}
	return hops
}

// listOf is the elements of a field's value, of all its lines (RFC 9110 §5.6.1).
func listOf(r *parser.Request, name string) (list []said) {
	for _, field := range r.Fields {
		if !strings.EqualFold(r.Text(field.Name), name) {
			continue
		}
		at := field.Value.Start
		for element := range strings.SplitSeq(r.Text(field.Value), ",") {
			trimmed := strings.TrimLeft(element, " \t")
			start := at + len(element) - len(trimmed)
			trimmed = strings.TrimRight(trimmed, " \t")
			if trimmed != "" {
				list = append(list, said{trimmed, parser.Span{Start: start, End: start + len(trimmed)}})
			}
			at += len(element) + len(",")
		}
	}
	return list
}

// parseForwarded reads the field of RFC 7239 §4, of all its lines:
//
//	Forwarded         = 1#forwarded-element
//	forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )
//	forwarded-pair    = token "=" value
//	value             = token / quoted-string
func parseForwarded(r *parser.Request) (hops []hop, err error) {
	for _, field := range r.Fields {
		if !strings.EqualFold(r.Text(field.Name), "Forwarded") {
			continue
		}
		text, at := r.Text(field.Value), 0
		current, empty := hop{}, true
		for at < len(text) {
			switch text[at] {
			case ',':
				if !empty {
					hops = append(hops, current)
				}
				current, empty = hop{}, true
				at++
				continue
			case ';', ' ', '\t':
				at++
				continue
			}
			name, value, next := parsePair(text, at)
			if next < 0 {
				return nil, errForwardedSyntax
			}
			value.wire.Start += field.Value.Start
			value.wire.End += field.Value.Start
			current.set(name, value)
			at, empty = next, false
		}
		if !empty {
			hops = append(hops, current)
		}
	}
	return hops, nil
}

func (h *hop) set(name string, value said) {
	switch strings.ToLower(name) {
	case "for":
		h.node = value
	case "host":
		h.host = value
	case "proto":
		h.proto = value
	}
}

// parsePair reads a forwarded-pair at a place of a text, and says where it ends: -1 where it is broken.
func parsePair(text string, at int) (name string, value said, next int) {
	equals := strings.IndexByte(text[at:], '=')
	if equals <= 0 || !parser.IsToken(text[at:at+equals]) {
		return "", said{}, -1
	}
	name, at = text[at:at+equals], at+equals+1
	if at < len(text) && text[at] == '"' {
		return quotedValue(name, text, at+1)
	}
	end := at
	for end < len(text) && strings.IndexByte(",; \t", text[end]) < 0 {
		end++
	}
	if !parser.IsToken(text[at:end]) {
		return "", said{}, -1
	}
	return name, said{text[at:end], parser.Span{Start: at, End: end}}, end
}

// quotedValue reads a quoted-string (RFC 9110 §5.6.4) after its opening quote.
func quotedValue(name, text string, start int) (string, said, int) {
	var b strings.Builder
	for at := start; at < len(text); at++ {
		switch text[at] {
		case '"':
			next := at + 1
			if next < len(text) && strings.IndexByte(",; \t", text[next]) < 0 {
				return "", said{}, -1
			}
			return name, said{b.String(), parser.Span{Start: start, End: at}}, next
		case '\\':
			if at++; at == len(text) {
				return "", said{}, -1
			}
		}
		b.WriteByte(text[at])
	}
	return "", said{}, -1
}
