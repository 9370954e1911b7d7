package tutorial

import (
	"slices"
	"strconv"
	"strings"
)

// Judge says whether an answer is right: the numbers of all correct choices in any order, or one of the texts.
func (q *Question) Judge(answer string) bool {
	if len(q.Choices) == 0 {
		answer = strings.Trim(strings.ToLower(strings.TrimSpace(answer)), `"'。.`)
		return slices.ContainsFunc(q.Answers, func(right string) bool { return strings.ToLower(right) == answer })
	}
	chosen, ok := q.Chosen(answer)
	return ok && len(chosen) == len(q.Correct) && q.Near(chosen) == len(chosen)
}

// Chosen are the numbers of an answer, each once; it is not ok where one is none of a choice.
func (q *Question) Chosen(answer string) (chosen []int, ok bool) {
	if len(q.Choices) == 0 {
		return nil, true
	}
	for _, word := range strings.FieldsFunc(answer, func(r rune) bool { return strings.ContainsRune(" ,;，、；", r) }) {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > len(q.Choices) {
			return nil, false
		}
		if !slices.Contains(chosen, n) {
			chosen = append(chosen, n)
		}
	}
	return chosen, true
}

// Near is how many of the chosen are right.
func (q *Question) Near(chosen []int) (right int) {
	for _, n := range chosen {
		if slices.Contains(q.Correct, n) {
			right++
		}
	}
	return right
}
