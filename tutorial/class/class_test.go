package class

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"glasswsgi/tutorial"
)

const deadline = 60 * time.Second

func report(name string) Report {
	return Report{Name: name, Key: "K" + strings.ToUpper(fmt.Sprintf("%x", name)), Unit: "02/always-the-same", Attempts: 1, Mistake: "characters-not-bytes", Same: 1}
}

// start serves a board, and returns the learners' URL and a client with the instructor's cookie.
func start(t *testing.T) (s *Server, base string, instructor *http.Client) {
	t.Helper()
	chapters, err := tutorial.Load()
	if err != nil {
		t.Fatal(err)
	}
	s = &Server{Board: NewBoard(), Code: "k7m2", Lang: "en", Chapters: chapters}
	server := httptest.NewServer(s.handler(false))
	t.Cleanup(server.Close)
	jar, _ := cookiejar.New(nil)
	instructor = &http.Client{Timeout: deadline, Jar: jar}
	if status, _ := get(t, instructor, server.URL+boardPath+"?token="+s.door.Token()); status != 200 {
		t.Fatalf("the token is answered with %d", status)
	}
	return s, server.URL, instructor
}

func get(t *testing.T, client *http.Client, url string) (int, string) {
	t.Helper()
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// TestReports: what is let onto the board, and what is not.
func TestReports(t *testing.T) {
	_, base, _ := start(t)
	join := func(address string, r Report) error {
		c, err := Join(address, "en", func(Reply) {}, func(error) {})
		if err != nil {
			return err
		}
		_, err = c.Post(t.Context(), r)
		return err
	}
	change := func(by func(*Report)) Report { r := report("li"); by(&r); return r }
	for _, row := range []struct {
		what, url string
		report    Report
		want      string
	}{
		{"as it should be", base + "/k7m2", report("li"), ""},
		{"again", base + "/k7m2/", report("li"), ""},
		{"a Chinese name", base + "/k7m2", report("李雷"), ""},
		{"another code", base + "/k7m3", report("li"), "not the class code"},
		{"no code", base, report("li"), "write it as the instructor has it"},
		{"another scheme", "https://127.0.0.1/x", report("li"), "write it as the instructor has it"},
		{"a name that is taken", base + "/k7m2", change(func(r *Report) { r.Key = "OTHER" }), "somebody else has this name"},
		{"no name", base + "/k7m2", report(" "), "a name has"},
		{"a long name", base + "/k7m2", report(strings.Repeat("x", MaxName+1)), "a name has"},
		{"markup", base + "/k7m2", report("<script>"), "a name has"},
		{"a long unit", base + "/k7m2", change(func(r *Report) { r.Unit = strings.Repeat("x", maxField+1) }), "no report"},
		{"a mistake that is a text", base + "/k7m2", change(func(r *Report) { r.Mistake = "a b" }), "no report"},
		{"another status", base + "/k7m2", change(func(r *Report) { r.Status = "blue" }), "no report"},
		{"a negative number", base + "/k7m2", change(func(r *Report) { r.Done = -1 }), "no report"},
		{"too many bytes", base + "/k7m2", report(strings.Repeat("x", mostBytes)), "no report"},
	} {
		err := join(row.url, row.report)
		if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
			t.Errorf("%s: %v", row.what, err)
		}
	}
}

