package parser

import (
	"strings"
	"testing"
)

// successors is the table of all moves. Byte by byte a call of Next makes one move at most, so it can be watched.
var successors = map[State][]State{
	ExpectRequestLine: {ExpectFieldLine, Failed},
	ExpectFieldLine:   {ExpectBody, ExpectChunkSize, ExpectEnd, Failed},
	ExpectBody:        {ExpectEnd},
	ExpectChunkSize:   {ExpectChunkData, ExpectTrailerLine, Failed},
	ExpectChunkData:   {ExpectChunkEnd},
	ExpectChunkEnd:    {ExpectChunkSize, Failed},
	ExpectTrailerLine: {ExpectNothing, Failed},
	ExpectEnd:         {ExpectNothing},
	ExpectNothing:     {ExpectRequestLine},
	Failed:            nil,
}

// moves holds the moves that were seen.
var moves = map[[2]State]bool{}

// noteMove checks a move against the table. Staying is no move.
func noteMove(t testing.TB, from, to State) {
	if from == to {
		return
	}
	for _, allowed := range successors[from] {
		if to == allowed {
			moves[[2]State{from, to}] = true
			return
		}
	}
	t.Fatalf("%v moved to %v", from, to)
}

// TestMoves shows that every move in the table happens, and noteMove that no other does.
func TestMoves(t *testing.T) {
	clear(moves)
	for _, b := range tables {
		for _, r := range b.rows {
			if len(b.input(r)) < 1000 {
				transcribe(t, b.limits, b.input(r), func(int) int { return 1 })
			}
		}
	}
	for from, all := range successors {
		for _, to := range all {
			if !moves[[2]State{from, to}] {
				t.Errorf("no row makes %v move to %v", from, to)
			}
		}
	}
}

func TestNames(t *testing.T) {
	for s := range Failed + 1 {
		if !strings.HasPrefix(s.String(), "Expect") && s != Failed {
			t.Errorf("state %d is called %v", s, s)
		}
	}
	for k := range GotEnd + 1 {
		if !strings.HasPrefix(k.String(), "Got") && k != NeedData {
			t.Errorf("kind %d is called %v", k, k)
		}
	}
	if State(99).String() != "State(?)" || Kind(99).String() != "Kind(?)" {
		t.Error("unknown constants have no name")
	}
}
