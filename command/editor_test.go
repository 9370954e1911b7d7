package command

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"testing"
)

// contributionPoints are the properties that VS Code's schemas allow in an item, with their types as JSON is decoded:
// debuggersExtPoint and breakpointsExtPoint in src/vs/workbench/contrib/debug/common/debugSchemas.ts, as of 1.100.
var contributionPoints = map[string]map[string]string{
	"debuggers": {
		"type": "string", "label": "string", "program": "string", "args": "[]interface {}", "runtime": "string", "runtimeArgs": "[]interface {}",
		"variables": "map[string]interface {}", "initialConfigurations": "[]interface {}", "languages": "[]interface {}",
		"configurationSnippets": "[]interface {}", "configurationAttributes": "map[string]interface {}", "when": "string", "hiddenWhen": "string",
		"deprecated": "string", "windows": "map[string]interface {}", "osx": "map[string]interface {}", "linux": "map[string]interface {}",
		"strings": "map[string]interface {}",
	},
	"breakpoints": {"language": "string", "when": "string"},
}

// TestExtensionManifest holds the extension to the rules by which VS Code takes or refuses one: validateExtensionManifest in
// src/vs/platform/extensions/common/extensionValidator.ts; and to the schemas of what it contributes.
func TestExtensionManifest(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	if err := writeVSIX(&file, "/usr/bin/glass"); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	part, err := archive.Open("extension/package.json")
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.NewDecoder(part).Decode(&m); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"publisher", "name", "version"} {
		if text, ok := m[name].(string); !ok || text == "" {
			t.Errorf("property %s is mandatory and must be of type string", name)
		}
	}
	if version := m["version"].(string); !regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`).MatchString(version) {
		t.Errorf("extension version %q is not semver compatible", version)
	}
	engines, _ := m["engines"].(map[string]any)
	if text, _ := engines["vscode"].(string); !regexp.MustCompile(`^(\^|>=)?\d+\.\d+\.\d+$`).MatchString(text) {
		t.Errorf("property engines.vscode: %q", text)
	}
	_, main := m["main"]
	_, browser := m["browser"]
	for _, name := range []string{"activationEvents", "extensionKind"} {
		if _, there := m[name]; there && !main && !browser {
			t.Errorf("property %s should be omitted if the extension doesn't have a main or browser property", name)
		}
	}
	contributes := m["contributes"].(map[string]any)
	for point := range contributes {
		if _, known := contributionPoints[point]; !known {
			t.Errorf("contributes.%s is no contribution point", point)
		}
	}
	for point, properties := range contributionPoints {
		for _, item := range contributes[point].([]any) {
			for name, value := range item.(map[string]any) {
				if got := fmt.Sprintf("%T", value); got != properties[name] {
					t.Errorf("contributes.%s: %s is a %s, and should be %q (additional properties are refused)", point, name, got, properties[name])
				}
			}
		}
	}
	debuggers := contributes["debuggers"].([]any)[0].(map[string]any)
	if debuggers["type"] != "glass" || debuggers["program"] != "/usr/bin/glass" {
		t.Errorf("the debugger: %v %v", debuggers["type"], debuggers["program"])
	}
}
