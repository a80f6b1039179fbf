package desk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/search"
)

// found are the titles of what somebody finds, last opened first, page by page.
func (o *office) found(who desk.PersonID, line string) []string {
	o.t.Helper()
	titles, cursor := []string{}, ""
	for {
		list, next, err := o.Search(o.t.Context(), o.as(who), desk.Filter{}, desk.Question{Line: line}, desk.Page{Limit: 2, Cursor: cursor})
		o.must(err)
		for _, t := range list {
			titles = append(titles, t.Title)
		}
		if cursor = next; cursor == "" {
			return titles
		}
	}
}

func (o *office) finds(who desk.PersonID, line string, want ...string) {
	o.t.Helper()
	if got := o.found(who, line); !slices.Equal(got, want) {
		o.t.Errorf("%s searching %q finds %q, not %q", who, line, got, want)
	}
}

func titled(title, text string) func(*desk.NewTicket) {
	return func(n *desk.NewTicket) { n.Title, n.Description = title, text }
}

func TestSearchFindsWhatEachMayReadAndNotesForStaffOnly(t *testing.T) {
	o := newOffice(t)
	one := o.open(titled("Drucker brennt", "Im Büro riecht es."))
	o.later(time.Second)
	two := o.open(titled("VPN is slow", "Since Monday."))
	o.say("nora", one, "Known fault, a salamander.", true)
	o.say("nora", two, "Please restart the client.", false)
	for _, who := range []desk.PersonID{"uma", "nora", "mia", "ada"} {
		o.finds(who, "buro", "Drucker brennt")
		o.finds(who, "restart vpn", "VPN is slow")
		o.finds(who, "name uma", "VPN is slow", "Drucker brennt")
		o.finds(who, one.Number, "Drucker brennt")
	}
	for _, who := range []desk.PersonID{"nora", "mia", "ada"} {
		o.finds(who, "salam drucker", "Drucker brennt")
		o.finds(who, "name -salamander", "VPN is slow")
	}
	for _, line := range []string{"salam", "salamander drucker", `"known fault"`} {
		o.finds("uma", line)
	}
	o.finds("uma", "name -salamander", "VPN is slow", "Drucker brennt")
	for _, who := range []desk.PersonID{"otto", "liam"} {
		o.finds(who, "buro")
		o.finds(who, one.Number)
		o.finds(who, "")
	}

	// Who comes to it, and who leaves it.
	_, err := o.Watch(t.Context(), o.as("nora"), string(one.ID), []desk.PersonID{"otto", "liam"}, nil, desk.Options{})
	o.must(err)
	for _, who := range []desk.PersonID{"otto", "liam"} {
		o.finds(who, "drucker", "Drucker brennt")
		o.finds(who, "salamander")
	}
	_, err = o.patch("ada", one, desk.Patch{Department: to[desk.DepartmentID]("billing"), Watchers: &[]desk.PersonID{}})
	o.must(err)
	o.finds("otto", "drucker")
	o.finds("nora", "drucker")
	o.finds("liam", "salamander", "Drucker brennt")
	o.must(o.Delete(t.Context(), o.as("ada"), string(one.ID), desk.Options{}))
	o.finds("ada", "drucker")
	o.finds("uma", "drucker")
}

func TestWordsThatWereTakenBackAreNotFound(t *testing.T) {
	o := newOffice(t)
	a := o.open(titled("Monitor flickers", "At noon."))
	c := o.say("nora", a, "Try the blue cable", false)
	note := o.say("nora", a, "Her cellar floods", true)
	_, err := o.EditComment(t.Context(), o.as("nora"), string(a.ID), c.ID, "Try the green cable", desk.Options{})
	o.must(err)
	o.finds("uma", "blue")
	o.finds("uma", `"green cable"`, "Monitor flickers")
	_, err = o.patch("uma", a, desk.Patch{Description: to("At midnight.")})
	o.must(err)
	o.finds("nora", "noon")
	o.finds("nora", "midnight green", "Monitor flickers")
	o.later(time.Second)
	_, err = o.Split(t.Context(), o.as("nora"), string(a.ID), desk.NewSplit{Title: "Wet feet", Description: "x", Comments: []desk.CommentID{note.ID}}, desk.Options{})
	o.must(err)
	o.finds("nora", "floods", "Wet feet")
	o.finds("uma", "floods")
	o.finds("uma", "name", "Wet feet", "Monitor flickers")
}

