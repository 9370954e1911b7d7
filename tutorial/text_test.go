package tutorial

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func chapters(t *testing.T) []*Chapter {
	t.Helper()
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestSkeletons: the texts of a chapter differ in nothing but the words.
func TestSkeletons(t *testing.T) {
	for _, c := range chapters(t) {
		for _, kind := range []string{"", "teach."} {
			en, zh := skeleton(t, c, kind+"en.md"), skeleton(t, c, kind+"zh.md")
			if en == nil || zh == nil {
				continue
			}
			compare(t, c.Folder+" headings", en.Headings, zh.Headings)
			compare(t, c.Folder+" directives", en.Directives, zh.Directives)
			compare(t, c.Folder+" drawings", en.Drawings, zh.Drawings)
			compare(t, c.Folder+" slides", []int{en.Slides}, []int{zh.Slides})
			var enCode, zhCode []string
			for _, code := range en.Code {
				enCode = append(enCode, fmt.Sprint(code))
			}
			for _, code := range zh.Code {
				zhCode = append(zhCode, fmt.Sprint(code))
			}
			compare(t, c.Folder+" code", enCode, zhCode)
		}
	}
}

// TestField: so does the page that belongs to no chapter.
func TestField(t *testing.T) {
	var s [2]*Skeleton
	for i, language := range Languages {
		page, err := Field(language)
		if err != nil {
			t.Fatal(err)
		}
		if s[i], err = ReadSkeleton(page); err != nil {
			t.Fatal(err)
		}
	}
	compare(t, "field headings", s[0].Headings, s[1].Headings)
	compare(t, "field drawings", s[0].Drawings, s[1].Drawings)
}

func skeleton(t *testing.T, c *Chapter, name string) *Skeleton {
	text, err := c.read(name)
	if err == nil {
		var s *Skeleton
		if s, err = ReadSkeleton(text); err == nil {
			return s
		}
	}
	t.Errorf("%s/%s: %v", c.Folder, name, err)
	return nil
}

func compare[T comparable](t *testing.T, what string, en, zh []T) {
	t.Helper()
	for i := range max(len(en), len(zh)) {
		switch {
		case i >= len(en):
			t.Errorf("%s, number %d: only zh has %v", what, i+1, zh[i])
		case i >= len(zh):
			t.Errorf("%s, number %d: only en has %v", what, i+1, en[i])
		case en[i] != zh[i]:
			t.Errorf("%s, number %d: en has\n%v\nzh has\n%v", what, i+1, en[i], zh[i])
		}
	}
}

// TestTexts: all that a chapter has is shown in its text once, and what the text shows is there.
func TestTexts(t *testing.T) {
	for _, c := range chapters(t) {
		s := skeleton(t, c, "en.md")
		if s == nil {
			continue
		}
		if len(s.Headings) == 0 || s.Headings[0] != 1 || slices.Contains(s.Headings[1:], 1) {
			t.Errorf("%s: the page begins with its title, and has one", c.Folder)
		}
		for _, language := range Languages {
			page, _ := c.Page(language)
			title, _, _ := strings.Cut(strings.TrimPrefix(page, "# "), "\n")
			if title != c.Title.In(language) {
				t.Errorf("%s: %s.md has the title %q, and chapter.toml %q", c.Folder, language, title, c.Title.In(language))
			}
		}
		var all []string
		for _, q := range c.Questions {
			all = append(all, "predict "+q.ID)
		}
		for _, e := range c.Exercises {
			all = append(all, "exercise "+e.ID)
		}
		shown := slices.Sorted(slices.Values(s.Directives))
		slices.Sort(all)
		compare(t, c.Folder+" (en: chapter.toml, zh: the text)", all, shown)
		for _, code := range s.Code {
			if from := code.Options["from"]; from != "" {
				own, glass := c.files, os.DirFS("..")
				text, err := fs.ReadFile(own, from)
				if err != nil {
					text, err = fs.ReadFile(glass, strings.TrimPrefix(from, "glass/"))
				}
				if err != nil || !strings.Contains(string(text), code.Text) {
					t.Errorf("%s: %s does not have these lines (%v):\n%s", c.Folder, from, err, code.Text)
				}
			}
		}
	}
}

// TestMistakesAreUsed: a mistake that no wrong variant makes is a guess.
func TestMistakesAreUsed(t *testing.T) {
	for _, c := range chapters(t) {
		made := map[string]bool{}
		for _, e := range c.Exercises {
			for _, w := range e.Wrong {
				made[w.Mistake] = true
			}
		}
		for _, m := range c.Mistakes {
			if !made[m.ID] {
				t.Errorf("%s: no variant makes the mistake %s", c.Folder, m.ID)
			}
		}
	}
}

// Of each solution there must be so many variants, so that the checks are held to something.
const (
	fewestWrong = 8
	fewestRight = 2
)

// TestVariants: they can be made, and there are enough of them.
func TestVariants(t *testing.T) {
	for _, c := range chapters(t) {
		for _, e := range c.Exercises {
			wrong, right := map[string]int{}, map[string]int{}
			made := func(language string, edits []Edit) {
				if _, err := e.Variant(language, edits); err != nil {
					t.Error(err)
				}
			}
			for _, w := range e.Wrong {
				wrong[w.Language]++
				made(w.Language, w.Edits)
			}
			for _, r := range e.Right {
				right[r.Language]++
				made(r.Language, r.Edits)
			}
			for _, language := range e.Languages {
				if wrong[language] < fewestWrong || right[language] < fewestRight {
					t.Errorf("%s in %s has %d wrong variants and %d right ones, and should have %d and %d",
						e.Name(), language, wrong[language], right[language], fewestWrong, fewestRight)
				}
			}
		}
	}
}

// TestTerms: where the English text has a word of the table, the Chinese one has its translation.
func TestTerms(t *testing.T) {
	terms, err := Terms()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, term := range terms {
		if term.EN == "" || term.ZH == "" || seen[term.EN] {
			t.Errorf("%v: both languages, and each word once", term)
		}
		seen[term.EN] = true
	}
	slices.SortStableFunc(terms, func(a, b Term) int { return len(b.EN) - len(a.EN) })
	for _, c := range chapters(t) {
		en, _ := c.Page("en")
		zh, _ := c.Page("zh")
		en = strings.ToLower(en)
		for _, term := range terms { // the longest first: a load generator is no generator
			if !term.Glossary && strings.Contains(en, " "+term.EN+" ") && !strings.Contains(zh, term.ZH) {
				t.Errorf("%s: en.md speaks of %q, and zh.md never of %s", c.Folder, term.EN, term.ZH)
			}
			en = strings.ReplaceAll(en, " "+term.EN+" ", "  ")
		}
	}
}

// someone are the words for an actor that a sentence should name.
var someone = regexp.MustCompile(`(?i)\b(somebody|someone|nobody|no one|anybody|anyone|everybody|everyone|whoever)\b`)

// named is where such a word is what a program says, or the id of a check.
var named = regexp.MustCompile(`^(id|expect|when|task) = .*\b(nobody|somebody)\b`)

// TestWords: no text says a word that the table has a better one for, and no English one hides who acts.
func TestWords(t *testing.T) {
	terms, err := Terms()
	if err != nil {
		t.Fatal(err)
	}
	not := map[*regexp.Regexp]string{}
	for _, term := range terms {
		for _, pattern := range term.Not {
			better := term.ZH
			if pattern[0] < 0x80 && pattern[0] != '(' {
				pattern, better = `(?i)\b`+pattern+`\b`, term.EN
			}
			not[regexp.MustCompile(pattern)] = better
		}
	}
	for name, text := range proseOf(t) {
		for number, line := range strings.Split(text, "\n") {
			for pattern, better := range not {
				if found := pattern.FindString(line); found != "" {
					t.Errorf("%s:%d says %q: the word is %s", name, number+1, found, better)
				}
			}
			if found := someone.FindString(line); found != "" && !named.MatchString(line) {
				t.Errorf("%s:%d: who is %q?", name, number+1, found)
			}
		}
	}
}

// fenced and quoted are code, which has words of its own.
var (
	fenced = regexp.MustCompile("(?s)\n```.*?\n```")
	quoted = regexp.MustCompile("`[^`\n]+`")
)

// proseOf are the texts of the course without their code, by the file.
func proseOf(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"*/en.md", "*/zh.md", "*/teach.*.md", "field.*.md", "*/chapter.toml", "messages.toml", "mistakes.toml", "drawings/words.toml", "../inspect/page/static/zh.json"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			blank := func(code string) string { return strings.Repeat("\n", strings.Count(code, "\n")) }
			all[path] = quoted.ReplaceAllString(fenced.ReplaceAllStringFunc(string(text), blank), "")
		}
	}
	return all
}

