package pages

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"glasswsgi/tutorial"
	"glasswsgi/tutorial/learn"
)

// panel is an exercise in the text, and how the last attempt at it went.
type panel struct {
	Lang     string
	Exercise *tutorial.Exercise
	File     string
	Done     bool
	Attempt  *tutorial.Attempt
	Report   []line
	Address  string // where the learner's own requests go, to be seen
	Exchange string // leads to the one to look at in the inspector
	Stage    string // where glass is to stop with the same bytes
}

// line of a report.
type line struct {
	Label, Text string
	Bytes       bool // not to be broken
}

func (s *Server) panelOf(e *tutorial.Exercise, lang string) panel {
	w := s.Course.Work(e)
	p := panel{
		Lang: lang, Exercise: e, Attempt: s.Course.Last(e),
		File: e.Path() + "/" + e.Entry(w.Language),
		Done: s.Course.Done(learn.Unit{Chapter: e.Chapter, Exercise: e}),
	}
	if p.Attempt != nil {
		var text strings.Builder
		p.Attempt.Write(&text, lang)
		for text := range strings.Lines(text.String()) {
			label, bytes := tutorial.Label(text)
			p.Report = append(p.Report, line{label, strings.TrimPrefix(text, label), bytes})
		}
	}
	if s.Inspector != nil {
		p.Address = s.Inspector.Address(e)
		if p.Attempt != nil {
			p.Exchange = s.Inspector.Show(p.Attempt)
			if first := p.Attempt.First(); first != nil && len(first.Stepper) > 0 {
				p.Stage = first.Check.Stage
			}
		}
	}
	return p
}

func (s *Server) panel(w http.ResponseWriter, r *http.Request) {
	u, ok := s.asked(w, r.PathValue("chapter")+"/"+r.PathValue("exercise"), true)
	if !ok {
		return
	}
	s.show(w, "panel", s.panelOf(u.Exercise, s.Course.Lang()))
}

// keepAlive is how often something is sent where nothing happens, so that a browser that has left is noticed.
const keepAlive = 15 * time.Second

// events tells the page of each attempt, when it begins and when it ends: the id of the unit, as server-sent events.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	events, stop := s.Course.Listen()
	defer stop()
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprint(w, ": here\n\n")
	flush := http.NewResponseController(w).Flush
	flush()
	ticks := time.NewTicker(keepAlive)
	defer ticks.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-ticks.C:
			fmt.Fprint(w, ": still here\n\n")
		case e := <-events:
			switch {
			case e.Begun:
				fmt.Fprintf(w, "event: running\ndata: %s\n\n", e.Unit.ID())
			case e.Attempt != nil:
				fmt.Fprintf(w, "event: attempt\ndata: %s\n\n", e.Unit.ID())
			default:
				continue
			}
		}
		if flush() != nil {
			return
		}
	}
}

// answer keeps the first answer to a question, and says how it is.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	u, ok := s.asked(w, r.PostFormValue("unit"), false)
	if !ok {
		return
	}
	lang, answer := s.Course.Lang(), strings.Join(r.PostForm["answer"], " ")
	if !u.Question.Answered(answer) {
		missing := "page-no-answer"
		if u.Question.Number() {
			missing = "no-number"
		}
		answerJSON(w, map[string]any{"text": strings.TrimSpace(tutorial.Say(lang, missing))})
		return
	}
	kept, err := s.Course.Answer(u, answer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answerJSON(w, map[string]any{"kept": true, "text": verdict(u.Question, kept, lang), "correct": u.Question.Correct})
}

// verdict says of an answer whether it is right, why a wrong one is tempting, and what is right.
func verdict(q *tutorial.Question, answer, lang string) string {
	if answer == "" || q.Judge(answer) {
		return "✓ " + q.Why.In(lang)
	}
	words := []string{"✗ " + tutorial.Say(lang, "page-not-right")}
	for _, why := range q.But(answer) {
		words = append(words, why.In(lang))
	}
	return strings.Join(append(words, "➜ "+q.Why.In(lang)), "\n")
}

// run judges an exercise; the page hears of the result by an event.
func (s *Server) run(w http.ResponseWriter, r *http.Request) {
	u, ok := s.asked(w, r.PostFormValue("unit"), true)
	if !ok {
		return
	}
	if _, err := s.Course.Check(r.Context(), u.Exercise); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answerJSON(w, map[string]any{})
}

func (s *Server) hint(w http.ResponseWriter, r *http.Request) {
	u, ok := s.asked(w, r.PostFormValue("unit"), true)
	if !ok {
		return
	}
	level, text, err := s.Course.Hint(u.Exercise)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	lang := s.Course.Lang()
	answerJSON(w, map[string]any{"text": strings.TrimSpace(fmt.Sprintf(tutorial.Say(lang, "hint"), level, len(u.Exercise.Hints), text.In(lang)))})
}

// lang changes the language, and goes back to the page.
func (s *Server) lang(w http.ResponseWriter, r *http.Request) {
	lang, back := r.PostFormValue("lang"), r.PostFormValue("back")
	if lang != "en" && lang != "zh" || !strings.HasPrefix(back, pagesPath) {
		http.Error(w, "en or zh", http.StatusBadRequest)
		return
	}
	if err := s.Course.SetLang(lang); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}
