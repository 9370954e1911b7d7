package pages

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"glasswsgi/tutorial"
	"glasswsgi/tutorial/class"
)

// startBoard serves the board of a class that no learner has joined. The URL has its token.
func startBoard(t *testing.T) (s *class.Server, pageURL string) {
	t.Helper()
	chapters, err := tutorial.Load()
	if err != nil {
		t.Fatal(err)
	}
	s = &class.Server{Board: class.NewBoard(), Code: "k7m2", Lang: "en", Chapters: chapters}
	address, page, stop, err := s.Serve("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return s, "http://" + address.String() + page
}

// TestBoard: the board of a class follows by itself, in a real browser. It is here for the browser that these tests have.
func TestBoard(t *testing.T) {
	t.Parallel()
	b := browse(t)
	s, page := startBoard(t)
	report := func(r class.Report) {
		t.Helper()
		r.Key, r.Unit = "K", "02/always-the-same"
		if _, err := s.Board.Take(r, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	b.begin(1280, 700)
	b.open(page)
	b.text("body.live td", "No learner has joined yet.")
	report(class.Report{Name: "Li Lei", Attempts: 6, Mistake: "characters-not-bytes", Same: 5, Done: 3})
	b.text("tr.stuck td", "You counted characters, not bytes. × 5")
	report(class.Report{Name: "Han Meimei", Attempts: 1, Passed: true, Status: "green", Done: 5})
	b.text("tr.green td", "Han Meimei")
	report(class.Report{Name: "Jim", Attempts: 2, Status: "help", Mistake: "bare-lf", Same: 1})
	b.text("tr.help:first-child td", "Jim")
	b.picture("board")
	b.do(chromedp.SetValue(chromedp.CSS("select"), "02"))
	b.click("form button")
	b.text("body.live option[selected]", "02 A socket") // and its style is there
	if _, pace := s.Board.Rows(); pace != "02" {
		t.Errorf("the pace is %q", pace)
	}
	b.size(390, 700)
	if overflow := b.number(`document.documentElement.scrollWidth - innerWidth`); overflow > 0 {
		t.Errorf("the board is %d pixels wider than a phone", overflow)
	}
}
