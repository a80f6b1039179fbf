package preset_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/markdown"
	"ticketsystem.example/shared/preset"
)

// office is a small organisation on the in-memory twin.
type office struct {
	*desk.Desk
	t     *testing.T
	store *docdb.Memory
}

func newOffice(t *testing.T) *office {
	t.Helper()
	store := docdb.NewMemory()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	o := &office{desk.New(docdb.Open(store, desk.Indexes()).Twice(), func() time.Time { return at }), t, store}
	o.must(o.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{
		{ID: "it", Name: "IT", Active: true}, {ID: "finance", Name: "Finance", Active: true},
		{ID: "network", Name: "Network", Parent: "it", Active: true, Categories: []desk.Category{{ID: "vpn", Name: "VPN", Active: true, Fields: []desk.CustomField{{ID: "serial", Name: "Serial", Kind: desk.FieldText, Active: true}}}}},
	}}))
	for _, p := range []desk.Person{
		{ID: "ada", Role: desk.RoleAdmin}, {ID: "mia", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"it"}},
		{ID: "nora", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"network"}},
		{ID: "liam", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"finance"}}, {ID: "uma", Role: desk.RoleUser},
	} {
		p.Name, p.Email, p.Zone, p.Locale = strings.ToUpper(string(p.ID))+" Doe", string(p.ID)+"@demo.example", "Europe/Istanbul", "de-AT"
		o.must(o.SavePerson(t.Context(), p))
	}
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) as(id desk.PersonID) desk.Actor {
	o.t.Helper()
	p, err := o.Person(o.t.Context(), id)
	o.must(err)
	return p.Actor()
}

func (o *office) save(who desk.PersonID, k preset.Kind, d preset.Draft) (preset.Preset, error) {
	if d.Name == "" {
		d.Name = "A preset"
	}
	return preset.Create(o.t.Context(), o.Desk, o.as(who), k, d, desk.Options{})
}

func (o *office) open(title string) desk.Ticket {
	o.t.Helper()
	t, err := o.Create(o.t.Context(), o.as("uma"), desk.NewTicket{Title: title, Description: "x", Department: "network"}, desk.Options{})
	o.must(err)
	return t
}

func wantKind(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if got := fault.KindOf(err); got != kind {
		t.Errorf("%s: got %q (%v), want %q", what, got, err, kind)
	}
}

func words(texts ...string) preset.Words {
	w := preset.Words{Language: texts[0], Texts: map[string]string{}}
	for i := 0; i < len(texts); i += 2 {
		w.Texts[texts[i]] = texts[i+1]
	}
	return w
}

func TestAPresetIsThereForItsDepartmentAndItsRelatives(t *testing.T) {
	o := newOffice(t)
	hi := words("en", "Hi")
	for scope, c := range map[desk.DepartmentID]struct {
		by   desk.PersonID
		sees string
	}{"": {"ada", "ada mia nora liam"}, "it": {"mia", "ada mia nora"}, "network": {"mia", "ada mia nora"}, "finance": {"liam", "ada liam"}} {
		p, err := o.save(c.by, preset.CannedReply, preset.Draft{Department: scope, Reply: hi})
		o.must(err)
		for _, who := range []desk.PersonID{"ada", "mia", "nora", "liam"} {
			_, err := preset.Show(t.Context(), o.Desk, o.as(who), preset.CannedReply, p.ID)
			if (err == nil) != strings.Contains(c.sees, string(who)) {
				t.Errorf("%s of %q: %v", who, scope, err)
			}
		}
		_, err = preset.Show(t.Context(), o.Desk, o.as("uma"), preset.CannedReply, p.ID)
		wantKind(t, "a requester", err, fault.Forbidden)
		_, err = preset.Show(t.Context(), o.Desk, o.as("ada"), preset.Macro, p.ID)
		wantKind(t, "as another kind", err, fault.NotFound)
	}
	for who, n := range map[desk.PersonID]int{"ada": 4, "mia": 3, "nora": 3, "liam": 2} {
		if l, err := preset.List(t.Context(), o.Desk, o.as(who), preset.CannedReply); err != nil || len(l) != n {
			t.Errorf("%s lists %d (%v)", who, len(l), err)
		}
	}
	_, err := preset.List(t.Context(), o.Desk, o.as("uma"), preset.Macro)
	wantKind(t, "a requester's list", err, fault.Forbidden)
}

