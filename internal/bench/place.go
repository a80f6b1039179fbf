package bench

import (
	"context"
	"strings"
	"time"

	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/bulk"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/preset"
	"ticketsystem.example/shared/start"
	"ticketsystem.example/shared/view"
)

// counted is a store that counts what is read and written, and how long queries take.
// One request at a time may use it.
type counted struct {
	docdb.Store
	reads, writes int
	queries       time.Duration
}

// Get implements docdb.Store.
func (c *counted) Get(ctx context.Context, keys []docdb.Key) ([]docdb.Record, error) {
	c.reads += len(keys)
	return c.Store.Get(ctx, keys)
}

// Query implements docdb.Store.
func (c *counted) Query(ctx context.Context, q docdb.Query) ([]docdb.Record, error) {
	began := time.Now()
	found, err := c.Store.Query(ctx, q)
	c.queries += time.Since(began)
	c.reads += max(len(found), 1) // an empty answer costs one too
	return found, err
}

// Commit implements docdb.Store.
func (c *counted) Commit(ctx context.Context, writes []docdb.Write) error {
	c.writes += len(writes)
	return c.Store.Commit(ctx, writes)
}

// place is a desk on a database of some size, with tickets to work on.
type place struct {
	store           *counted
	desk            *desk.Desk
	uma, nora, root desk.Actor // a user, staff of the department network, an administrator
	work            []string
}

// newPlace opens a desk on a store in which the demo's people are.
func newPlace(ctx context.Context, store docdb.Store) (*place, error) {
	p := &place{store: &counted{Store: store}}
	p.desk = desk.New(docdb.Open(p.store, start.Indexes()), time.Now)
	p.desk.Files = blob.NewMemory("http://files", time.Now) // signs links; nothing is sent there
	for id, a := range map[desk.PersonID]*desk.Actor{"uma": &p.uma, "nora": &p.nora, "ada": &p.root} {
		person, err := p.desk.Person(ctx, id)
		if err != nil {
			return nil, err
		}
		*a = person.Actor()
	}
	for range workTickets {
		t, err := p.desk.Create(ctx, p.uma, desk.NewTicket{Title: "Wireless drops in the west wing", Description: complaint, Department: "network"}, desk.Options{})
		if err != nil {
			return nil, err
		}
		p.work = append(p.work, string(t.ID))
	}
	return p, nil
}

// step is an operation whose cost must not grow with the data.
type step struct {
	name string
	do   func(ctx context.Context, p *place, i int) error
}

// steps are what is compared. The search for words that only the work tickets have
// reads as many in each size; the other one finds more than a window holds in each.
var steps = []step{
	{"show", func(ctx context.Context, p *place, i int) error {
		_, err := p.desk.Show(ctx, p.nora, p.work[i%workTickets])
		return err
	}},
	{"list", func(ctx context.Context, p *place, _ int) error {
		_, _, err := p.desk.List(ctx, p.nora, desk.Filter{}, desk.Page{Limit: 20})
		return err
	}},
	{"search, rare words", func(ctx context.Context, p *place, _ int) error {
		return p.search(ctx, p.nora, "wireless wing")
	}},
	{"search, a common word", func(ctx context.Context, p *place, _ int) error {
		return p.search(ctx, p.root, "please")
	}},
	{"views and counts", func(ctx context.Context, p *place, _ int) error {
		all, err := view.List(ctx, p.desk, p.nora)
		if err == nil {
			_, err = view.Counts(ctx, p.desk, p.nora, all)
		}
		return err
	}},
	{"create", func(ctx context.Context, p *place, _ int) error {
		_, err := p.desk.Create(ctx, p.uma, desk.NewTicket{Title: "Printer on the third floor jams", Description: complaint}, desk.Options{})
		return err
	}},
	{"preview of a bulk change of 20", func(ctx context.Context, p *place, _ int) error {
		_, err := bulk.Try(ctx, p.desk, p.nora, bulk.Order{Tickets: p.some(20), Changes: preset.Changes{Priority: desk.PriorityCritical}})
		return err
	}},
	{"attach a file", func(ctx context.Context, p *place, i int) error {
		f, err := p.desk.Attach(ctx, p.uma, p.work[i%workTickets], desk.NewAttachment{Name: "screen.png", Type: "image/png", Size: 70, SHA256: strings.Repeat("a1", 32)}, desk.Options{})
		if err == nil {
			_, err = p.desk.UploadLink(ctx, f)
		}
		return err
	}},
	{"change", func(ctx context.Context, p *place, i int) error {
		priority := []desk.Priority{desk.PriorityHigh, desk.PriorityLow}[i/workTickets%2]
		_, err := p.desk.Update(ctx, p.nora, p.work[i%workTickets], desk.Patch{Priority: &priority}, desk.Options{})
		return err
	}},
	{"comment", func(ctx context.Context, p *place, i int) error {
		_, err := p.desk.Comment(ctx, p.nora, p.work[i%workTickets], desk.NewComment{Body: "Thank you. We have changed a setting."}, desk.Options{})
		return err
	}},
}

// some are the first work tickets.
func (p *place) some(n int) []desk.TicketID {
	var ids []desk.TicketID
	for _, id := range p.work[:n] {
		ids = append(ids, desk.TicketID(id))
	}
	return ids
}

func (p *place) search(ctx context.Context, a desk.Actor, line string) error {
	_, _, err := p.desk.Search(ctx, a, desk.Filter{}, desk.Question{Line: line, Language: "en"}, desk.Page{Limit: 20})
	return err
}

// once is what one request took and cost.
type once struct {
	took, apart   time.Duration // in all, and apart from queries
	reads, writes int
	failed        bool // the database did not answer in time
}

// measure does a step once.
func (p *place) measure(ctx context.Context, s step, i int) (once, error) {
	p.store.reads, p.store.writes, p.store.queries = 0, 0, 0
	began := time.Now()
	err := s.do(ctx, p, i)
	o := once{took: time.Since(began), reads: p.store.reads, writes: p.store.writes}
	o.apart = o.took - p.store.queries
	if fault.Is(err, fault.Unavailable) && ctx.Err() == nil {
		o.failed, err = true, nil
	}
	return o, err
}
