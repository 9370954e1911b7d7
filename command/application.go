package command

import (
	"errors"
	"fmt"
	"strings"

	"glasswsgi/runtime/remote"
)

// application is the part of the command line that says what to run, and in which Python.
type application struct {
	App string `arg:"" optional:"" name:"app" help:"MODULE:CALLABLE or FILE.py[:CALLABLE]; config.ru (Rack); app.psgi (PSGI); app.js (JSGI); go:NAME; nats://HOST/SUBJECT where nodes run it."`

	Runtime string `group:"application" placeholder:"NAME" enum:"${runtimes}," default:"" help:"What runs the application, where its name does not say so: ${runtimes}."`

	Chdir      string   `group:"application" placeholder:"DIR" help:"Change to this folder before the application is loaded."`
	Pythonpath []string `group:"application" placeholder:"DIR" sep:"," help:"Folders to import from, separated by commas."`
	Python     string   `group:"application" placeholder:"PATH" help:"The Python to run: a path, a command, or embedded. By default an activated virtual environment, else ./.venv, else embedded."`
	Env        []string `group:"application" short:"e" sep:"none" placeholder:"NAME=VALUE" help:"Set an environment variable for the application. You may repeat this flag."`

	Workers int `group:"concurrency" short:"w" default:"1" env:"WEB_CONCURRENCY" help:"Worker processes."`
	Threads int `group:"concurrency" default:"1" help:"Threads in each worker."`
}

// shown is the application's name for people: without what stands in an address for nobody else.
func (a *application) shown() string {
	if remote.IsAddress(a.App) {
		return remote.Redacted(a.App)
	}
	return a.App
}

// Validate is called by the commands that embed it.
func (a *application) Validate() error {
	if a.App == "" { // no argument, and no app in a --config
		return errors.New("expected <app>: which application to run, as MODULE:CALLABLE or FILE.py[:CALLABLE], config.ru, app.psgi, app.js or go:NAME")
	}
	if a.Workers <= 0 || a.Threads <= 0 {
		return errors.New("--workers and --threads must be more than 0")
	}
	for _, e := range a.Env {
		if name, _, found := strings.Cut(e, "="); !found || name == "" {
			return fmt.Errorf("--env %s: write NAME=VALUE", e)
		}
	}
	return nil
}
