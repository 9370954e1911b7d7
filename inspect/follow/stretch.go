package follow

import "glasswsgi/parser"

// stretch is text that lies in one piece, or in several, in a message: a body in chunks, or in blocks.
type stretch struct {
	text  []byte
	spans []parser.Span // of the message, in order; together as long as text
}

func stretchOf(message []byte, spans []parser.Span) (s stretch) {
	for _, span := range spans {
		span.End = min(span.End, len(message), span.Start+MaxLooked-len(s.text))
		if span.Len() > 0 {
			s.text = append(s.text, message[span.Start:span.End]...)
			s.spans = append(s.spans, span)
		}
	}
	return s
}

// wire is where a part of the text lies in the message, with what is between its pieces.
func (s stretch) wire(start, end int) parser.Span {
	return parser.Span{Start: s.at(start), End: s.at(end-1) + 1}
}

func (s stretch) at(offset int) int {
	for _, span := range s.spans {
		if offset < span.Len() {
			return span.Start + offset
		}
		offset -= span.Len()
	}
	return 0
}
