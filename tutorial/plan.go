package tutorial

import (
	"fmt"
	"io"
	"time"
)

// Rests of a day, in minutes.
const (
	restAfter  = 75 // of work
	rest       = 10
	lunchAfter = 165 // of work
	lunch      = 60
)

// WritePlan writes when what is taught, with rests: the chapters of the half-day course, or those of a day. The others
// stand below the day: learners who are faster begin them, and all can do them at home.
func WritePlan(w io.Writer, chapters []*Chapter, half bool, start time.Time, language string) {
	now, worked, sinceRest, eaten := start, 0, 0, half
	line := func(minutes int, what string) {
		fmt.Fprintf(w, "%s  %7s  %s\n", now.Format("15:04"), fmt.Sprintf(Say(language, "minutes"), minutes), what)
		now = now.Add(time.Duration(minutes) * time.Minute)
	}
	for _, c := range chapters {
		if half && !c.HalfDay || c.bonus() || c.AtHome {
			continue
		}
		switch {
		case !eaten && worked >= lunchAfter:
			line(lunch, Say(language, "lunch"))
			eaten, sinceRest = true, 0
		case sinceRest >= restAfter:
			line(rest, Say(language, "rest"))
			sinceRest = 0
		}
		line(c.Minutes, c.ID+" "+c.Title.In(language))
		worked, sinceRest = worked+c.Minutes, sinceRest+c.Minutes
	}
	fmt.Fprintf(w, "%s           %s\n", now.Format("15:04"), fmt.Sprintf(Say(language, "plan-end"), worked))
	if half {
		return
	}
	fmt.Fprintf(w, "\n%s\n", Say(language, "plan-bonus"))
	for _, c := range chapters {
		if c.bonus() || c.AtHome {
			fmt.Fprintf(w, "       %7s  %s %s\n", fmt.Sprintf(Say(language, "minutes"), c.Minutes), c.ID, c.Title.In(language))
		}
	}
}

func (c *Chapter) bonus() bool { return c.ID[0] == 'b' }
