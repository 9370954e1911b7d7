package command

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"regexp"
	"testing"
)

// TestExtensionManifest holds the extension to the rules by which VS Code takes or refuses one: validateExtensionManifest in
// src/vs/platform/extensions/common/extensionValidator.ts.
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
	debuggers := m["contributes"].(map[string]any)["debuggers"].([]any)[0].(map[string]any)
	if debuggers["type"] != "glass" || debuggers["program"] != "/usr/bin/glass" {
		t.Errorf("the debugger: %v %v", debuggers["type"], debuggers["program"])
	}
}
