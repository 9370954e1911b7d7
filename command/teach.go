package command

import (
	"fmt"
	"os"
	"strings"
	"time"

	"glasswsgi/tutorial"
	"glasswsgi/tutorial/learn"
	"glasswsgi/tutorial/pages"
)

// What glass learn has for instructors: slides, the plan of a day, notes.

type learnSlides struct {
	learnExercise
	Web string `default:"127.0.0.1:0" placeholder:"ADDR" help:"Where the pages are, on this machine. (${default})"`
}

// Run serves the slides until it is interrupted.
func (s *learnSlides) Run(parent *learnCommand) error {
	course, err := parent.course()
	if err != nil {
		return err
	}
	if s.Exercise == "" {
		s.Exercise = course.Chapters[0].ID
	}
	found, err := course.Resolve(s.Exercise)
	if err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	url, stopPages, err := (&pages.Server{Course: course}).Serve(s.Web)
	if err != nil {
		return err
	}
	defer stopPages()
	fmt.Printf("%s&to=/slides/%s\n", url, found[0].Chapter.ID)
	<-ctx.Done()
	return nil
}

// dayBegins is where no other time is given.
var dayBegins = time.Date(1, 1, 1, 9, 0, 0, 0, time.UTC)

type learnPlan struct {
	Half  bool      `help:"Half a day: only the essential chapters."`
	Start time.Time `format:"15:04" default:"09:00" placeholder:"09:00" help:"When it begins. (${default})"`
}

// Run prints a timetable.
func (p *learnPlan) Run(parent *learnCommand) error {
	chapters, err := tutorial.Load()
	if err != nil {
		return err
	}
	tutorial.WritePlan(os.Stdout, chapters, p.Half, p.Start, parent.teaching())
	return nil
}

// teaching is the language for instructors: the one that is asked for, or that of the course that was begun here. No
// folder of a learner's is needed for it.
func (c *learnCommand) teaching() string {
	switch {
	case c.Lang != "":
		return c.Lang
	case c.Dir != "":
		return learn.LangOf(c.Dir, systemLanguage())
	}
	dir, _ := learn.Find(".")
	return learn.LangOf(dir, systemLanguage())
}

type learnNotes struct {
	Chapter string `arg:"" help:"The chapter: 2, b1."`
}

// Run prints the notes.
func (n *learnNotes) Run(parent *learnCommand) error {
	chapters, err := tutorial.Load()
	if err != nil {
		return err
	}
	for _, c := range chapters {
		if c.ID != n.Chapter && strings.TrimLeft(c.ID, "0") != n.Chapter {
			continue
		}
		lang := parent.teaching()
		fmt.Printf("%s %s\n\n", c.ID, c.Title.In(lang))
		for _, part := range c.Plan {
			fmt.Printf("%7s  %s\n", fmt.Sprintf(tutorial.Say(lang, "minutes"), part.Minutes), part.What.In(lang))
		}
		notes, err := c.Notes(lang)
		fmt.Printf("\n%s", notes)
		return err
	}
	return fmt.Errorf("there is no chapter %s; glass learn plan shows them", n.Chapter)
}
