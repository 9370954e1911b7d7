package class

import (
	"slices"
	"strconv"
	"strings"

	"glasswsgi/tutorial"
)

// Poll is how a room answered a question: the first answer of each learner.
type Poll struct {
	Question *tutorial.Question
	Answered int
	Bars     []Bar
}

// Bar is one of the answers.
type Bar struct {
	Text  string
	Right bool
	Count int
}

// polls are those of the chapter in which somebody answered last.
func (s *Server) polls(rows []Row, asked string) (polls []Poll) {
	chapter, _, _ := strings.Cut(asked, "/")
	for _, c := range s.Chapters {
		if c.ID != chapter {
			continue
		}
		for _, q := range c.Questions {
			if p := poll(q, c.ID+"/"+q.ID, rows, s.Lang); p.Answered > 0 {
				polls = append(polls, p)
			}
		}
	}
	return polls
}

func poll(q *tutorial.Question, unit string, rows []Row, lang string) Poll {
	p := Poll{Question: q}
	keys := map[string]int{}
	add := func(key, text string, right bool) {
		keys[key] = len(p.Bars)
		p.Bars = append(p.Bars, Bar{Text: text, Right: right})
	}
	for i, choice := range q.Choices {
		add(strconv.Itoa(i+1), choice.In(lang), slices.Contains(q.Correct, i+1))
	}
	if len(q.Choices) == 0 {
		for i, text := range q.Options() {
			add(strconv.Itoa(i), text, i == 0)
		}
		add(tutorial.OtherAnswer, tutorial.Say(lang, "class-other"), false)
	}
	for _, r := range rows {
		ballot, answered := r.Ballots[unit]
		if !answered {
			continue
		}
		p.Answered++
		for _, key := range strings.Split(ballot, "-") {
			if i, known := keys[key]; known {
				p.Bars[i].Count++
			}
		}
	}
	return p
}
