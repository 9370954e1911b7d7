package tutorial

import (
	"os"
	"path/filepath"

	"glasswsgi/check"
)

// requestFile is where the request of a failed check is kept, beside the learner's files.
const requestFile = ".request.http"

// stepper is how to look at the stage where a check failed: glass itself, with the request that was sent, stopped there.
// It shows what the learner's server should have done. Nothing, where the exercise names no application for it.
func (w Work) stepper(o *Outcome) []string {
	if w.Exercise.Step == "" || o.Check.Stage == "" {
		return nil
	}
	var request []byte
	on := ""
	for i := len(o.Events) - 1; i >= 0; i-- { // what was sent last, on one connection
		if e := o.Events[i]; e.Kind == check.Sent && (request == nil || e.On == on) {
			request, on = append(append([]byte(nil), e.Bytes...), request...), e.On
		} else if e.Opened() && request != nil {
			break
		}
	}
	path := filepath.Join(w.Dir, requestFile)
	if request == nil || os.WriteFile(path, request, 0o644) != nil {
		return nil
	}
	return []string{
		"glass step " + short(filepath.Join(w.Dir, w.Exercise.Step)) + " --request " + short(path),
		"break " + o.Check.Stage,
		"continue",
	}
}

// short is a path as one would type it here.
func short(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if relative, err := filepath.Rel(here, path); err == nil && len(relative) < len(path) {
		return relative
	}
	return path
}