func TestStaffKeepPresetsOfTheirOwnBranchOnly(t *testing.T) {
	o := newOffice(t)
	d := preset.Draft{Reply: words("en", "Hi")}
	for _, c := range []struct {
		who   desk.PersonID
		scope desk.DepartmentID
	}{{"nora", ""}, {"nora", "it"}, {"nora", "finance"}, {"liam", "network"}, {"uma", "network"}, {"uma", ""}} {
		d.Department = c.scope
		_, err := o.save(c.who, preset.CannedReply, d)
		wantKind(t, string(c.who)+" for "+string(c.scope), err, fault.Forbidden)
	}
	d.Department = "it"
	p, err := o.save("mia", preset.CannedReply, d)
	o.must(err)
	_, err = preset.Replace(t.Context(), o.Desk, o.as("nora"), preset.CannedReply, p.ID, 0, d)
	wantKind(t, "a change from below", err, fault.Forbidden)
	wantKind(t, "a deletion by a stranger", preset.Delete(t.Context(), o.Desk, o.as("liam"), preset.CannedReply, p.ID, 0), fault.NotFound)
	d.Name, d.Department = "Renamed", ""
	_, err = preset.Replace(t.Context(), o.Desk, o.as("mia"), preset.CannedReply, p.ID, 0, d)
	wantKind(t, "giving it to all", err, fault.Forbidden)
	d.Department = "network"
	p, err = preset.Replace(t.Context(), o.Desk, o.as("mia"), preset.CannedReply, p.ID, 1, d)
	o.must(err)
	wantKind(t, "an outdated deletion", preset.Delete(t.Context(), o.Desk, o.as("nora"), preset.CannedReply, p.ID, 1), fault.Stale)
	o.must(preset.Delete(t.Context(), o.Desk, o.as("nora"), preset.CannedReply, p.ID, p.Version))
	if l, err := preset.List(t.Context(), o.Desk, o.as("ada"), preset.CannedReply); err != nil || len(l) != 0 {
		t.Errorf("left: %v (%v)", l, err)
	}
}

