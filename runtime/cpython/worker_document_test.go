package cpython

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestWorkerDocument: docs/WORKER.md has every kind of frame, with its number.
func TestWorkerDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/WORKER.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[kind]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| ([A-Z_]+) \| (\d+) \| `).FindAllStringSubmatch(string(text), -1) {
		number, _ := strconv.Atoi(row[2])
		listed[kind(number)] = row[1]
	}
	for k, name := range kindNames {
		if listed[k] != name {
			t.Errorf("%s is %d here, and %q there", name, k, listed[k])
		}
		delete(listed, k)
	}
	for k, name := range listed {
		t.Errorf("there is no %s, %d", name, k)
	}
}

// TestRelativesAgreeOnFrames: the workers in other languages have the numbers that we have.
func TestRelativesAgreeOnFrames(t *testing.T) {
	t.Parallel()
	ours := map[string]int{"BODY_FOLLOWS": flagBodyFollows, "MAX_FRAME": maxFrame, "MAX_BLOCK": maxBlock, "MAX_INPUT": maxInput, "FRAME_CHARGE": frameCharge}
	for k, name := range kindNames {
		ours[name] = int(k)
	}
	ours["DONE"] = int(kindEnd) // END means something else in Ruby and Perl
	pair := regexp.MustCompile(`\b([A-Z][A-Z_]+) (?:=>|=) (\d+)(?: << (\d+))?`)
	several := regexp.MustCompile(`(?m)^ +([A-Z_]+(?:, [A-Z_]+)+) = (\d+(?: << \d+)?(?:, \d+(?: << \d+)?)+)`)
	for _, file := range []string{"rack/frames.rb", "psgi/frames.pl", "jsgi/frames.js"} {
		text, err := os.ReadFile("../relatives/" + file)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		check := func(name, number string) {
			factor, shift, _ := strings.Cut(number, " << ")
			value, _ := strconv.Atoi(factor)
			by, _ := strconv.Atoi(shift)
			want, ok := ours[name]
			if !ok {
				return
			}
			if found++; value<<by != want {
				t.Errorf("%s: %s is %s, and %d here", file, name, number, want)
			}
		}
		for _, m := range pair.FindAllStringSubmatch(several.ReplaceAllString(string(text), ""), -1) {
			check(m[1], strings.TrimSuffix(m[2]+" << "+m[3], " << "))
		}
		for _, m := range several.FindAllStringSubmatch(string(text), -1) {
			for i, name := range strings.Split(m[1], ", ") {
				check(name, strings.Split(m[2], ", ")[i])
			}
		}
		if found < 22 {
			t.Errorf("%s: only %d numbers were found", file, found)
		}
	}
}
