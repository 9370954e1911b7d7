package command

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
)

// configFile is --config: what the file says is what flags that are not given would have said. The key app is the
// application, and a table may stand for a list of NAME=VALUE, as in [env].
type configFile string

func (c configFile) BeforeResolve(app *kong.Kong, context *kong.Context, trace *kong.Path) error {
	path := string(context.FlagValue(trace.Flag).(configFile))
	values, err := readConfig(path)
	if err != nil {
		return err
	}
	if named, ok := values["app"]; ok {
		if err := setApp(context, named); err != nil {
			return fmt.Errorf("--config %s: %w", path, err)
		}
		delete(values, "app")
	}
	known := map[string]bool{}
	for _, flag := range context.Flags() {
		known[flag.Name] = true
	}
	for key, value := range values {
		if !known[key] {
			return fmt.Errorf("--config %s: there is no flag --%s", path, key)
		}
		if _, isTable := value.(map[string]any); isTable && key != "env" {
			return fmt.Errorf("--config %s: [%s] is a table, and flags have none but [env]: write %s = … above all tables", path, key, key)
		}
	}
	context.AddResolver(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		return flagValue(values[flag.Name]), nil
	}))
	return nil
}

func readConfig(path string) (map[string]any, error) {
	if strings.HasSuffix(path, ".py") {
		return nil, fmt.Errorf("--config %s: glass reads no Python, which is what gunicorn's file is written in. Write TOML with the names of flags, such as workers = 4 or bind = [\"0.0.0.0:8000\"]; docs/DEPLOY.md has them beside gunicorn's", path)
	}
	values := map[string]any{}
	if _, err := toml.DecodeFile(path, &values); err != nil {
		return nil, fmt.Errorf("--config %s: %w", path, err)
	}
	return values, nil
}

// setApp sets the command's application; one on the command line comes later, and counts.
func setApp(context *kong.Context, value any) error {
	name, ok := value.(string)
	if !ok || name == "" {
		return fmt.Errorf("app = %v: write app = \"MODULE:CALLABLE\"", value)
	}
	for _, positional := range context.Selected().Positional {
		if positional.Name == "app" {
			positional.Target.SetString(name)
			return nil
		}
	}
	return fmt.Errorf("app: glass %s runs no application", context.Selected().Name)
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
	case map[string]any:
		list := make([]any, 0, len(value))
		for _, name := range slices.Sorted(maps.Keys(value)) {
			list = append(list, fmt.Sprintf("%s=%v", name, value[name]))
		}
		return list
	default:
		return fmt.Sprint(value)
	}
}
