package learn

import (
	"regexp"
	"strings"

	"glasswsgi/tutorial"
)

// fold breaks the lines of a text at a width, between words and between Chinese characters; 0 leaves them as they are.
// What goes on stands below what it goes on with.
func fold(text string, width int) string {
	if width <= 0 {
		return text
	}
	var out strings.Builder
	for line := range strings.Lines(text) {
		if _, bytes := tutorial.Label(line); bytes || verbatim.MatchString(line) {
			out.WriteString(line)
			continue
		}
		foldLine(&out, line, width)
	}
	return out.String()
}

var (
	// verbatim is what somebody compares byte by byte, or copies.
	verbatim = regexp.MustCompile(`^ *(?:[<>*$] |[~ ]+$)`)
	// hanging is what the rest of a line stands behind: an indent, with a short label, a mark or a number.
	hanging = regexp.MustCompile(`^ +\p{L}{1,6}(?:: +|： *)|^ *(?:[-✓✗➜?] |\d+(?:  |[.)] ))?`)
)

func foldLine(out *strings.Builder, line string, width int) {
	indent := columns(hanging.FindString(line))
	if indent > width*2/3 {
		indent = 0
	}
	left := width
	for columns(strings.TrimRight(line, "\n")) > left {
		at := breakAt(line, left)
		if at == 0 {
			break // one word, longer than the line
		}
		out.WriteString(strings.TrimRight(line[:at], " ") + "\n" + strings.Repeat(" ", indent))
		line, left = strings.TrimLeft(line[at:], " "), width-indent
	}
	out.WriteString(line)
}

// No line begins with what closes, and none ends with what opens.
const (
	closing = "，。：；、！？）」》”…,.:;!?)"
	opening = "（「《“("
)

// breakAt is where the longest beginning of a line ends that is not wider than width; where there is none, the shortest;
// 0 if there is no place at all.
func breakAt(line string, width int) (best int) {
	column, before, word := 0, ' ', false
	for i, r := range line {
		between := before == ' ' || wide(before) || wide(r)
		if word && r != ' ' && between && !strings.ContainsRune(closing, r) && !strings.ContainsRune(opening, before) {
			if column > width+trailing(line[:i]) && best > 0 {
				return best
			}
			best = i
		}
		word = word || r != ' '
		before, column = r, column+columns(string(r))
	}
	if column > width && best > 0 {
		return best
	}
	return 0
}

// trailing counts the spaces at the end, which take no place there.
func trailing(s string) int { return len(s) - len(strings.TrimRight(s, " ")) }

// columns is how many columns of a terminal a text takes.
func columns(text string) (n int) {
	for _, r := range text {
		if n++; wide(r) {
			n++
		}
	}
	return n
}

// wide says whether a character takes two columns: from the radicals of Chinese to the full-width forms.
func wide(r rune) bool { return r >= 0x2E80 && r <= 0xFFE6 }
