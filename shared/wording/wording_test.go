package wording

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"
)

// file reads a language's sentences.
func file(t *testing.T, l language.Tag) map[string]string {
	t.Helper()
	data, err := files.ReadFile("locales/" + l.String() + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]string
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// gaps are the values that a sentence has, sorted.
func gaps(sentence string) string {
	all := regexp.MustCompile(`{{\.\w+}}`).FindAllString(sentence, -1)
	slices.Sort(all)
	return strings.Join(all, "")
}

func TestEveryLanguageSaysTheSame(t *testing.T) {
	english := file(t, language.English)
	for _, l := range Languages[1:] {
		words := file(t, l)
		if len(words) != len(english) {
			t.Errorf("%s has %d sentences, English %d", l, len(words), len(english))
		}
		for id, sentence := range english {
			if words[id] == "" || gaps(words[id]) != gaps(sentence) {
				t.Errorf("%s: %s is %q", l, id, words[id])
			}
		}
	}
}

func TestAPhraseIsSaidInTheReadersLanguage(t *testing.T) {
	p := Say("status.on_hold", "Title", "Drucker {{.Title}} <b>")
	for locale, want := range map[string]string{
		"en": "“Drucker {{.Title}} <b>” is now on hold", "de-AT": "„Drucker {{.Title}} <b>“ ist jetzt zurückgestellt",
		"tr-TR": "“Drucker {{.Title}} <b>” şimdi beklemede", "ar-EG": "«Drucker {{.Title}} <b>» الآن معلّقة",
		"ja": "“Drucker {{.Title}} <b>” is now on hold", "": "“Drucker {{.Title}} <b>” is now on hold", "!!": "“Drucker {{.Title}} <b>” is now on hold",
	} {
		if got := p.In(For(locale)); got != want {
			t.Errorf("%s: %q", locale, got)
		}
	}
}

func TestWhatNobodyKnowsToSayBreaksNothing(t *testing.T) {
	if got := Say("from.the.future").English(); got != "(from.the.future)" {
		t.Errorf("got %q", got)
	}
}

func TestArabicIsWrittenFromTheRight(t *testing.T) {
	if Direction(For("ar-JO")) != "rtl" || Direction(For("tr")) != "ltr" {
		t.Error("it isn't")
	}
}