func TestOperatorsNarrowASearch(t *testing.T) {
	o := newOffice(t)
	o.open(titled("First of all", "x"), func(n *desk.NewTicket) { n.Priority, n.Tags = "high", []string{"odd one"} })
	o.later(time.Second)
	b := o.open(titled("Second of all", "x"), func(n *desk.NewTicket) { n.Priority = "low" })
	_, err := o.Claim(t.Context(), o.as("nora"), string(b.ID), desk.Options{})
	o.must(err)
	for line, want := range map[string][]string{
		"priority:high": {"First of all"}, `tag:"Odd one"`: {"First of all"}, "is:unassigned all": {"First of all"}, "assignee:me": {"Second of all"},
		"assignee:none first": {"First of all"}, "from:uma@demo.example second": {"Second of all"}, "from:me": {}, "is:done": {}, "status:new": {"First of all"},
		"is:open department:network": {"Second of all", "First of all"}, "is:escalated": {}, "is:overdue": {}, "priority:high priority:low": {},
		`"of all" -first`: {"Second of all"}, "from:otto": {}, "tag:": {}, "assignee:me is:unassigned": {},
	} {
		o.finds("nora", line, want...)
	}
	o.later(1000 * time.Hour)
	o.finds("nora", "is:overdue", "Second of all", "First of all")
	for _, bad := range []string{"status:odd", "priority:odd", "is:odd", "a b c d e f g h i j k l m"} {
		_, _, err := o.Search(t.Context(), o.as("nora"), desk.Filter{}, desk.Question{Line: bad}, desk.Page{})
		wantKind(t, err, fault.Invalid)
	}
	list, _, err := o.Search(t.Context(), o.as("nora"), desk.Filter{CreatedFrom: b.CreatedAt, Priority: "low"}, desk.Question{Line: "all"}, desk.Page{})
	o.must(err)
	if len(list) != 1 || list[0].ID != b.ID {
		t.Errorf("from its creation on there are %d", len(list))
	}
	if list, _, err = o.Search(t.Context(), o.as("nora"), desk.Filter{CreatedUntil: b.CreatedAt}, desk.Question{Line: "all"}, desk.Page{}); err != nil || len(list) != 1 || list[0].ID == b.ID {
		t.Errorf("before its creation there are %d (%v)", len(list), err)
	}
}

func TestSearchEqualsReadingEverythingThatOneMayRead(t *testing.T) {
	vocabulary := []string{"red", "reddish", "blue", "élan", "tree"}
	everyone := []desk.PersonID{"uma", "otto", "nora", "mia", "liam", "ada"}
	rapid.Check(t, func(rt *rapid.T) {
		o := newOffice(t)
		word := func() string { return rapid.SampledFrom(vocabulary).Draw(rt, "word") }
		text := func() string { return word() + " " + word() }
		for range rapid.IntRange(1, 3).Draw(rt, "tickets") {
			o.later(time.Second)
			owner := rapid.SampledFrom([]desk.PersonID{"uma", "otto", "nora", "liam"}).Draw(rt, "owner")
			n := desk.NewTicket{Title: "T " + text(), Description: text(), Department: rapid.SampledFrom([]desk.DepartmentID{"network", "billing"}).Draw(rt, "department")}
			if w := rapid.SampledFrom(everyone).Draw(rt, "watcher"); w != owner && rapid.Bool().Draw(rt, "watched") {
				n.Watchers = []desk.PersonID{w}
			}
			made, err := o.Create(t.Context(), o.as(owner), n, desk.Options{})
			o.must(err)
			for range rapid.IntRange(0, 2).Draw(rt, "comments") {
				o.say("ada", made, text(), rapid.Bool().Draw(rt, "internal"))
			}
			if rapid.Bool().Draw(rt, "moved") {
				_, err = o.patch("ada", made, desk.Patch{Department: to[desk.DepartmentID]("billing")})
				o.must(err)
			}
		}
		for _, line := range []string{word()[:2] + " " + word(), `"` + text() + `"`, word() + " -" + word()} {
			for _, who := range everyone {
				if got, want := slices.Sorted(slices.Values(o.found(who, line))), o.byReading(who, line); !slices.Equal(got, want) {
					rt.Fatalf("%s searching %q finds %q, not %q", who, line, got, want)
				}
			}
		}
	})
}

// byReading is what found should be: everything that somebody can list and open, read
// through.
func (o *office) byReading(who desk.PersonID, line string) []string {
	list, _, err := o.List(o.t.Context(), o.as(who), desk.Filter{ByCreation: true}, desk.Page{Limit: 100})
	o.must(err)
	titles, q := []string{}, search.Parse("en", line)
	for _, t := range list {
		s := search.Set{}
		s.Add("en", t.Title, 0)
		s.Add("en", t.Description, 0)
		comments, _, err := o.Comments(o.t.Context(), o.as(who), string(t.ID), desk.Page{Limit: 100})
		o.must(err)
		for _, c := range comments {
			s.Add("en", c.Body, 0)
		}
		lacks := func(token string) bool { return !s[token] }
		if !slices.ContainsFunc(q.Tokens, lacks) && !q.Excludes(func(token string) bool { return s[token] }) {
			titles = append(titles, t.Title)
		}
	}
	slices.Sort(titles)
	return titles
}

