package page

import (
	"slices"

	"glasswsgi/inspect/follow"
	"glasswsgi/inspect/hub"
	"glasswsgi/parser"
)

// stretch is a range of bytes that belongs to a trail.
type stretch struct {
	wire  parser.Span
	trail int
}

// cutAtTrails cuts the tokens of both messages where a value begins and ends that was found again.
func cutAtTrails(request, response []Token, trails []follow.Trail) (cutRequest, cutResponse []Token) {
	var from, to []stretch
	for i, t := range trails {
		from = append(from, stretch{t.Wire, i})
		for _, reached := range t.Response {
			to = append(to, stretch{reached.Wire, i})
		}
	}
	return cutAt(request, from), cutAt(response, to)
}

// cutAt cuts tokens where stretches begin and end, and notes whose trail each is on.
func cutAt(tokens []Token, stretches []stretch) []Token {
	if len(stretches) == 0 {
		return tokens
	}
	var cuts []int
	for _, s := range stretches {
		cuts = append(cuts, s.wire.Start, s.wire.End)
	}
	slices.Sort(cuts)
	slices.SortStableFunc(stretches, func(a, b stretch) int { return a.wire.Start - b.wire.Start })
	all := make([]Token, 0, len(tokens)+len(cuts))
	next, first := 0, 0
	for _, t := range tokens {
		for t.Start < t.End {
			for next < len(cuts) && cuts[next] <= t.Start {
				next++
			}
			part := t
			if next < len(cuts) {
				part.End = min(t.End, cuts[next])
			}
			for first < len(stretches) && stretches[first].wire.End <= part.Start {
				first++ // the shorter ones behind a longer one are looked at again
			}
			for _, s := range stretches[first:] {
				if s.wire.Start >= part.End || part.By == hub.ByServer || part.By == "" && len(part.Keys) == 0 {
					break // framing between two pieces of a value is no part of it
				}
				if overlaps(&part, s.wire) && !slices.Contains(part.Trails, s.trail) {
					part.Trails = append(part.Trails, s.trail)
				}
			}
			all = append(all, part)
			t.Start = part.End
		}
	}
	return all
}
