package tutorial

import (
	"errors"
	"fmt"
)

// Languages of the course.
var Languages = []string{"en", "zh"}

// Text is something said in each language of the course.
type Text struct{ EN, ZH string }

// In chooses a language.
func (t Text) In(language string) string {
	if language == "zh" {
		return t.ZH
	}
	return t.EN
}

// UnmarshalTOML takes { en = "…", zh = "…" }, or one string for both, where nothing is to be translated.
func (t *Text) UnmarshalTOML(value any) error {
	switch v := value.(type) {
	case string:
		t.EN, t.ZH = v, v
		return nil
	case map[string]any:
		for language, said := range v {
			text, ok := said.(string)
			switch {
			case !ok:
				return fmt.Errorf("%s is no string", language)
			case language == "en":
				t.EN = text
			case language == "zh":
				t.ZH = text
			default:
				return fmt.Errorf("the languages are en and zh, not %s", language)
			}
		}
		if t.EN == "" || t.ZH == "" {
			return errors.New("say it in both languages: { en = \"…\", zh = \"…\" }")
		}
		return nil
	}
	return errors.New(`a text is { en = "…", zh = "…" }`)
}

func (t Text) empty() bool { return t.EN == "" || t.ZH == "" }