func TestAPageOfASearchCostsTheSameHoweverManyTicketsMatch(t *testing.T) {
	o := newOffice(t)
	m := &meter{Store: o.store}
	d := desk.New(docdb.Open(m, desk.Indexes()), o.Now)
	for n := range 150 {
		o.later(time.Second)
		o.open()
		if n != 70 && n != 149 {
			continue
		}
		for who, want := range map[desk.PersonID]string{"ada": "66", "uma": "66", "nora": "68"} { // nora looks in three ways
			m.reads = 0
			_, next, err := d.Search(t.Context(), o.as(who), desk.Filter{}, desk.Question{Line: "printer fire"}, desk.Page{Limit: 5})
			o.must(err)
			if got := fmt.Sprint(m.reads); got != want || next == "" {
				t.Errorf("a page of %d tickets costs %s %s reads, not %s", n+1, who, got, want)
			}
		}
	}
}

// hits searches as somebody and returns what was found with its snippets, hits in brackets.
func (o *office) hits(who desk.PersonID, line string) []string {
	o.t.Helper()
	list, _, err := o.Search(o.t.Context(), o.as(who), desk.Filter{}, desk.Question{Line: line, Language: "en-GB"}, desk.Page{})
	o.must(err)
	out := []string{}
	for _, h := range list {
		s := h.Title + " | "
		if h.Snippet != nil {
			s += h.Snippet.In + ": "
			for _, p := range h.Snippet.Parts {
				if p.Hit {
					p.Text = "[" + p.Text + "]"
				}
				s += p.Text
			}
		}
		out = append(out, s)
	}
	return out
}

func TestWhatMatchesBestComesFirstAndSaysWhere(t *testing.T) {
	o := newOffice(t)
	o.open(titled("Printers everywhere", "Nothing else."))
	o.later(time.Hour)
	o.open(titled("A smell", "It comes from the printer, I think."))
	o.later(time.Hour)
	c := o.open(titled("No paper", "x"))
	o.say("nora", c, "They will be printing tomorrow.", false)
	o.say("nora", c, "The *printers* are hers.", true)
	o.later(time.Hour)
	want := []string{
		"Printers everywhere | title: [Printers] everywhere",
		"A smell | description: It comes from the [printer], I think.",
	}
	if got := o.hits("uma", "printer"); !slices.Equal(got, want) {
		t.Errorf("uma: %q", got)
	}
	if got := o.hits("nora", "printers"); !slices.Equal(got, slices.Insert(slices.Clone(want), 1, "No paper | note: The *[printers]* are hers.")) {
		t.Errorf("nora: %q", got)
	}
	if got := o.hits("uma", "tomorrow prints"); !slices.Equal(got, []string{"No paper | reply: They will be [printing] [tomorrow]."}) {
		t.Errorf("a reply: %q", got)
	}
	if got := o.hits("nora", "is:open"); len(got) != 3 || got[0] != "No paper | " {
		t.Errorf("without words: %q", got)
	}
}

func TestAFileIsFoundByItsNameWhereOneMaySeeIt(t *testing.T) {
	o := newFiles(t)
	a := o.open(titled("Look at it", "x"))
	o.cleared("uma", a, func(n *desk.NewAttachment) { n.Name = "blue-screen.png" })
	o.cleared("nora", a, internal, func(n *desk.NewAttachment) { n.Name = "dump.png" })
	o.finds("uma", "screen blue", "Look at it")
	o.finds("nora", "dump", "Look at it")
	o.finds("uma", "dump")
	if got := o.hits("uma", "screen"); !slices.Equal(got, []string{"Look at it | file: blue-[screen].png"}) {
		t.Errorf("%q", got)
	}
}

func TestPagesOfARankedSearchShowEachTicketOnce(t *testing.T) {
	o := newOffice(t)
	want := map[string]bool{}
	for i := range 150 {
		title, text := fmt.Sprintf("Nothing %d", i), "About a lamp."
		if i%3 == 0 {
			title = fmt.Sprintf("Lamp %d", i)
		}
		want[title] = true
		o.open(titled(title, text))
		o.later(time.Minute)
	}
	for _, limit := range []int{1, 7, 60, 61, 100} {
		seen, cursor, pages := map[string]bool{}, "", 0
		for {
			list, next, err := o.Search(t.Context(), o.as("uma"), desk.Filter{}, desk.Question{Line: "lamp"}, desk.Page{Limit: limit, Cursor: cursor})
			o.must(err)
			for _, h := range list {
				if seen[h.Title] {
					t.Fatalf("%q twice in pages of %d", h.Title, limit)
				}
				seen[h.Title] = true
			}
			if pages++; next == "" {
				break
			}
			cursor = next
		}
		if len(seen) != len(want) {
			t.Errorf("pages of %d show %d", limit, len(seen))
		}
	}
}
