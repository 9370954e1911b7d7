// Package command is the command line of glass: in go the arguments, out come an exit code and what the command prints.
// What glass does is listed in commands, below; each command has a file of its own.
package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/alecthomas/kong"
)

// commands is the command line. Standard output carries what was asked for, standard error carries messages.
type commands struct {
	Serve serveCommand `cmd:"" group:"serve" default:"withargs" help:"Serve a WSGI application. This is the default: glass APP."`
	Call  callCommand  `cmd:"" group:"serve" help:"Call an application without a server, and print its response."`
	Cgi   cgiCommand   `cmd:"" group:"serve" name:"cgi" help:"Answer one request as a CGI program, which a web server starts."`
	Node  nodeCommand  `cmd:"" group:"serve" help:"Run an application for glass nats://HOST/SUBJECT, which may be on another machine."`
	Pip   pipCommand   `cmd:"" group:"serve" passthrough:"" help:"Install packages for the embedded Python: glass pip install X."`

	Step    stepCommand    `cmd:"" group:"look" help:"Walk through a request in the terminal: the server's steps, and the application's lines."`
	Environ environCommand `cmd:"" group:"look" help:"Print the environ that a raw request becomes, or what WSGI's relatives and gateways' protocols make of it."`
	Dap     dapCommand     `cmd:"" group:"look" help:"The debug adapter that an editor starts."`
	Editor  editorCommand  `cmd:"" group:"look" help:"Write what an editor needs to debug with glass: glass editor vscode."`
	Pdb     pdbCommand     `cmd:"" group:"look" help:"Attach Python's own debugger to a worker of a running glass: glass pdb [PID]."`

	Check   checkCommand   `cmd:"" group:"compare" help:"Check how correct a WSGI server is: glass check URL, or glass check -- COMMAND."`
	Compare compareCommand `cmd:"" group:"compare" help:"Send the same raw requests to glass and to wsgiref, or another server, and show what differs."`
	Bench   benchCommand   `cmd:"" group:"compare" help:"Measure how fast servers are, side by side: glass bench, or glass bench APP."`

	Learn learnCommand `cmd:"" group:"learn" help:"Learn WSGI by building this server: exercises that are judged as you save them."`
	Class classCommand `cmd:"" group:"learn" help:"Show the board of a class: who is where, who is stuck, who wants help."`

	Source  sourceCommand  `cmd:"" group:"about" help:"Print source files of glass itself: glass source server/exchange.go."`
	Version versionCommand `cmd:"" group:"about" help:"Print the versions of glass, Go and Python, as glass --version does."`

	BenchLoad benchLoadCommand `cmd:"" hidden:"" name:"bench-load" help:"The load generator of glass bench."`

	Config configFile `short:"c" help:"Read flags from a TOML file: its keys are the names of flags, and app." placeholder:"FILE"`
}

const description = `A WSGI server that you can see into.

An application is MODULE:CALLABLE or FILE.py[:CALLABLE]; CALLABLE is a name, obj.attr, or a call of a factory,
and "application" or "app" when you leave it out. config.ru is a Rack application (Ruby), app.psgi a PSGI one (Perl),
app.js a JSGI one (Node.js). go:NAME is a sample that is written in Go (go:hello).

  glass examples/hello.py                     serve it on http://127.0.0.1:8888
  glass --trace examples/hello.py             and print what goes over the wire
  glass call examples/hello.py GET /path      call it without a server`

// helpGroups are the headings of commands and of flags in the help texts; they come in the order of the fields.
var helpGroups = []kong.Group{
	{Key: "serve", Title: "Serve:"},
	{Key: "look", Title: "Look inside, and debug:"},
	{Key: "compare", Title: "Check, compare and measure:"},
	{Key: "learn", Title: "Learn:"},
	{Key: "about", Title: "About glass:"},

	{Key: "application", Title: "Application:"},
	{Key: "listen", Title: "Where to listen:"},
	{Key: "concurrency", Title: "Concurrency:"},
	{Key: "limits", Title: "Limits:"},
	{Key: "timeouts", Title: "Time-outs:"},
	{Key: "logs", Title: "Logs:"},
	{Key: "debugging", Title: "Debugging:"},
	{Key: "development", Title: "Development:"},
}

// Exit codes.
const (
	exitFailed  = 1
	exitMisused = 2
)

// Run runs one command and returns the exit code: 0 well, 1 failed, 2 misused. source has the source files of glass
// itself, named from the root of the repository.
func Run(args []string, source fs.FS) int {
	goSource = source
	if os.Getenv("WEB_CONCURRENCY") == "" { // platforms set it to nothing; the default of --workers is meant
		os.Unsetenv("WEB_CONCURRENCY")
	}
	parser, err := newParser(&commands{})
	if err != nil {
		panic(err) // the tags of commands are wrong: every test says so
	}
	switch {
	case len(args) == 0:
		args = []string{"--help"}
	case len(args) == 1 && args[0] == "--version": // what most programs take
		args = []string{"version"}
	}
	arguments = args
	context, err := parser.Parse(args)
	if err == nil {
		err = context.Run()
	}
	var misused *kong.ParseError
	var silent silentExit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &silent):
		return int(silent)
	case errors.As(err, &misused):
		fmt.Fprintf(os.Stderr, "glass: %v\nRun \"glass --help\" for usage.\n", err)
		return exitMisused
	}
	fmt.Fprintf(os.Stderr, "glass: %v\n", err)
	return exitFailed
}
