package tutorial

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestPlan: a day that begins at nine ends by half past five, half a day fits into one, and no chapter is forgotten.
func TestPlan(t *testing.T) {
	nine := time.Date(2000, 1, 1, 9, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		half bool
		by   string
	}{{false, "17:30"}, {true, "14:00"}} {
		for _, language := range Languages {
			var plan strings.Builder
			WritePlan(&plan, chapters(t), row.half, nine, language)
			times := regexp.MustCompile(`(?m)^\d\d:\d\d`).FindAllString(plan.String(), -1)
			if end := times[len(times)-1]; end > row.by {
				t.Errorf("half %v: the day ends at %s, and should by %s\n%s", row.half, end, row.by, plan.String())
			}
			if rests := strings.Count(plan.String(), Say(language, "rest")+"\n"); rests < 2 {
				t.Errorf("half %v: %d rests", row.half, rests)
			}
			for _, c := range chapters(t) {
				if !row.half && strings.Count(plan.String(), c.Title.In(language)) != 1 {
					t.Errorf("%s: the plan has chapter %s not just once", language, c.ID)
				}
			}
		}
	}
}
