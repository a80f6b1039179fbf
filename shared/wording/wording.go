// Package wording says what the desk tells people in each one's own language.
//
// Ideas: what happened is a Phrase, a message's id with its values, and only becomes words
// for a reader. Sentences are whole, one for each status and not one with a gap, since
// languages bend their words differently. They lie in locales/, a file a language, for
// translators; a test compares the files, so that no language lacks a sentence. A language
// that has no file is answered in its nearest, and last in English.
//
// It stores nothing, and what people wrote themselves it leaves as it is.
package wording

import (
	"embed"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Phrase is something to say: the id of a message, and the values in it.
type Phrase struct {
	ID   string            `json:"id"`
	With map[string]string `json:"with,omitempty"` // by the name that the message has for it, e.g. "Title"
}

// Say makes a phrase of pairs of names and values.
func Say(id string, pairs ...string) Phrase {
	p := Phrase{ID: id, With: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		p.With[pairs[i]] = pairs[i+1]
	}
	return p
}

// Languages are those there are words in, the one for everybody else first.
var Languages = []language.Tag{language.English, language.German, language.Turkish, language.Arabic}

//go:embed locales
var files embed.FS

// bundle is read at the first use: a function that says nothing pays nothing.
var bundle = sync.OnceValue(func() *i18n.Bundle {
	b := i18n.NewBundle(Languages[0])
	b.RegisterUnmarshalFunc("json", json.Unmarshal)
	for _, l := range Languages {
		if _, err := b.LoadMessageFileFS(files, "locales/"+l.String()+".json"); err != nil {
			panic("wording: " + err.Error()) // the files are part of the program, and a test reads them
		}
	}
	return b
})

var matcher = language.NewMatcher(Languages)

// For is the language in which somebody of a locale (BCP 47) is written to.
func For(locale string) language.Tag {
	wanted, _, err := language.ParseAcceptLanguage(locale)
	if err != nil {
		return Languages[0]
	}
	_, i, _ := matcher.Match(wanted...)
	return Languages[i]
}

// Direction is how a language is written: "ltr" or "rtl".
func Direction(l language.Tag) string {
	if base, _ := l.Base(); base.String() == "ar" {
		return "rtl"
	}
	return "ltr"
}

// In is the phrase in a language. One that no file knows, as from a newer function, is its
// id: it says little, and breaks nothing.
func (p Phrase) In(l language.Tag) string {
	text, err := i18n.NewLocalizer(bundle(), l.String()).Localize(&i18n.LocalizeConfig{MessageID: p.ID, TemplateData: p.With})
	if err != nil && text == "" {
		return fmt.Sprintf("(%s)", p.ID)
	}
	return text
}

// English is the phrase in the language that everybody else is written to.
func (p Phrase) English() string { return p.In(Languages[0]) }
