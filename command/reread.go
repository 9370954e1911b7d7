package command

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// arguments are those of the command line.
var arguments []string

// reread reads the command line once more, with the configuration file as it is now.
func (c *serveCommand) reread() (*serveCommand, error) {
	again := &commands{}
	parser, err := newParser(again)
	if err == nil {
		_, err = parser.Parse(arguments)
	}
	if err != nil {
		return nil, err
	}
	return &again.Serve, nil
}

// reloadable are the flags that a new runtime takes up.
var reloadable = []string{
	"App", "Runtime", "Chdir", "Pythonpath", "Python", "Env", "Workers", "Threads", "Lint",
	"Timeout", "StartTimeout", "GracefulTimeout", "MaxRequests", "MaxRequestsJitter", "MaxWorkerMemory",
}

// differences compares flags with those that they were before: whether a runtime has to be started for them, and which
// need a glass that is started again.
func (c *serveCommand) differences(now *serveCommand) (changed bool, needRestart []string) {
	for _, field := range reflect.VisibleFields(reflect.TypeFor[serveCommand]()) {
		if field.Anonymous || !field.IsExported() {
			continue
		}
		before, after := reflect.ValueOf(c).Elem().FieldByIndex(field.Index), reflect.ValueOf(now).Elem().FieldByIndex(field.Index)
		switch {
		case reflect.DeepEqual(before.Interface(), after.Interface()):
		case slices.Contains(reloadable, field.Name):
			changed = true
		default:
			needRestart = append(needRestart, "--"+flagName(field))
		}
	}
	return changed, needRestart
}

// taking is what is in force when a new runtime has taken up its flags of now: the rest stays what it is.
func (c *serveCommand) taking(now *serveCommand) *serveCommand {
	taken := *c
	for _, name := range reloadable {
		reflect.ValueOf(&taken).Elem().FieldByName(name).Set(reflect.ValueOf(now).Elem().FieldByName(name))
	}
	return &taken
}

// flagName is how kong writes the name of a field.
func flagName(field reflect.StructField) string {
	if name := field.Tag.Get("name"); name != "" {
		return name
	}
	var b strings.Builder
	for i, r := range field.Name {
		if i > 0 && 'A' <= r && r <= 'Z' {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

// newParser makes the parser of the command line.
func newParser(c *commands) (*kong.Kong, error) {
	parser, err := kong.New(c, kong.Name("glass"), kong.Description(description),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 110}),
		kong.ExplicitGroups(helpGroups), kong.Vars(defaults))
	if err != nil {
		return nil, fmt.Errorf("the tags of commands are wrong: %w", err)
	}
	return parser, nil
}
