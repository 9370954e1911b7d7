package pages

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"glasswsgi/inspect/axe"
	"glasswsgi/tutorial"
	"glasswsgi/tutorial/class"
)

// accessible reports what axe finds on the page as it is now.
func (b *tab) accessible(source, state string) {
	b.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](source + "\n;undefined"))
	found, err := axe.Serious(value(b, chromedp.Evaluate[string](axe.Script, chromedp.EvalAwaitPromise)))
	if err != nil {
		b.Fatal(err)
	}
	for _, one := range found {
		b.Errorf("%s: %s", state, one)
	}
}

// TestAccessible: axe finds nothing serious in any state of the course's pages, by day and by night, on a desk and a phone.
func TestAccessible(t *testing.T) {
	t.Parallel()
	source, b := axe.Source(t), browse(t)
	s, url := start(t)
	b.begin(1280, 844)
	b.open(url)
	for _, scheme := range []string{"light", "dark"} {
		b.scheme(scheme)
		for _, lang := range tutorial.Languages {
			if err := s.Course.SetLang(lang); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{"/", "/field", "/chapter/01", "/chapter/09", "/chapter/12", "/slides/09"} {
				b.open(root(url) + path)
				b.accessible(source, strings.Join([]string{path, lang, scheme}, " "))
			}
		}
	}
	b.open(root(url) + "/chapter/02")
	for _, width := range []int64{1280, 390} {
		b.size(width, 844)
		state := func(what string) { b.Helper(); b.accessible(source, fmt.Sprintf("%s, %d wide", what, width)) }
		b.click("#look")
		state("the inspector's button was pressed")
		b.click("#look")
		b.answerAndRun(state) // the exercise fails the first time, and passes the second
		solve(t, s, "02/always-the-same")
	}
	s.Course.SetPace("02")
	b.open(root(url) + "/")
	b.accessible(source, "a chapter that is done, and chapters that are locked")
}

// answerAndRun brings a chapter into all of its states.
func (b *tab) answerAndRun(state func(string)) {
	b.Helper()
	question := `form[data-unit="02/how-long"]`
	b.do(chromedp.SetValue(chromedp.CSS(question+" input"), "11"))
	b.click(question + " button")
	b.until(`([css]) => document.querySelector(css).textContent !== ""`, question+" output")
	state("a wrong answer")
	b.do(chromedp.SetValue(chromedp.CSS(question+" input"), "15"))
	b.click(question + " button")
	b.until(`([css]) => !!document.querySelector(css)`, question+".done output")
	state("a right answer")
	panel := `.panel[data-unit="02/always-the-same"]`
	b.click(panel + ` [data-action="/learn/hint"]`)
	b.until(`([css]) => !document.querySelector(css).hidden`, panel+" .hint")
	state("a hint")
	b.number(`{ const panel = document.querySelector(".panel"); panel.dataset.old = ""; panel.classList.add("running"); 0 }`)
	state("checks that run")
	b.click(panel + ` [data-action="/learn/run"]`)
	b.until(`([css]) => { const p = document.querySelector(css); return p.dataset.old === undefined && !!p.querySelector(".verdict") }`, panel)
	state("a verdict")
}

// TestBoardAccessible: nor on the board of a class, with learners of each kind.
func TestBoardAccessible(t *testing.T) {
	t.Parallel()
	source, b := axe.Source(t), browse(t)
	s, page := startBoard(t)
	b.begin(1280, 700)
	b.open(page)
	b.text("body.live td", "joined yet")
	b.accessible(source, "an empty board")
	for i, r := range []class.Report{
		{Name: "Li Lei", Attempts: 6, Mistake: "characters-not-bytes", Same: 5, Done: 3},
		{Name: "Han Meimei", Attempts: 1, Passed: true, Status: "green", Done: 5},
		{Name: "Jim", Attempts: 2, Status: "help", Mistake: "bare-lf", Same: 1},
		{Name: "Lucy", Attempts: 2, Status: "orange"},
	} {
		r.Key, r.Unit = fmt.Sprint("K", i), "02/always-the-same"
		if _, err := s.Board.Take(r, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	b.text("tr td", "Lucy")
	for _, scheme := range []string{"light", "dark"} {
		b.scheme(scheme)
		for _, width := range []int64{1280, 390} {
			b.size(width, 700)
			b.accessible(source, fmt.Sprintf("a full board, %d wide, %s", width, scheme))
		}
	}
}
