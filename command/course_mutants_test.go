package command

import (
	"flag"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"glasswsgi/tutorial"
	"glasswsgi/tutorial/mutate"
)

var mutants = flag.String("mutants", "", "judge the mutants of these solutions, a regular expression: 02/always-the-same/python")

// TestCourseMutants makes mutants of the solutions, and reports those that pass and that no variants.toml explains: a
// check is missing, or a word why the mutant is right. All of them take an hour or more, so it runs by hand:
//
//	go test ./command -run TestCourseMutants -timeout 5h -mutants 12/
func TestCourseMutants(t *testing.T) {
	if *mutants == "" {
		t.Skip("-mutants says of which solutions")
	}
	wanted := regexp.MustCompile(*mutants)
	j, patient := judge(3*time.Second), judge(20*time.Second)
	places := make(chan struct{}, atATime)
	eachExercise(t, func(t *testing.T, e *tutorial.Exercise, language string) {
		if !wanted.MatchString(e.Name() + "/" + language) {
			t.Skip("not asked for")
		}
		var mu sync.Mutex
		var survivors []tutorial.Edit
		var judging sync.WaitGroup
		all := mutantsOf(t, e, language)
		for _, edit := range all {
			judging.Go(func() {
				places <- struct{}{}
				defer func() { <-places }()
				files, err := e.Variant(language, []tutorial.Edit{edit})
				if err != nil {
					t.Error(err)
					return
				}
				a := judged(t, j, e, language, files)
				if !a.Passed() && a.First().Problem == "time" { // a loop without end, or a busy machine
					a = judged(t, patient, e, language, files)
				}
				if a.Passed() {
					mu.Lock()
					defer mu.Unlock()
					survivors = append(survivors, edit)
				}
			})
		}
		judging.Wait()
		explained := 0
		for _, edit := range survivors {
			if explains(e, language, edit) {
				explained++
				continue
			}
			t.Errorf("{ old = %q, new = %q },", edit.Old, edit.New)
		}
		t.Logf("%s/%s: %d mutants, %d survive, of which %d are explained", e.Name(), language, len(all), len(survivors), explained)
	})
}

// mutantsOf are those of what a learner writes.
func mutantsOf(t *testing.T, e *tutorial.Exercise, language string) (all []tutorial.Edit) {
	t.Helper()
	stub, err := e.Stub(language)
	if err != nil {
		t.Fatal(err)
	}
	solution, err := e.Solution(language)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(solution)) {
		if ext := path.Ext(name); ext != ".go" && ext != ".py" || string(stub[name]) == string(solution[name]) {
			continue
		}
		file := name
		if name == e.Entry(language) {
			file = ""
		}
		for _, m := range mutate.Of(string(solution[name]), string(stub[name]), path.Ext(name) == ".py") {
			all = append(all, tutorial.Edit{File: file, Old: m.Old, New: m.New})
		}
	}
	return all
}

func explains(e *tutorial.Exercise, language string, edit tutorial.Edit) bool {
	return slices.ContainsFunc(e.Survives, func(s *tutorial.Survivor) bool {
		return s.Language == language && slices.Contains(s.Each, edit)
	})
}

// TestCourseSurvivors: what variants.toml explains is a mutant, so that nothing there outlives the solution that it is about.
func TestCourseSurvivors(t *testing.T) {
	for _, c := range course(t) {
		for _, e := range c.Exercises {
			for _, s := range e.Survives {
				all := mutantsOf(t, e, s.Language)
				for _, edit := range s.Each {
					if !slices.Contains(all, edit) {
						t.Errorf("%s, %s: this is no mutant (any more): %s", e.Name(), s.Language, strings.TrimSpace(fmt.Sprintf("%q -> %q", edit.Old, edit.New)))
					}
				}
			}
		}
	}
}
