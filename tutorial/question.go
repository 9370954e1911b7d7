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
	var chosen []int
	for _, word := range strings.FieldsFunc(answer, func(r rune) bool { return strings.ContainsRune(" ,;，、；", r) }) {
		n, err := strconv.Atoi(word)
		if err != nil {
			return false
		}
		if !slices.Contains(chosen, n) {
			chosen = append(chosen, n)
		}
	}
	correct := slices.Clone(q.Correct)
	slices.Sort(chosen)
	slices.Sort(correct)
	return slices.Equal(chosen, correct)
}