// TestLayNeverOverwrites: a learner's file stays as it is.
func TestLayNeverOverwrites(t *testing.T) {
	dir := t.TempDir()
	all := chapters(t)
	e := all[1].Exercises[0]
	own := map[string][]byte{path.Join(e.Path(), "main.go"): []byte("mine")}
	if err := Put(dir, own, false); err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{"go", "python"} {
		if err := all[1].Lay(dir, language); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range maps.All(own) {
		if got, err := fs.ReadFile(os.DirFS(dir), name); err != nil || string(got) != string(want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := os.Stat(path.Join(dir, e.Path(), "server.py")); err != nil {
		t.Error(err)
	}
}

// TestLoadRefuses: what is wrong in a chapter is said, with its place.
func TestLoadRefuses(t *testing.T) {
	for old, row := range map[string]struct{ by, want string }{
		"minutes = 25":                     {"minutes = 24", "take 25 minutes"},
		`id = "how-long"`:                  {`id = "How long"`, "an id is"},
		`correct = [2]`:                    {"correct = [4]", "there is no choice 4"},
		`id = "who-knows-the-end"`:         {`id = "how-long"`, "the id is taken"},
		`steps = [`:                        {`script = "x.py"` + "\nsteps = [", "a check has steps, or call"},
		`expect_end = true`:                {"nothing = true", "there is no key"},
		`languages = ["go", "python"]`:     {`languages = ["go", "java"]`, "not java"},
		`received = '^HTTP/1\.0 200 OK\n'`: {`received = '('`, "error parsing regexp"},
		`name = { en = "You counted characters, not bytes.",`: {`name = { fr = "x",`, "not fr"},
	} {
		files := copyOf(t, "02-socket")
		text := string(files["02-socket/chapter.toml"])
		if !strings.Contains(text, old) {
			t.Errorf("the chapter has no %s any more", old)
		}
		files["02-socket/chapter.toml"] = []byte(strings.Replace(text, old, row.by, 1))
		if _, err := LoadFrom(files); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v", row.by, err)
		}
	}
}
