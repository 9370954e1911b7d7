package command

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var updateSteps = flag.Bool("update-steps", false, "rewrite the transcripts in command/testdata/step")

// TestStepTranscripts: a transcript is what somebody sees who types its commands. Its first line is the command line.
func TestStepTranscripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("command/testdata/step/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	typed := regexp.MustCompile(`(?m)^\(step\) ?(.*)$`)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			first, want, _ := strings.Cut(string(text), "\n")
			var commands strings.Builder
			for _, match := range typed.FindAllStringSubmatch(want, -1) {
				commands.WriteString(match[1] + "\n")
			}
			r := glass(t, commands.String(), strings.Fields(strings.TrimPrefix(first, "$ glass "))...)
			if *updateSteps {
				if err := os.WriteFile(file, []byte(first+"\n"+r.out), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if r.code != 0 || r.out != want {
				t.Errorf("exit %d, %s\ngot\n%s\nwant\n%s", r.code, r.err, r.out, want)
			}
		})
	}
}

// TestStepEndOfInput: without a word the request goes on, and glass ends well.
func TestStepEndOfInput(t *testing.T) {
	t.Parallel()
	r := glass(t, "", "step", "command/testdata/step/shout.py")
	if r.code != 0 {
		t.Errorf("exit %d: %s", r.code, r.err)
	}
	contains(t, r.out, "#1 accept")
}

// TestServeStep: a server whose requests are walked through; they go on when the input ends.
func TestServeStep(t *testing.T) {
	t.Parallel()
	c := command(t, "-b", "127.0.0.1:0", "--step", "command/testdata/step/shout.py")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	r := serveCmd(t, c)
	body := make(chan string, 1)
	go func() { _, text := get(t, r.url+"/bob"); body <- text }()
	r.out.await(t, `#1 accept`)
	in.Write([]byte("break environ\ncontinue\nset PATH_INFO = /eve\n"))
	r.out.await(t, `PATH_INFO = /eve`)
	in.Close()
	if got := <-body; got != "Hello, EVE" {
		t.Errorf("the body is %q", got)
	}
	if _, got := get(t, r.url+"/bob"); got != "Hello, BOB" {
		t.Errorf("the body is %q", got)
	}
}
