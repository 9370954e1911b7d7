package tutorial

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"glasswsgi/check"
	"glasswsgi/check/peer"
)

// program is what to run for the learner's work.
func (r *run) program(ctx context.Context, args []string) (peer.Program, error) {
	p := peer.Program{Dir: r.Dir, Env: os.Environ()}
	switch {
	case len(r.Command) > 0:
		p.Dir = ""
		for _, word := range r.Command {
			p.Words = append(p.Words, strings.ReplaceAll(word, "{dir}", r.Dir))
		}
		if r.Exercise.served() {
			return p, nil
		}
	case r.Language == "go":
		if err := r.compile(ctx); err != nil {
			return p, err
		}
		p.Words = []string{r.binary}
	default:
		interpreter, env, err := r.Python()
		if err != nil {
			return p, err
		}
		p.Words, p.Env = []string{interpreter, "-u", "-X", "utf8", r.Exercise.main("python")}, append(env, "PYTHONDONTWRITEBYTECODE=1", "PYTHONPATH="+r.Dir)
	}
	p.Words = append(p.Words, args...)
	return p, nil
}

// serverProgram is what to run so that the learner's work serves. An application is served by glass.
func (r *run) serverProgram(ctx context.Context) (peer.Program, error) {
	if app := r.Exercise.App(); len(r.Command) == 0 && !r.Exercise.Server() && app != "" {
		words := append(slices.Clone(r.Glass), "serve", "--bind", "127.0.0.1:{port}", "--python", "embedded", app)
		return peer.Program{Words: words, Dir: r.Dir, Env: os.Environ()}, nil
	}
	return r.program(ctx, r.serverArgs())
}

// compile makes a binary of the learner's Go files, once for all checks. Nothing is fetched: the standard library is all
// that exercises need, and there may be no network. Without what only a debugger reads, -w, linking takes a quarter less.
func (r *run) compile(ctx context.Context) error {
	if r.binary != "" {
		return nil
	}
	if _, err := exec.LookPath("go"); err != nil {
		return problem{problemNoGo, complain("this machine has no Go: %s", err), ""}
	}
	binary := filepath.Join(r.scratch, "program.exe")
	p := peer.Program{Words: []string{"go", "build", "-ldflags=-w", "-o", binary, "."}, Dir: r.Dir, Env: goEnvironment()}
	ending, err := p.RunToEnd(ctx, nil, compileTime, mostOutput)
	switch {
	case err != nil:
		return problem{problemNoGo, complain("this machine has no Go: %s", err), ""}
	case ending.Limited != "":
		return problem{problemCompile, complain("go build took too long"), ending.Printed}
	case ending.Code != 0:
		return problem{problemCompile, complain("go build refuses it:\n%s", strings.TrimSpace(ending.Printed)), ending.Printed}
	}
	r.binary = binary
	return nil
}

// goEnvironment keeps the toolchain from fetching anything, and the user's flags out of it.
func goEnvironment() []string {
	return append(os.Environ(), "GOFLAGS=", "GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK=off", "CGO_ENABLED=0")
}

//go:embed glass_course.py
var driver []byte

// python runs a call, or the script of a check, in the interpreter that glass brings along. What comes back is JSON.
func (r *run) python(ctx context.Context, o *Outcome) error {
	interpreter, env, err := r.Python()
	if err != nil {
		return err
	}
	o.Random = check.Random()
	request, err := r.request(o)
	if err != nil {
		return err
	}
	result := filepath.Join(r.scratch, "result.json")
	os.Remove(result)
	p := peer.Program{
		Words: []string{interpreter, "-X", "utf8", filepath.Join(r.scratch, "glass_course.py"), result},
		Dir:   r.Dir, Env: env,
	}
	ending, err := p.RunToEnd(ctx, request, max(r.Limit, o.Check.waits()), mostOutput)
	if err != nil {
		return err
	}
	o.Printed = strings.TrimSpace(string(ending.Output) + "\n" + ending.Printed)
	if ending.Limited != "" {
		return problem{ending.Limited, complain("the program was ended: it exceeded its limit of %s", phrase(ending.Limited)), o.Printed}
	}
	if o.Received, err = os.ReadFile(result); errors.Is(err, fs.ErrNotExist) {
		return problem{problemCrashed, complain("the interpreter ended with exit status %d", ending.Code), o.Printed}
	} else if err != nil {
		return err
	}
	called, _ := os.ReadFile(result + ".called")
	o.Called = strings.ReplaceAll(string(called), "\n", " ")
	o.Err = o.Check.expect.Check(o.Received, o.Random)
	return nil
}

// request writes the driver, and the script if there is one, and says what to do.
func (r *run) request(o *Outcome) ([]byte, error) {
	if err := os.WriteFile(filepath.Join(r.scratch, "glass_course.py"), driver, 0o600); err != nil {
		return nil, err
	}
	request := map[string]any{"dir": r.Dir, "random": o.Random}
	if o.Check.Script != "" {
		text, err := fs.ReadFile(r.Exercise.Chapter.files, path.Join(r.Exercise.ID, o.Check.Script))
		if err != nil {
			return nil, err
		}
		script := filepath.Join(r.scratch, path.Base(o.Check.Script))
		if err := os.WriteFile(script, text, 0o600); err != nil {
			return nil, err
		}
		request["script"], request["check"] = script, o.Check.ID
		o.Asked = o.Check.Script + " " + o.Check.ID
		return json.Marshal(request)
	}
	c, err := o.Check.Call.Filled(o.Random)
	if err != nil {
		return nil, err
	}
	o.Asked = asked(c)
	request["call"] = map[string]any{
		"app": c.App, "method": c.Method, "target": c.Target, "headers": c.Headers,
		"body": c.Body, "environ": c.Environ,
	}
	return json.Marshal(request)
}

// Filled is the call as it is made: with a value for {random}, and with what was left out. Its body is Latin-1.
func (c Call) Filled(random string) (Call, error) {
	if c.Method == "" {
		c.Method = "GET"
	}
	fill := strings.NewReplacer("{random}", random)
	if c.Target = fill.Replace(c.Target); c.Target == "" {
		c.Target = "/"
	}
	headers := map[string]string{}
	for name, value := range c.Headers {
		headers[name] = fill.Replace(value)
	}
	body, err := check.Expand(c.Body, random)
	c.Headers, c.Body = headers, check.Latin1(body)
	return c, err
}

// asked is the command that does the same. What it has no flag for stands behind it.
func asked(c Call) string {
	command := fmt.Sprintf("glass call %s %s '%s'", c.App, c.Method, c.Target)
	for i, name := range slices.Sorted(maps.Keys(c.Environ)) {
		if i == 0 {
			command += "  # and in environ:"
		}
		command += fmt.Sprintf(" %s=%q", name, c.Environ[name])
	}
	return command
}
