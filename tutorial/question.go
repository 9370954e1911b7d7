package tutorial

import (
	"slices"
	"strconv"
	"strings"
)

// Judge says whether an answer is right: the numbers of all correct choices in any order, or one of the texts.
func (q *Question) Judge(answer string) bool {
	if len(q.Choices) == 0 {
		return slices.ContainsFunc(q.Answers, func(right string) bool { return strings.ToLower(right) == typed(answer) })
	}
	chosen, ok := q.chosen(answer)
	return ok && len(chosen) == len(q.Correct) && q.near(chosen) == len(chosen)
}

// Answered says whether a text is an answer at all, right or wrong. It is not, where it is empty, or one of its numbers is none
// of a choice, or there are several where one is right, or it is no number where one is asked for: that is a slip of the
// fingers, and does not count.
func (q *Question) Answered(answer string) bool {
	switch {
	case len(q.Choices) > 0:
	case q.Number() && !number(typed(answer)):
		return q.Judge(answer)
	default:
		return typed(answer) != ""
	}
	chosen, ok := q.chosen(answer)
	return ok && len(chosen) > 0 && (len(chosen) == 1 || len(q.Correct) > 1)
}

// Number says whether the answer is a number.
func (q *Question) Number() bool { return len(q.Choices) == 0 && number(q.Answers[0]) }

func number(text string) bool {
	_, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	return err == nil
}

// But says why an answer is wrong: of each wrong choice in it, or of a text that is known to be tempting.
func (q *Question) But(answer string) (why []Text) {
	keys := []string{typed(answer)}
	if len(q.Choices) > 0 {
		keys = nil
		chosen, _ := q.chosen(answer)
		for _, n := range chosen {
			keys = append(keys, strconv.Itoa(n))
		}
	}
	for _, key := range keys {
		if text, ok := q.Tempting[key]; ok {
			why = append(why, text)
		}
	}
	return why
}

// Picked says whether a choice, from 1, is in an answer.
func (q *Question) Picked(answer string, n int) bool {
	chosen, _ := q.chosen(answer)
	return slices.Contains(chosen, n)
}

// OtherAnswer stands for a typed answer that is none of those that are known.
const OtherAnswer = "other"

// Ballot is an answer as a class counts it: the numbers of choices, as 1-3; for a text the number of the right one, which is
// 0, or that of the tempting one in Options, or OtherAnswer. What was typed stays with the learner.
func (q *Question) Ballot(answer string) string {
	if len(q.Choices) > 0 {
		chosen, _ := q.chosen(answer)
		var words []string
		for _, n := range slices.Sorted(slices.Values(chosen)) {
			words = append(words, strconv.Itoa(n))
		}
		return strings.Join(words, "-")
	}
	if q.Judge(answer) {
		return "0"
	}
	if n := slices.Index(q.Options(), typed(answer)); n > 0 {
		return strconv.Itoa(n)
	}
	return OtherAnswer
}

// Options are the texts that a typed answer is counted by: the right one, then the tempting ones in their order.
func (q *Question) Options() []string {
	options := []string{q.Answers[0]}
	for key := range q.Tempting {
		options = append(options, key)
	}
	slices.Sort(options[1:])
	return options
}

// typed is a text without what does not count in it.
func typed(answer string) string {
	return strings.Trim(strings.ToLower(strings.TrimSpace(answer)), `"'。.`)
}

// chosen are the numbers of an answer, each once; it is not ok where one is none of a choice.
func (q *Question) chosen(answer string) (chosen []int, ok bool) {
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

// near is how many of the chosen are right.
func (q *Question) near(chosen []int) (right int) {
	for _, n := range chosen {
		if slices.Contains(q.Correct, n) {
			right++
		}
	}
	return right
}
