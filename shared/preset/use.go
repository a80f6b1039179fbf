package preset

import (
	"context"
	"maps"
	"reflect"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// List returns what there is of a kind for the actor, by name, with one read.
func List(ctx context.Context, d *desk.Desk, a desk.Actor, k Kind) ([]Entry, error) {
	if err := mayUse(a, k); err != nil {
		return nil, err
	}
	org, err := d.Organisation(ctx)
	if err != nil {
		return nil, err
	}
	all, err := readList(ctx, d.DB, k)
	if err != nil {
		return nil, err
	}
	var out []Entry
	for _, e := range all.Entries {
		if offered(org, a, k, e.Department, e.Everyone) {
			out = append(out, e)
		}
	}
	return out, nil
}

// mayUse asks the policy; users are offered templates only.
func mayUse(a desk.Actor, k Kind) error {
	if k == Template || desk.May(a, desk.PresetUse, nil) {
		return nil
	}
	return fault.New(fault.Forbidden, "not_allowed", "Canned replies and macros are for staff.")
}

// Show returns a preset that is there for the actor.
func Show(ctx context.Context, d *desk.Desk, a desk.Actor, k Kind, id string) (Preset, error) {
	org, err := d.Organisation(ctx)
	if err != nil {
		return Preset{}, err
	}
	return find(ctx, d.DB, org, a, k, id)
}

func find(ctx context.Context, r docdb.Reader, org *desk.Organisation, a desk.Actor, k Kind, id string) (Preset, error) {
	if err := mayUse(a, k); err != nil {
		return Preset{}, err
	}
	if !desk.ValidID(id) {
		return Preset{}, fault.Missing(k.Name())
	}
	p, err := docdb.Get[Preset](ctx, r, presetKey(id))
	if fault.Is(err, fault.NotFound) || err == nil && (p.Kind != k || !offered(org, a, k, p.Draft.Department, p.Draft.Everyone)) {
		return Preset{}, fault.Missing(k.Name())
	}
	return p, err
}

// Preview is a canned reply as it would be for a ticket.
type Preview struct {
	Text     string // Markdown
	Language string
}

// PreviewFor renders a canned reply for a ticket that the actor works on, in the language that is
// asked for, else the ticket's, else the requester's. It reads the reply, the ticket and the requester.
func PreviewFor(ctx context.Context, d *desk.Desk, a desk.Actor, id, ref, in string) (Preview, error) {
	p, err := Show(ctx, d, a, CannedReply, id)
	if err != nil {
		return Preview{}, err
	}
	s, err := newSpeaker(ctx, d, a, ref, in)
	if err != nil {
		return Preview{}, err
	}
	text, lang := s.say(p.Draft.Reply)
	return Preview{text, lang}, nil
}

// speaker renders words for one ticket.
type speaker struct {
	values    map[string]string
	preferred []string
}

func newSpeaker(ctx context.Context, d *desk.Desk, a desk.Actor, ref, in string) (*speaker, error) {
	t, err := d.Show(ctx, a, ref)
	if err != nil {
		return nil, err
	}
	if err := desk.Allow(a, desk.ReplyWrite, &t); err != nil {
		return nil, err
	}
	org, err := d.Organisation(ctx)
	if err != nil {
		return nil, err
	}
	people, err := d.People(ctx, []desk.PersonID{t.Requester})
	if err != nil {
		return nil, err
	}
	requester := people[t.Requester]
	return &speaker{valuesOf(org, t, requester, a), []string{in, t.Language, requester.Locale}}, nil
}

func (s *speaker) say(w Words) (text, language string) {
	text, language = w.In(s.preferred...)
	return render(text, s.values), language
}

// WishFor is what a macro does to a ticket when the actor uses it: for words it reads the
// ticket and the requester, for changes nothing.
func (p Preset) WishFor(ctx context.Context, d *desk.Desk, a desk.Actor, ref, in string) (desk.Wish, error) {
	wish := p.Draft.Changes.Wish(a.ID)
	if len(p.Draft.Reply.Texts)+len(p.Draft.Note.Texts) == 0 {
		return wish, nil
	}
	s, err := newSpeaker(ctx, d, a, ref, in)
	if err != nil {
		return wish, err
	}
	wish.Reply, _ = s.say(p.Draft.Reply)
	wish.Note, _ = s.say(p.Draft.Note)
	return wish, nil
}

// Apply uses a macro on a ticket.
func Apply(ctx context.Context, d *desk.Desk, a desk.Actor, id, ref, in string, opt desk.Options) (desk.Ticket, error) {
	if _, err := d.Show(ctx, a, ref); err != nil {
		return desk.Ticket{}, err
	}
	p, err := Show(ctx, d, a, Macro, id)
	if fault.Is(err, fault.NotFound) {
		return desk.Ticket{}, fault.Bad("macro", "There is no such macro.")
	}
	if err != nil {
		return desk.Ticket{}, err
	}
	wish, err := p.WishFor(ctx, d, a, ref, in)
	if err != nil {
		return desk.Ticket{}, err
	}
	return d.Apply(ctx, a, ref, wish, opt)
}

// Fill completes a new ticket from a template: what it already says stays.
func Fill(ctx context.Context, d *desk.Desk, a desk.Actor, id string, n desk.NewTicket) (desk.NewTicket, error) {
	p, err := Show(ctx, d, a, Template, id)
	if fault.Is(err, fault.NotFound) {
		return n, fault.Bad("template", "There is no such template.")
	}
	if err != nil {
		return n, err
	}
	o := p.Draft.Ticket
	if n.Department == "" && n.Category == "" { // a category belongs to its department
		n.Department, n.Category, n.Subcategory = o.Department, o.Category, or(n.Subcategory, o.Subcategory)
	}
	n.Title, n.Description, n.Priority = or(n.Title, o.Title), or(n.Description, o.Description), or(n.Priority, o.Priority)
	if n.Tags == nil {
		n.Tags = o.Tags
	}
	values := maps.Clone(o.Values)
	if n.Category != o.Category || values == nil {
		values = map[string]any{}
	}
	maps.Copy(values, n.Values)
	n.Values = values
	return n, nil
}

func or[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// Empty reports whether nothing is changed.
func (c Changes) Empty() bool { return reflect.ValueOf(c).IsZero() }

// Wish is the changes as the desk makes them, for whoever is "me".
func (c Changes) Wish(me desk.PersonID) desk.Wish {
	p := desk.Patch{
		Department: set(c.Department), Category: set(c.Category), Subcategory: set(c.Subcategory), Priority: set(c.Priority), Status: set(c.Status),
		Assignee: set(c.Assignee), Resolution: set(c.Resolution), HoldReason: set(c.HoldReason), Language: set(c.Language), Values: c.Values,
	}
	switch c.Assignee {
	case Me:
		p.Assignee = &me
	case Nobody:
		p.Assignee = new(desk.PersonID)
	}
	return desk.Wish{Patch: p, AddTags: c.AddTags, RemoveTags: c.RemoveTags, Escalate: c.Escalate}
}

// set is nil for what is left out.
func set[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
