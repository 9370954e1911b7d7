package command

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// editorCommand is `glass editor`: it writes an editor's extension. docs/EDITORS.md has what other editors need, which is
// a few lines of configuration.
type editorCommand struct {
	Editor string `arg:"" enum:"vscode" help:"vscode. For others, see docs/EDITORS.md."`
	Output string `short:"o" placeholder:"FILE" default:"glass.vsix" help:"Where to write it; - is standard output. (${default})"`
}

// Run writes the extension and says how to install it.
func (c *editorCommand) Run() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if strings.Contains(filepath.ToSlash(self), "/go-build") {
		return errors.New("this glass was made by go run, and will be gone: build one that stays (go build -o glass .), and run glass editor vscode with it")
	}
	if c.Output == "-" {
		return writeVSIX(os.Stdout, self)
	}
	file, err := os.Create(c.Output)
	if err != nil {
		return err
	}
	if err := errors.Join(writeVSIX(file, self), file.Close()); err != nil {
		return err
	}
	fmt.Printf("wrote %s\ninstall it:  code --install-extension %s\nthen debug:  Run and Debug, \"glass: the open file\" (docs/EDITORS.md)\n", c.Output, c.Output)
	return nil
}

// writeVSIX writes an extension without code: it says which program is the adapter, and what launch.json may hold.
func writeVSIX(to io.Writer, self string) error {
	manifest, err := json.MarshalIndent(extension(self), "", "  ")
	if err != nil {
		return err
	}
	archive := zip.NewWriter(to)
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", contentTypes},
		{"extension.vsixmanifest", fmt.Sprintf(vsixManifest, version)},
		{"extension/package.json", string(manifest)},
		{"extension/README.md", "# glass\n\nStep through a request: the server's stages in Go and the application's lines in Python, in one session.\n"},
	} {
		w, err := archive.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: time.Now()}) // a date of 0 is none
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, part.text); err != nil {
			return err
		}
	}
	return archive.Close()
}

type object = map[string]any

// extension is its package.json: contributes.debuggers of VS Code's extension manifest.
func extension(self string) object {
	text := func(description string) object { return object{"type": "string", "description": description} }
	launch := object{"type": "glass", "request": "launch", "name": "glass: the open file", "app": "${file}", "cwd": "${workspaceFolder}", "args": []string{}}
	attach := object{"type": "glass", "request": "attach", "name": "glass: attach"}
	root := text("A checkout of glass, to open the server's own source from; it must be what the binary was built from.")
	entry := object{"type": "boolean", "description": "Stop the next request at its first step."}
	return object{
		"name": "glass", "displayName": "glass", "publisher": "glasswsgi", "version": version, "license": "MIT",
		"description": "Debug WSGI applications, and the server beneath them.",
		"engines":     object{"vscode": "^1.80.0"}, "categories": []string{"Debuggers"},
		"contributes": object{
			"breakpoints": []object{{"language": "python"}, {"language": "go"}},
			"debuggers": []object{{
				"type": "glass", "label": "glass (WSGI)", "languages": []string{"python"},
				"program": self, "args": []string{"dap", "--stdio"},
				"configurationAttributes": object{
					"launch": object{"required": []string{"app"}, "properties": object{
						"app": text("MODULE:CALLABLE or FILE.py[:CALLABLE]"), "cwd": text("The folder to start in."),
						"args": object{"type": "array", "items": object{"type": "string"}, "description": "Flags of glass serve, such as --reload."},
						"bind": text("Where to serve: HOST:PORT (--bind)."), "python": text("The Python to run, or embedded (--python)."),
						"workers": object{"type": "integer", "description": "Worker processes."}, "threads": object{"type": "integer", "description": "Threads of each."},
						"env": object{"type": "object", "description": "Environment variables."}, "sourceRoot": root,
						"stopOnEntry": entry,
					}},
					"attach": object{"properties": object{"socket": text("unix:PATH or HOST:PORT of a glass that serves with --dap; may be left out when there is only one."), "sourceRoot": root, "stopOnEntry": entry}},
				},
				"initialConfigurations": []object{launch, attach},
				"configurationSnippets": []object{
					{"label": "glass: launch", "description": "Serve an application and step through its requests", "body": launch},
					{"label": "glass: attach", "description": "Attach to a glass that serves with --dap", "body": attach},
				},
			}},
		},
	}
}

const contentTypes = `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension=".json" ContentType="application/json"/>
  <Default Extension=".md" ContentType="text/markdown"/>
  <Default Extension=".vsixmanifest" ContentType="text/xml"/>
</Types>
`

const vsixManifest = `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="glass" Version="%s" Publisher="glasswsgi"/>
    <DisplayName>glass</DisplayName>
    <Description xml:space="preserve">Debug WSGI applications, and the server beneath them.</Description>
    <Categories>Debuggers</Categories>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code" Version="^1.80.0"/>
  </Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
  </Assets>
</PackageManifest>
`
