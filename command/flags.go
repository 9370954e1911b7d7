package command

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"

	"glasswsgi/inspect"
	"glasswsgi/parser"
	"glasswsgi/server/front"
	"glasswsgi/tutorial/learn"
)

// defaults are what the flags and their help texts take from other packages.
var defaults = kong.Vars{
	"course_folder": learn.DefaultFolder,
	"limitLine":     strconv.Itoa(parser.DefaultLimits.RequestLine),
	"limitFields":   strconv.Itoa(parser.DefaultLimits.Fields),
	"limitSpool":    strconv.Itoa(front.DefaultMaxSpool),
	"connections":   strconv.Itoa(front.DefaultMaxConnections),
	"limitSection":  strconv.Itoa(parser.DefaultLimits.HeaderSection),
	"limitField":    strconv.Itoa(parser.DefaultLimits.FieldSize),
	"traces":        strings.Join(inspect.Traces, ", "),
	"protocols":     protocols(),
	"models":        models(),
}

// seconds is a duration that may be written as a plain number of seconds, as gunicorn has it.
type seconds time.Duration

func (s *seconds) UnmarshalText(text []byte) error {
	if n, err := strconv.ParseFloat(string(text), 64); err == nil {
		*s = seconds(n * float64(time.Second))
		return notNegative(*s)
	}
	d, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is neither a number of seconds nor a duration such as 500ms or 2m", text)
	}
	*s = seconds(d)
	return notNegative(*s)
}

func notNegative(s seconds) error {
	if s < 0 {
		return fmt.Errorf("a duration cannot be negative")
	}
	return nil
}

// traceFlag is --trace, which stands for --trace=curl.
type traceFlag string

func (t *traceFlag) IsBool() bool { return true }

func (t *traceFlag) Decode(ctx *kong.DecodeContext) error {
	*t = "curl"
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		return nil
	}
	switch value := ctx.Scan.Pop().Value.(type) {
	case bool:
		if !value {
			*t = ""
		}
	case string:
		*t = traceFlag(value)
	}
	for _, name := range append(inspect.Traces, "") {
		if string(*t) == name {
			return nil
		}
	}
	return fmt.Errorf("there is no trace %q: choose one of %s", string(*t), defaults["traces"])
}

// configFile is --config: what the file says is what flags that are not given would have said.
type configFile string

func (c configFile) BeforeResolve(app *kong.Kong, context *kong.Context, trace *kong.Path) error {
	path := string(context.FlagValue(trace.Flag).(configFile))
	values := map[string]any{}
	if _, err := toml.DecodeFile(path, &values); err != nil {
		return fmt.Errorf("--config %s: %w", path, err)
	}
	known := map[string]bool{}
	for _, flag := range context.Flags() {
		known[flag.Name] = true
	}
	for key := range values {
		if !known[key] {
			return fmt.Errorf("--config %s: there is no flag --%s", path, key)
		}
	}
	context.AddResolver(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		return flagValue(values[flag.Name]), nil
	}))
	return nil
}

// flagValue writes a value of TOML the way it would stand on the command line; nil says nothing.
func flagValue(value any) any {
	switch value := value.(type) {
	case nil, bool, string:
		return value
	case []any:
		list := make([]any, 0, len(value))
		for _, item := range value {
			list = append(list, flagValue(item))
		}
		return list
	default:
		return fmt.Sprint(value)
	}
}
