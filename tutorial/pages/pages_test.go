package pages

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"glasswsgi/tutorial"
	"glasswsgi/tutorial/learn"
	"glasswsgi/tutorial/live"
)

const deadline = 60 * time.Second

// start serves the pages of a course that was just begun, in Go: these tests have no Python.
func start(t *testing.T) (*Server, string) {
	t.Helper()
	course, err := learn.Open(t.TempDir(), learn.Options{In: "go", Lang: "en"}, &tutorial.Judge{Timeout: deadline, Start: deadline, Limit: deadline})
	if err != nil {
		t.Fatal(err)
	}
	look := live.New(course, live.Options{Version: "test", Source: os.DirFS("../..")})
	t.Cleanup(look.Close)
	s := &Server{Course: course, Inspector: look}
	page, stop, err := s.Serve("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return s, page
}

// TestGuard: only who has the token gets in, and no other page can ask in his name.
func TestGuard(t *testing.T) {
	_, page := start(t)
	address, base, cookie := enter(t, page)
	_, port, _ := strings.Cut(address, ":")
	client := &http.Client{Timeout: deadline, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, row := range []struct {
		what, method, url string
		change            func(*http.Request)
		status            int
	}{
		{"without a token", "GET", base + "/", nil, 403},
		{"with a wrong one", "GET", base + "/?token=x", nil, 403},
		{"the printed URL", "GET", page, nil, 303},
		{"with the cookie", "GET", base + "/", with(cookie), 200},
		{"a static file without", "GET", base + "/static/course.js", nil, 403},
		{"another Host", "GET", base + "/", func(r *http.Request) { r.AddCookie(cookie); r.Host = "evil.example:" + port }, 421},
		{"the name localhost", "GET", base + "/", func(r *http.Request) { r.AddCookie(cookie); r.Host = "localhost:" + port }, 200},
		{"another Origin", "POST", base + "/answer", func(r *http.Request) { r.AddCookie(cookie); r.Header.Set("Origin", "http://evil.example") }, 403},
		{"no Origin", "POST", base + "/answer", with(cookie), 403},
		{"our own", "POST", base + "/answer", func(r *http.Request) { r.AddCookie(cookie); r.Header.Set("Origin", "http://"+address) }, 200},
		{"no such chapter", "GET", base + "/chapter/99", with(cookie), 404},
		{"a path out of the folder", "GET", base + "/static/../server.go", with(cookie), 404},
	} {
		request, err := http.NewRequest(row.method, row.url, strings.NewReader(url.Values{"unit": {"02/how-long"}, "answer": {"15"}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if row.change != nil {
			row.change(request)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != row.status && !(row.status == 404 && response.StatusCode == 307) {
			t.Errorf("%s: %d, and should be %d", row.what, response.StatusCode, row.status)
		}
		if !strings.Contains(response.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: no policy", row.what)
		}
	}
	for _, to := range []string{"//evil.example/", "/\\evil.example", "https://evil.example/", ""} {
		if got := landing(must(http.NewRequest("GET", page+"&to="+url.QueryEscape(to), nil))); got != pagesPath {
			t.Errorf("%s: the printed URL leads to %s", to, got)
		}
	}
}

// enter exchanges the token of the printed URL for a cookie. The base is where the pages are.
func enter(t *testing.T, page string) (address, base string, cookie *http.Cookie) {
	t.Helper()
	response, err := http.DefaultTransport.RoundTrip(must(http.NewRequest("GET", page, nil)))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	u, err := url.Parse(page)
	if err != nil || len(response.Cookies()) != 1 {
		t.Fatalf("%v, %s", err, response.Status)
	}
	return u.Host, "http://" + u.Host + strings.TrimSuffix(pagesPath, "/"), response.Cookies()[0]
}

func must(r *http.Request, err error) *http.Request {
	if err != nil {
		panic(err)
	}
	return r
}

func with(cookie *http.Cookie) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(cookie) }
}

// TestPace: what the class has not opened can be neither read nor done here.
func TestPace(t *testing.T) {
	s, page := start(t)
	address, base, cookie := enter(t, page)
	ask := func(method, path, body string) (int, string) {
		t.Helper()
		r, err := http.NewRequest(method, base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(cookie)
		r.Header.Set("Origin", "http://"+address)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		return response.StatusCode, string(text)
	}
	for _, pace := range []string{"01", ""} {
		s.Course.SetPace(pace)
		want, locked := http.StatusOK, pace != ""
		if locked {
			want = http.StatusForbidden
		}
		for _, row := range [][3]string{
			{"GET", "/chapter/02", ""}, {"GET", "/slides/02", ""}, {"GET", "/panel/02/always-the-same", ""},
			{"POST", "/hint", "unit=02/always-the-same"}, {"POST", "/answer", "unit=02/how-long&answer=15"},
		} {
			if status, text := ask(row[0], row[1], row[2]); status != want || locked && !strings.Contains(text, "chapters after 01 are locked") {
				t.Errorf("pace %q, %s: %d, %s", pace, row[1], status, text)
			}
		}
		if status, _ := ask("GET", "/chapter/01", ""); status != http.StatusOK {
			t.Errorf("pace %q: %d for what is open", pace, status)
		}
		if _, index := ask("GET", "/", ""); strings.Contains(index, "locked") != locked {
			t.Errorf("pace %q: the list says otherwise", pace)
		}
	}
	if status, _ := ask("POST", "/run", "unit=02/how-long"); status != http.StatusNotFound {
		t.Errorf("a question is run: %d", status)
	}
}

// TestServeRefuses: these pages run programs, so nobody else may reach them.
func TestServeRefuses(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:80", "nonsense"} {
		if _, _, err := (&Server{}).Serve(address); err == nil || !strings.Contains(err.Error(), "this machine only") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestEveryChapterRenders: in both languages, with its questions and exercises in it, and no directive left over.
func TestEveryChapterRenders(t *testing.T) {
	s, _ := start(t)
	for _, c := range s.Course.Chapters {
		for _, lang := range tutorial.Languages {
			sections, err := s.sections(c, lang, false)
			if err != nil {
				t.Fatal(err)
			}
			var all strings.Builder
			for _, section := range sections {
				all.WriteString(string(section))
			}
			text := all.String()
			if strings.Contains(text, "<!--") || strings.Contains(text, "raw HTML omitted") {
				t.Errorf("%s, %s: HTML is left", c.Folder, lang)
			}
			for _, e := range c.Exercises {
				if !strings.Contains(text, "exercise-"+e.ID) {
					t.Errorf("%s, %s: %s is missing", c.Folder, lang, e.ID)
				}
			}
			for _, q := range c.Questions {
				if !strings.Contains(text, c.ID+"/"+q.ID) {
					t.Errorf("%s, %s: %s is missing", c.Folder, lang, q.ID)
				}
			}
		}
	}
}

// code is what a reader expects marks of any kind in; tags are no text.
var (
	code = regexp.MustCompile(`(?s)<pre.*?</pre>|<code>.*?</code>`)
	tags = regexp.MustCompile(`<[^>]*>`)
	mark = regexp.MustCompile("[^\\s]{0,12}(?:\\*\\*|`|(?:^|\\s)[*_][^\\s*_]|\\]\\()[^\\s]{0,12}")
)

// TestNoMarkupIsLeft: no page and no slide shows a mark of Markdown. In Chinese, ** after a full stop and before a letter
// is no end of anything.
func TestNoMarkupIsLeft(t *testing.T) {
	s, _ := start(t)
	look := func(what, rendered string) {
		for _, left := range mark.FindAllString(tags.ReplaceAllString(code.ReplaceAllString(rendered, " "), " "), -1) {
			t.Errorf("%s: %q is left", what, left)
		}
	}
	for _, lang := range tutorial.Languages {
		field, err := tutorial.Field(lang)
		if err != nil {
			t.Fatal(err)
		}
		sections, err := s.render(field, nil, lang, false)
		if err != nil {
			t.Fatal(err)
		}
		look("field, "+lang, fmt.Sprint(sections))
		for _, c := range s.Course.Chapters {
			for _, slides := range []bool{false, true} {
				sections, err := s.sections(c, lang, slides)
				if err != nil {
					t.Fatal(err)
				}
				look(fmt.Sprintf("%s, %s, slides %v", c.Folder, lang, slides), fmt.Sprint(sections))
			}
			look(c.Folder+" title", c.Title.In(lang)+" "+c.Goal.In(lang))
		}
	}
}

func solve(t *testing.T, s *Server, name string) {
	t.Helper()
	u, err := s.unit(name)
	if err != nil {
		t.Fatal(err)
	}
	w := s.Course.Work(u.Exercise)
	solution, err := u.Exercise.Solution(w.Language)
	if err == nil {
		err = tutorial.Put(w.Dir, solution, true)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// shots is a folder for pictures of the pages, for somebody who wants to look at them.
var shots = os.Getenv("GLASS_TEST_SCREENSHOTS")

func keep(t *testing.T, name string, picture []byte) {
	t.Helper()
	if shots == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(shots, name+".png"), picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestAnswered: a question that is answered shows the answer that is kept, what is right, and why the answer is not.
func TestAnswered(t *testing.T) {
	s, _ := start(t)
	u := s.Course.Units[0]
	if _, err := s.Course.Answer(u, "1 2"); err != nil {
		t.Fatal(err)
	}
	sections, err := s.sections(u.Chapter, "en", false)
	if err != nil {
		t.Fatal(err)
	}
	page := fmt.Sprint(sections)
	if ticked, right := strings.Count(page, " checked disabled>"), strings.Count(page, `<label class="right">`); ticked != 2 || right != len(u.Question.Correct) {
		t.Errorf("%d choices are ticked, %d are shown as right", ticked, right)
	}
	if why := u.Question.But("2")[0].In("en"); !strings.Contains(page, why) {
		t.Errorf("nothing says %q", why)
	}
}

// root is where the pages are, without a slash at its end.
func root(page string) string { base, _, _ := strings.Cut(page, "/?"); return base }
