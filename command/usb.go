package command

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"strings"

	"glasswsgi/tutorial"
)

// learnUSB is `glass learn usb`: a folder with all that a room without internet needs.
type learnUSB struct {
	Folder string   `arg:"" help:"The folder to make: new, empty, or made by this command before."`
	Source string   `default:"." placeholder:"DIR" help:"The source of glass, to build from. (${default})"`
	Target []string `default:"linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64" placeholder:"OS/ARCH" help:"The kinds of machines that will be in the room. (${default})"`
}

const sumsFile = "SHA256SUMS"

// Run builds the binaries, and puts the exercises, the documents, a page to begin with and the checksums beside them.
func (u *learnUSB) Run(parent *learnCommand) error {
	if err := u.prepare(); err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	lang := parent.teaching()
	binaries, err := u.binaries(ctx, lang)
	if err == nil {
		err = u.course(lang)
	}
	if err == nil {
		err = u.documents()
	}
	if err == nil {
		err = u.begin(binaries)
	}
	if err == nil {
		err = u.sums()
	}
	if err == nil {
		fmt.Printf(tutorial.Say(lang, "usb-done")+"\n", u.Folder, sumsFile)
	}
	return err
}

// prepare makes the folder, and leaves one alone that holds something else.
func (u *learnUSB) prepare() error {
	entries, err := os.ReadDir(u.Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return os.MkdirAll(u.Folder, 0o755)
	}
	ours := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == sumsFile })
	if err == nil && len(entries) > 0 && !ours {
		return fmt.Errorf("%s holds other files: name a folder that is new or empty", u.Folder)
	}
	return err
}

// binaries builds one for each target. Where there is no Go or no source, it is the binary that runs now.
func (u *learnUSB) binaries(ctx context.Context, lang string) (names []string, err error) {
	if why := u.cannotBuild(ctx); why != "" {
		name := binaryName(goruntime.GOOS, goruntime.GOARCH)
		fmt.Printf(tutorial.Say(lang, "usb-no-build")+"\n", why, name)
		return []string{name}, u.copySelf(name)
	}
	for _, target := range u.Target {
		system, machine, ok := strings.Cut(target, "/")
		if !ok {
			return nil, fmt.Errorf("--target %s: write it as linux/amd64", target)
		}
		name := binaryName(system, machine)
		fmt.Printf(tutorial.Say(lang, "usb-building")+"\n", name)
		switch err := u.build(ctx, system, machine, name); {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			fmt.Fprintf(os.Stderr, tutorial.Say(lang, "usb-not-built")+"\n", name, err)
		default:
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, errors.New("no binary could be built: see above")
	}
	return names, nil
}

func binaryName(system, machine string) string {
	name := "glass-" + system + "-" + machine
	if system == "windows" {
		name += ".exe"
	}
	return name
}

// cannotBuild says why nothing can be built here, or nothing.
func (u *learnUSB) cannotBuild(ctx context.Context) string {
	if _, err := exec.LookPath("go"); err != nil {
		return "there is no Go on this machine"
	}
	list := exec.CommandContext(ctx, "go", "list", "-m")
	list.Dir = u.Source
	if out, err := list.Output(); err != nil || strings.TrimSpace(string(out)) != "glasswsgi" {
		return u.Source + " is not the source of glass (--source names it)"
	}
	return ""
}

func (u *learnUSB) build(ctx context.Context, system, machine, name string) error {
	folder, err := filepath.Abs(u.Folder)
	if err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", filepath.Join(folder, name), ".")
	build.Dir = u.Source
	build.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+machine, "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

func (u *learnUSB) copySelf(name string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	from, err := os.Open(self)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(filepath.Join(u.Folder, name), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// course lays the exercises, in Python and in Go, for learners who want to look into them before they begin.
func (u *learnUSB) course(lang string) error {
	chapters, err := tutorial.Load()
	if err != nil {
		return err
	}
	for _, language := range []string{"python", "go"} {
		for _, c := range chapters {
			if err := c.Lay(filepath.Join(u.Folder, "course", language), language); err != nil {
				return err
			}
		}
	}
	plan, err := os.Create(filepath.Join(u.Folder, "course", "PLAN.txt"))
	if err != nil {
		return err
	}
	tutorial.WritePlan(plan, chapters, false, dayBegins, lang)
	return plan.Close()
}

// documents are those that the binary has of glass itself.
func (u *learnUSB) documents() error {
	return fs.WalkDir(goSource, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(name) != ".md" {
			return err
		}
		text, err := fs.ReadFile(goSource, name)
		if err != nil {
			return err
		}
		return tutorial.Put(filepath.Join(u.Folder, "documents"), map[string][]byte{name: text}, true)
	})
}

// begin writes the page that a learner opens first, in each language.
func (u *learnUSB) begin(binaries []string) error {
	pages := map[string][]byte{}
	for _, lang := range tutorial.Languages {
		text := fmt.Sprintf(tutorial.Say(lang, "usb-begin"), "- "+strings.Join(binaries, "\n- "), sumsFile)
		pages["BEGIN."+lang+".md"] = []byte(text)
	}
	return tutorial.Put(u.Folder, pages, true)
}

// sums lists every file with its SHA-256, as sha256sum reads it.
func (u *learnUSB) sums() error {
	var list strings.Builder
	err := filepath.WalkDir(u.Folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == sumsFile {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		hash := sha256.New()
		if _, err := io.Copy(hash, file); err != nil {
			return err
		}
		name, err := filepath.Rel(u.Folder, path)
		fmt.Fprintf(&list, "%s  %s\n", hex.EncodeToString(hash.Sum(nil)), filepath.ToSlash(name))
		return err
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(u.Folder, sumsFile), []byte(list.String()), 0o644)
}