func TestBadPresetsAreRefusedByName(t *testing.T) {
	o := newOffice(t)
	many := preset.Words{Language: "en", Texts: map[string]string{}}
	for i := range preset.MaxLanguages + 1 {
		many.Texts["en-"+string(rune('A'+i))+"B"] = "x"
	}
	for field, c := range map[string]struct {
		kind  preset.Kind
		draft preset.Draft
	}{
		"name":         {preset.CannedReply, preset.Draft{Name: strings.Repeat("x", 81), Reply: words("en", "x")}},
		"department":   {preset.CannedReply, preset.Draft{Department: "moon", Reply: words("en", "x")}},
		"texts":        {preset.CannedReply, preset.Draft{}},
		"texts.en":     {preset.CannedReply, preset.Draft{Reply: words("en", "{{ticket.notes}}")}},
		"texts.tr":     {preset.CannedReply, preset.Draft{Reply: words("tr", "{{if true}}x{{end}}")}},
		"texts.de":     {preset.CannedReply, preset.Draft{Reply: words("de", "{{ticket.number")}},
		"language":     {preset.CannedReply, preset.Draft{Reply: preset.Words{Language: "fr", Texts: map[string]string{"en": "x"}}}},
		"changes":      {preset.Macro, preset.Draft{}},
		"status":       {preset.Macro, preset.Draft{Changes: preset.Changes{Status: "merged"}}},
		"note.texts":   {preset.Macro, preset.Draft{Note: words("klingon language", "x")}},
		"reply.texts":  {preset.Macro, preset.Draft{Reply: many}},
		"priority":     {preset.Template, preset.Draft{Ticket: preset.Opening{Priority: "soon"}}},
		"values.other": {preset.Template, preset.Draft{Ticket: preset.Opening{Values: map[string]any{"other": []any{1.0}}}}},
	} {
		_, err := o.save("ada", c.kind, c.draft)
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if n := len(o.store.Dump("presets")) + len(o.store.Dump("preset_lists")); n != 0 {
		t.Errorf("%d documents after all that", n)
	}
}

func TestAReplyIsRenderedInTheLanguageThatSuitsBest(t *testing.T) {
	o := newOffice(t)
	tk := o.open("Printer on fire")
	p, err := o.save("ada", preset.CannedReply, preset.Draft{Reply: words(
		"en", "Dear {{requester.first_name}}, {{ticket.number}} in {{ticket.department}} is {{ticket.status}}. {{agent.name}}", "de", "Guten Tag {{ requester.name }}", "tr", "Merhaba")})
	o.must(err)
	for asked, want := range map[string]string{
		"": "de Guten Tag UMA Doe", "de-CH": "de Guten Tag UMA Doe", "tr": "tr Merhaba", "en-GB": "en Dear UMA, " + tk.Number + " in Network is new. NORA Doe",
	} {
		got, err := preset.PreviewFor(t.Context(), o.Desk, o.as("nora"), p.ID, tk.Number, asked)
		if o.must(err); got.Language+" "+got.Text != want {
			t.Errorf("%q: got %+v, want %s", asked, got, want)
		}
	}
	if text, in := p.Draft.Reply.In("ja", "not a tag"); in != "en" || text == "" {
		t.Errorf("for others: %s", in)
	}
	_, err = preset.PreviewFor(t.Context(), o.Desk, o.as("liam"), p.ID, tk.Number, "")
	wantKind(t, "for a ticket of others", err, fault.NotFound)
	_, err = preset.PreviewFor(t.Context(), o.Desk, o.as("uma"), p.ID, tk.Number, "")
	wantKind(t, "by the requester", err, fault.Forbidden)
}

func TestValuesNeitherFormatNorCallNorExpand(t *testing.T) {
	o := newOffice(t)
	p, err := o.save("ada", preset.CannedReply, preset.Draft{Reply: words("en", "About “{{ticket.title}}”.")})
	o.must(err)
	for _, title := range []string{
		"@ada look", "**bold** _it_", "[x](https://evil.example)", "see https://evil.example or www.evil.example", "mail a@evil.example", "{{agent.name}}", "<b>x</b> &amp; `code`", `back\slash`,
		"![p](x) # h | t ~~s~~",
	} {
		got, err := preset.PreviewFor(t.Context(), o.Desk, o.as("nora"), p.ID, o.open(title).Number, "")
		o.must(err)
		plain := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(title)
		if html := markdown.HTML(got.Text); html != "<p>About “"+plain+"”.</p>" || len(markdown.Mentions(got.Text)) != 0 {
			t.Errorf("%s: %s is %s and calls %v", title, got.Text, html, markdown.Mentions(got.Text))
		}
	}
}

// TestAnyTextIsRefusedOrRendersWithoutBraces saves random texts.
func TestAnyTextIsRefusedOrRendersWithoutBraces(t *testing.T) {
	o := newOffice(t)
	tk := o.open("Printer")
	piece := rapid.SampledFrom([]string{"{{", "}}", "{", "}", "ticket.number", "ticket", ".", " ", "x", "{{ticket.title}}", "{{ agent.name }}", "\n"})
	rapid.Check(t, func(r *rapid.T) {
		text := "a" + strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(r, "text"), "") + "b"
		p, err := o.save("ada", preset.CannedReply, preset.Draft{Reply: words("en", text)})
		if fault.Is(err, fault.Invalid) {
			return
		}
		o.must(err)
		got, err := preset.PreviewFor(t.Context(), o.Desk, o.as("nora"), p.ID, string(tk.ID), "en")
		o.must(err)
		if strings.Contains(got.Text, "{{") || strings.Contains(got.Text, "}}") {
			r.Fatalf("%q became %q", text, got.Text)
		}
		o.must(preset.Delete(t.Context(), o.Desk, o.as("ada"), preset.CannedReply, p.ID, 0))
	})
}

