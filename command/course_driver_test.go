package command

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"
)

// TestCourseDriver: what the course's driver reads and writes in place of the json module is JSON, and its environ has the
// path that a request has.
func TestCourseDriver(t *testing.T) {
	t.Parallel()
	interpreter, env, err := coursePython()
	if err != nil {
		t.Fatal(err)
	}
	const check = `from http import HTTPStatus
import json, glass_course
def check(name, random):
    awkward = [
        "\"quoted\" \\ \b\f\n\r\t\x00\x1f\x7f", "\u4f60\U0001f600", "\ud800 alone", b"\x00\xff",
        {1: (True, False, None)}, -1, 0.5, 1e300, HTTPStatus.OK, [], {}, {2},
    ]
    paths = [glass_course.environ(target=t)["PATH_INFO"] for t in ("/a%20b?c%20d", "/%E4%BD%A0", "/\u4f60%zz%", "/")]
    described = glass_course.described(awkward)
    if (text := glass_course.as_json(described)) != json.dumps(described):
        raise AssertionError(text)
    return {"awkward": awkward, "paths": paths, "random": random}
`
	dir := t.TempDir()
	script, result := filepath.Join(dir, "script.py"), filepath.Join(dir, "result.json")
	if err := os.WriteFile(script, []byte(check), 0o600); err != nil {
		t.Fatal(err)
	}
	random := "<&> \u2028 \"\\/\b\f\n\r\t\x00\x7f 你\U0001f600"
	values := []any{random, true, false, nil, 1.5, map[string]any{}}
	request, err := json.Marshal(map[string]any{"dir": dir, "random": values, "script": script, "check": "x"})
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(interpreter, "-X", "utf8", "tutorial/glass_course.py", result)
	c.Env = env
	c.Stdin = bytes.NewReader(request)
	if output, err := c.CombinedOutput(); err != nil || len(output) > 0 {
		t.Fatalf("%v\n%s", err, output)
	}
	text, err := os.ReadFile(result)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	want := map[string]any{
		"awkward": []any{
			"\"quoted\" \\ \b\f\n\r\t\x00\x1f\x7f", "你\U0001f600", "\ufffd alone", "\x00\u00ff",
			map[string]any{"1": []any{true, false, nil}}, -1., 0.5, 1e300, 200., []any{}, map[string]any{}, "<set>",
		},
		"paths":  []any{"/a b", "/\u00e4\u00bd\u00a0", "/\u00e4\u00bd\u00a0%zz%", "/"},
		"random": values,
	}
	for key := range want {
		if !reflect.DeepEqual(got[key], want[key]) {
			t.Errorf("%s: got %q\nwant %q", key, got[key], want[key])
		}
	}
}