// TestFull: the number of learners is bounded, and those who are there stay.
func TestFull(t *testing.T) {
	b := NewBoard()
	for i := range MaxLearners {
		if _, err := b.Take(report(fmt.Sprint("n", i)), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Take(report("late"), time.Now()); err != errFull {
		t.Errorf("%v", err)
	}
	if _, err := b.Take(report("n0"), time.Now()); err != nil {
		t.Error(err)
	}
}

// TestBoard: who wants help stands first, then who is stuck; mistakes have their names; nobody but the instructor sees it.
func TestBoard(t *testing.T) {
	s, base, instructor := start(t)
	for name, by := range map[string]func(*Report){
		"anna": func(r *Report) { r.Passed = true; r.Status = "green" },
		"bo":   func(r *Report) { r.Same = stuckAfter },
		"cy":   func(r *Report) { r.Status = "help" },
	} {
		r := report(name)
		by(&r)
		if _, err := s.Board.Take(r, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	status, body := get(t, instructor, base+"/board/")
	cy, bo, anna := strings.Index(body, "cy"), strings.Index(body, "bo <")+strings.Index(body, ">bo"), strings.Index(body, "anna")
	if status != 200 || cy < 0 || anna < 0 || cy > anna || bo > anna || !strings.Contains(body, "You counted characters, not bytes. <b>× 5</b>") {
		t.Errorf("%d\n%s", status, body)
	}
	for _, path := range []string{"/", "/rows", "/events", "/board.csv"} {
		if status, _ := get(t, &http.Client{Timeout: deadline}, base+"/board"+path); status != 403 {
			t.Errorf("%s: %d without the token", path, status)
		}
	}
	_, body = get(t, instructor, base+"/board/board.csv")
	if !strings.HasPrefix(body, byteOrderMark+"name,chapter,unit,") || !strings.Contains(body, "bo,02,02/always-the-same,false,1,characters-not-bytes,true,") {
		t.Error(body)
	}
	if got := plain("=1+1"); got != "'=1+1" {
		t.Error(got)
	}
}

// TestPace: what the instructor sets is what learners are told, and no other page can set it.
func TestPace(t *testing.T) {
	s, base, instructor := start(t)
	for _, row := range []struct {
		origin, chapter string
		status          int
	}{
		{"http://evil.example", "02", 403}, {"", "02", 403}, {base, "99", 400}, {base, "02", 200},
	} {
		request, err := http.NewRequest("POST", base+"/board/pace", strings.NewReader(url.Values{"chapter": {row.chapter}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Origin", row.origin)
		response, err := instructor.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != row.status {
			t.Errorf("%v: %d", row, response.StatusCode)
		}
	}
	reply, err := s.Board.Take(report("li"), time.Now())
	if err != nil || reply.Pace != "02" {
		t.Errorf("%+v, %v", reply, err)
	}
}

// TestClient: the newest report arrives, the pace comes back, and the page hears of it.
func TestClient(t *testing.T) {
	s, base, instructor := start(t)
	s.Board.SetPace("02")
	response, err := instructor.Get(base + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Scan() // it listens
	paces := make(chan string, 2)
	client, err := Join(base+"/k7m2", "en", func(r Reply) { paces <- r.Pace }, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	old := report("li")
	old.Attempts = 0
	client.Send(old)
	client.Send(report("li"))
	go client.Run()
	if pace := <-paces; pace != "02" {
		t.Errorf("the pace is %q", pace)
	}
	for lines.Scan() && lines.Text() != "event: board" {
	}
	if err := lines.Err(); err != nil {
		t.Error(err)
	}
	if rows, _ := s.Board.Rows(); len(rows) != 1 || rows[0].Attempts != 1 {
		t.Errorf("%+v", rows)
	}
	last := report("li")
	last.Attempts = 2
	client.Close(last) // nothing is on its way any more
	if rows, _ := s.Board.Rows(); rows[0].Attempts != 2 {
		t.Errorf("%+v", rows)
	}
}

// TestClientGoesOn: a board that is not there is told of once.
func TestClientGoesOn(t *testing.T) {
	told := make(chan error, 2)
	client, err := Join("http://127.0.0.1:1/k7m2", "en", func(Reply) {}, func(err error) { told <- err })
	if err != nil {
		t.Fatal(err)
	}
	go client.Run()
	client.Send(report("li"))
	if err := <-told; !strings.Contains(err.Error(), "cannot be reached") {
		t.Error(err)
	}
	client.Close(report("li"))
	if len(told) > 0 {
		t.Error("told twice")
	}
}
