package command

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

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
	"http":          protocolHTTP,
	"relatives":     relativeNames(),
	"models":        models(),
	"runtimes":      runtimeNames(),
	"bind":          defaultBind,
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

// octal is a number that is written as chmod(1) and umask(1) take it: 022, or 0o22.
type octal os.FileMode

func (o *octal) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(strings.TrimPrefix(string(text), "0o"), 8, 9)
	if err != nil {
		return fmt.Errorf("%q is no mask of a file's mode: write it in octal, such as 007 or 022", text)
	}
	*o = octal(n)
	return nil
}

// valueOf reads a flag that may stand alone, which then means something: --flag, --flag=VALUE, or true and false in a file.
func valueOf(ctx *kong.DecodeContext, alone string) string {
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		return alone
	}
	switch value := ctx.Scan.Pop().Value.(type) {
	case string:
		return value
	case bool:
		if !value {
			return ""
		}
	}
	return alone
}

// traceFlag is --trace, which stands for --trace=curl.
type traceFlag string

func (t *traceFlag) IsBool() bool { return true }

func (t *traceFlag) Decode(ctx *kong.DecodeContext) error {
	*t = traceFlag(valueOf(ctx, "curl"))
	for _, name := range append(inspect.Traces, "") {
		if string(*t) == name {
			return nil
		}
	}
	return fmt.Errorf("there is no trace %q: choose one of %s", string(*t), defaults["traces"])
}
