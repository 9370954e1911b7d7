package command

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"regexp"
	"strings"
	"testing"

	"glasswsgi/check/suite"
)

// TestClass: a board, a learner who joins, and a lock.
func TestClass(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	c := command(t, "class", "--listen", "127.0.0.1:0", "--code", "k7m2")
	out := newOutput()
	c.Stdout, c.Stderr = out, out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Signal(os.Interrupt); c.Wait() })
	page := out.await(t, `http://127\S+\?token=\S+`)
	join := regexp.MustCompile(`http://127\S+/k7m2`).FindString(out.String())

	dir := t.TempDir()
	got := finish(t, learnIn(t, dir, "--class", join, "--as", "li", "check", "01/four-callables"), "")
	contains(t, got.out, "gets your name (li)", "still the stub")
	got = finish(t, learnIn(t, dir, "--class", join, "--as", "li", "--web", "off"), "status help\nstatus\nq\n")
	contains(t, got.out, "The board shows help", "status green, orange or help")
	got = finish(t, learnIn(t, t.TempDir(), "--class", join, "--as", "li", "check"), "")
	contains(t, got.err, "somebody else has this name")
	got = finish(t, learnIn(t, t.TempDir(), "--class", join), "")
	contains(t, got.err, "belong together")
	got = finish(t, learnIn(t, dir, "check", "01/four-callables"), "") // the folder remembers the class
	contains(t, got.out, "gets your name (li)")
	got = finish(t, learnIn(t, dir, "--web", "off"), "go eight-objects\n9\n1 2\nq\n")
	contains(t, got.out, "gets your name (li)", "✗ Not right")
	for name, line := range map[string]string{"anna": "q\n", "bo": "\nq\n"} { // who leaves at once has been there
		finish(t, learnIn(t, t.TempDir(), "--class", join, "--as", name, "--web", "off"), line)
	}

	finish(t, learnIn(t, t.TempDir(), "--class", join, "--as", "last", "--web", "off"), "1 3 4 7 8\n0\nq\n")
	csv := boardPage(t, page, "board.csv")
	contains(t, csv, "li,01,", "\nanna,", "\nbo,", "\nlast,01,01/four-callables,false,0,,false,,2,") // the last report is the newest
	board := boardPage(t, page, "")
	contains(t, board, "glass learn --class "+join+" --as NAME", "Which of these can a server call", "1 / 1")
	setPace(t, page, "01")
	got = finish(t, learnIn(t, dir, "check", "02/always-the-same"), "")
	contains(t, got.out+got.err, "chapters after 01 are locked")
	got = finish(t, learnIn(t, dir, "--class", "off", "check", "02/always-the-same"), "")
	contains(t, got.out, "✗ the bytes of the response")
}

// setPace opens chapters as the instructor does.
func setPace(t *testing.T, page, chapter string) {
	t.Helper()
	base, _, _ := strings.Cut(page, "?")
	origin, _, _ := strings.Cut(page, "/board/")
	request, err := http.NewRequest(http.MethodPost, base+"pace", strings.NewReader("chapter="+chapter))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", origin)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := instructor(t, page).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
}

// instructor is a browser that has opened the page.
func instructor(t *testing.T, page string) *http.Client {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Timeout: deadline, Jar: jar}
	response, err := client.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return client
}

// boardPage asks for a page of the board, or for what is beside it.
func boardPage(t *testing.T, page, name string) string {
	t.Helper()
	base, _, _ := strings.Cut(page, "?")
	response, err := instructor(t, page).Get(base + name)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", name, response.Status, err)
	}
	return string(text)
}
