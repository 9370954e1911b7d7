package tutorial

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// variantsFile is in the folder of an exercise.
const variantsFile = "variants.toml"

// Variants are other versions of the solution, which hold the checks to what they should find and what they should let
// pass.
type Variants struct {
	Wrong    []*Wrong    `toml:"wrong"`
	Right    []*Right    `toml:"right"`
	Survives []*Survivor `toml:"survives"`
}

// Wrong is a known wrong variant of the solution, and the name of the mistake in it.
type Wrong struct {
	Mistake  string `toml:"mistake"`
	Language string `toml:"language"`
	Edits    []Edit `toml:"edits"`
}

// Right is the solution written in another way, which must pass, too.
type Right struct {
	What     string `toml:"what"` // how else
	Language string `toml:"language"`
	Edits    []Edit `toml:"edits"`
}

// Survivor is about mutants that pass, and why each may.
type Survivor struct {
	Why      string `toml:"why"`
	Language string `toml:"language"`
	Each     []Edit `toml:"each"` // one edit is one mutant
}

// Edit replaces a text, which the file must have exactly once.
type Edit struct {
	File string `toml:"file"` // left out: the file of the program
	Old  string `toml:"old"`
	New  string `toml:"new"`
}

func (e *Exercise) readVariants(files fs.FS) error {
	text, err := fs.ReadFile(files, path.Join(e.ID, variantsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	meta, err := toml.Decode(string(text), &e.Variants)
	var syntax toml.ParseError
	switch unknown := meta.Undecoded(); {
	case errors.As(err, &syntax):
		return errors.New(variantsFile + ": " + syntax.ErrorWithPosition())
	case err != nil:
		return fmt.Errorf("%s: %w", variantsFile, err)
	case len(unknown) > 0:
		return fmt.Errorf("%s: there is no key %s", variantsFile, unknown[0])
	}
	return nil
}

func (e *Exercise) validateVariants() error {
	check := func(what, language string, edits []Edit) error {
		if what == "" || !slices.Contains(e.Languages, language) || len(edits) == 0 {
			return fmt.Errorf("%s, %q: say what it is, the language and the edits", variantsFile, what)
		}
		return nil
	}
	var all []error
	for _, w := range e.Wrong {
		all = append(all, check(w.Mistake, w.Language, w.Edits))
	}
	for _, r := range e.Right {
		all = append(all, check(r.What, r.Language, r.Edits))
	}
	for _, s := range e.Survives {
		all = append(all, check(s.Why, s.Language, s.Each))
	}
	return errors.Join(all...)
}

// Variant is the solution with edits.
func (e *Exercise) Variant(language string, edits []Edit) (map[string][]byte, error) {
	all, err := e.Solution(language)
	if err != nil {
		return nil, err
	}
	for _, edit := range edits {
		name := edit.File
		if name == "" {
			name = e.main(language)
		}
		text := string(all[name])
		if n := strings.Count(text, edit.Old); n != 1 {
			return nil, fmt.Errorf("%s: %s has %q %d times, and should have it once", path.Join(e.Name(), variantsFile), name, edit.Old, n)
		}
		all[name] = []byte(strings.Replace(text, edit.Old, edit.New, 1))
	}
	return all, nil
}
