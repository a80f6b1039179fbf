package search_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/search"
)

// finds reports whether a text is found by a query, both in a language.
func finds(language, text, line string) bool {
	s := search.Set{}
	s.Add(language, text, 0)
	q := search.Parse(language, line)
	return !slices.ContainsFunc(q.Tokens, func(t string) bool { return !s[t] }) && !q.Excludes(func(t string) bool { return s[t] })
}

func TestQueriesFindWordsBeginningsAndPhrases(t *testing.T) {
	const text = "Der Drucker im Büro brennt: Störung 0x80070035, Donaudampfschifffahrt"
	for line, want := range map[string]bool{
		"drucker": true, "DRUCK": true, "buro": true, "Büro": true, "stor": true, "rucker": false,
		"drucker brennt": true, `"drucker im"`: true, `"drucker brennt"`: false, `"im buro brennt"`: true,
		"drucker -brennt": false, "drucker -wasser": true, `drucker -"drucker brennt"`: true, `-"im Büro"`: false,
		"0x8007": true, "donaudampfschiff": true, "": true, `"`: true, "-": true, "x:y": false,
	} {
		if finds("de", text, line) != want {
			t.Errorf("%q: found is %v", line, !want)
		}
	}
}

func TestOperatorsAreThoseThatAreKnown(t *testing.T) {
	q := search.Parse("en", `Status:new vpn tag:"two words" http://x -status:open`, "status", "tag")
	if want := []search.Operator{{Name: "status", Value: "new"}, {Name: "tag", Value: "two words"}}; !slices.Equal(q.Is, want) {
		t.Errorf("operators are %v", q.Is)
	}
	if want := []string{"http", "vpn", "x"}; !slices.Equal(q.Tokens, want) {
		t.Errorf("tokens are %q", q.Tokens)
	}
	if len(q.Without) != 1 {
		t.Errorf("without is %q", q.Without)
	}
}

func TestEveryTextIsFoundByEachOfItsWordsAndNothingPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		of := rapid.SampledFrom([]string{"en", "de", "tr", "fr", "ru", "xx"})
		language, other := of.Draw(t, "language"), of.Draw(t, "other")
		q := search.Parse(other, text, "status", "is")
		q.Snippet(text)
		for _, w := range search.Words(text) {
			if !finds(language, text, `"`+w+`"`) || !finds(language, text, w) {
				t.Fatalf("%q isn't found by %q", text, w)
			}
			s := search.Set{}
			s.Add(language, text, 0)
			if q := search.Parse(other, w); len(q.Tokens) == 1 && !s[q.Tokens[0]] {
				t.Fatalf("%q in %s isn't found by %q in %s", text, language, w, other)
			}
		}
		s := search.Set{}
		s.Add("en", strings.Repeat(text+" ", 200), 0)
		if len(s) > search.MaxTokens {
			t.Fatalf("%d tokens", len(s))
		}
	})
}

func TestAWordStandsForItsFormsInItsLanguage(t *testing.T) {
	for _, c := range []struct{ language, text, line string }{
		{"en", "The printer is broken", "printers"}, {"en", "One battery", "batteries"}, {"en", "Two batteries", "battery"}, {"en", "It is printing", "prints"},
		{"de", "Mein Drucker", "Druckern"}, {"de", "Zwei Mäuse", "Maus"}, {"tr", "Yazıcılar bozuk", "yazıcı"}, {"fr", "Les imprimantes", "imprimante"},
		{"es", "Las impresoras", "impresora"}, {"ru", "принтеры", "принтер"},
	} {
		if !finds(c.language, c.text, c.line) {
			t.Errorf("%q isn't found by %q in %s", c.text, c.line, c.language)
		}
	}
	if finds("en", "The printer is broken", `"printers"`) {
		t.Error("what stands in quotes stands for itself")
	}
}

func TestTheLanguageOfAQueryIsTheFirstOneThatIsKnown(t *testing.T) {
	for accepted, want := range map[string]string{"": "en", "de-AT,de;q=0.9,en;q=0.8": "de", "ja, tr;q=0.5": "tr", "nb": "no", "*": "en", "xx": "en"} {
		if got := search.Language(accepted); got != want {
			t.Errorf("%q is %s, not %s", accepted, got, want)
		}
	}
}

// marked is a snippet with its hits in brackets.
func marked(parts []search.Part) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Hit {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func TestASnippetShowsWhereTheWordsStand(t *testing.T) {
	long := strings.Repeat("Some words that nobody looks for. ", 20)
	for _, c := range []struct{ line, text, want string }{
		{"printers", "The Printer\n\nis   broken.", "The [Printer] is broken."},
		{"buro", "Im Büro brennt es", "Im [Büro] brennt es"},
		{`"is broken"`, "It is broken", "It [is] [broken]"},
		{"zebra", "Nothing of the kind", ""},
		{"", "Anything", ""},
		{"zebra", long + "A zebra! " + long, "…that nobody looks for. Some words that nobody looks for. A [zebra]! Some words that nobody looks for. Some words that nobody looks for. Some words that nobody looks for. Some words that nobody looks for…"},
	} {
		if got := marked(search.Parse("en", c.line).Snippet(c.text)); got != c.want {
			t.Errorf("%q in %.40q:\n%s\nnot\n%s", c.line, c.text, got, c.want)
		}
	}
}