func TestAMacroDoesWhatItsUserCould(t *testing.T) {
	o := newOffice(t)
	tk := o.open("Printer")
	m, err := o.save("nora", preset.Macro, preset.Draft{
		Department: "network", Reply: words("en", "Solved, {{requester.first_name}}."), Note: words("en", "By {{agent.name}}."),
		Changes: preset.Changes{Assignee: preset.Me, Status: desk.StatusResolved, Resolution: "Restarted.", AddTags: []string{"outage"}},
	})
	o.must(err)
	_, err = preset.Apply(t.Context(), o.Desk, o.as("uma"), m.ID, tk.Number, "", desk.Options{})
	wantKind(t, "a requester", err, fault.Forbidden)
	_, err = preset.Apply(t.Context(), o.Desk, o.as("liam"), m.ID, tk.Number, "", desk.Options{})
	wantKind(t, "a stranger", err, fault.NotFound)
	_, err = preset.Apply(t.Context(), o.Desk, o.as("nora"), "nothing", tk.Number, "", desk.Options{})
	wantKind(t, "no macro", err, fault.Invalid)
	opt := func() desk.Options { return desk.Options{Request: &desk.Request{ID: "r1", Fingerprint: "f"}} }
	got, err := preset.Apply(t.Context(), o.Desk, o.as("nora"), m.ID, tk.Number, "", opt())
	o.must(err)
	again, err := preset.Apply(t.Context(), o.Desk, o.as("nora"), m.ID, tk.Number, "", opt())
	o.must(err)
	if got.Assignee != "nora" || got.Status != desk.StatusResolved || got.Tags[0] != "outage" || again.Version != got.Version || got.Version != 4 {
		t.Errorf("got %+v, again version %d", got, again.Version)
	}
	said, _, err := o.Comments(t.Context(), o.as("nora"), tk.Number, desk.Page{})
	if o.must(err); len(said) != 2 || said[0].Body != "Solved, UMA." || said[1].Body != "By NORA Doe." || !said[1].Internal {
		t.Errorf("said %+v", said)
	}
}

func TestATemplateFillsInWhatIsLeftOut(t *testing.T) {
	o := newOffice(t)
	p, err := o.save("ada", preset.Template, preset.Draft{Everyone: true, Ticket: preset.Opening{
		Title: "VPN for a colleague", Description: "Who?", Department: "network", Category: "vpn", Priority: desk.PriorityLow, Tags: []string{"new"}, Values: map[string]any{"serial": "x"},
	}})
	o.must(err)
	n, err := preset.Fill(t.Context(), o.Desk, o.as("uma"), p.ID, desk.NewTicket{Description: "Liam.", Values: map[string]any{"serial": "y"}})
	o.must(err)
	got, err := o.Create(t.Context(), o.as("uma"), n, desk.Options{})
	o.must(err)
	if got.Title != "VPN for a colleague" || got.Description != "Liam." || got.Category != "vpn" || got.Priority != desk.PriorityLow || got.Tags[0] != "new" || got.Values["serial"] != "y" {
		t.Errorf("got %+v", got)
	}
	n, err = preset.Fill(t.Context(), o.Desk, o.as("uma"), p.ID, desk.NewTicket{Department: "finance"})
	if o.must(err); n.Category != "" || len(n.Values) != 0 {
		t.Errorf("elsewhere: %+v", n)
	}
	hidden, err := o.save("ada", preset.Template, preset.Draft{Ticket: preset.Opening{Title: "For staff"}})
	o.must(err)
	_, err = preset.Fill(t.Context(), o.Desk, o.as("uma"), hidden.ID, desk.NewTicket{})
	wantKind(t, "a template for staff", err, fault.Invalid)
	if l, err := preset.List(t.Context(), o.Desk, o.as("uma"), preset.Template); err != nil || len(l) != 1 {
		t.Errorf("a user lists %d (%v)", len(l), err)
	}
}

func TestTheNumberOfPresetsIsLimited(t *testing.T) {
	o := newOffice(t)
	for range preset.MaxPresets {
		_, err := o.save("ada", preset.CannedReply, preset.Draft{Reply: words("en", "x")})
		o.must(err)
	}
	_, err := o.save("ada", preset.CannedReply, preset.Draft{Reply: words("en", "x")})
	wantKind(t, "one more", err, fault.Conflict)
}
