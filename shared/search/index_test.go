package search_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/search"
)

// finds reports whether a text is found by a query.
func finds(text, line string) bool {
	s := search.Set{}
	s.Add(text)
	q := search.Parse(line)
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
		if finds(text, line) != want {
			t.Errorf("%q: found is %v", line, !want)
		}
	}
}

func TestOperatorsAreThoseThatAreKnown(t *testing.T) {
	q := search.Parse(`Status:new vpn tag:"two words" http://x -status:open`, "status", "tag")
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
		search.Parse(text, "status", "is")
		for _, w := range search.Words(text) {
			if !finds(text, `"`+w+`"`) {
				t.Fatalf("%q isn't found by %q", text, w)
			}
		}
		s := search.Set{}
		s.Add(strings.Repeat(text+" ", 200))
		if len(s) > search.MaxTokens {
			t.Fatalf("%d tokens", len(s))
		}
	})
}
