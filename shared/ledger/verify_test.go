package ledger_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/ledger"
)

// book is a desk with some days of history.
type book struct {
	t     *testing.T
	store *docdb.Memory
	desk  *desk.Desk
	now   time.Time
}

// newBook opens, answers, merges, splits and deletes tickets over three days.
func newBook(t *testing.T) *book {
	t.Helper()
	b := &book{t: t, store: docdb.NewMemory(), now: noon}
	b.desk = desk.New(docdb.Open(b.store, desk.Indexes(), event.Indexes()).Twice(), func() time.Time { return b.now })
	n := 0
	b.desk.NewID = func() string { n++; return fmt.Sprintf("t%03d", n) }
	b.must(b.desk.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{{ID: "it", Name: "IT", Active: true}}}))
	b.must(b.desk.SavePerson(t.Context(), desk.Person{ID: "ada", Name: "Ada", Email: "ada@demo.example", Role: desk.RoleAdmin, Zone: "UTC"}))
	for range 3 {
		first, second := b.open(), b.open()
		c, err := b.desk.Comment(t.Context(), ada, first, desk.NewComment{Body: "Have you tried 4.5 times?"}, desk.Options{})
		b.must(err)
		_, err = b.desk.Split(t.Context(), ada, first, desk.NewSplit{Title: "Another matter", Comments: []desk.CommentID{c.ID}}, desk.Options{})
		b.must(err)
		_, err = b.desk.Merge(t.Context(), ada, first, second, desk.Options{})
		b.must(err)
		_, err = b.desk.Unmerge(t.Context(), ada, first, desk.Options{})
		b.must(err)
		b.must(b.desk.Delete(t.Context(), ada, second, desk.Options{}))
		b.now = b.now.Add(24 * time.Hour)
	}
	return b
}

func (b *book) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *book) open() string {
	b.t.Helper()
	ticket, err := b.desk.Create(b.t.Context(), ada, desk.NewTicket{Title: "Printer", Description: "It hums.", Department: "it"}, desk.Options{})
	b.must(err)
	return string(ticket.ID)
}

func (b *book) seal() int {
	b.t.Helper()
	n, err := ledger.SealDays(b.t.Context(), b.desk)
	b.must(err)
	return n
}

// wrong is what verifying finds.
func (b *book) wrong() []string {
	b.t.Helper()
	var said []string
	v, err := ledger.Verify(b.t.Context(), b.desk, func(s string) { said = append(said, s) })
	if err != nil || v.Wrong != len(said) {
		b.t.Fatalf("%+v, %v", v, err)
	}
	return said
}

func (b *book) write(w ...docdb.Write) { b.t.Helper(); b.must(b.store.Commit(b.t.Context(), w)) }

func TestAHistoryThatNobodyTouchedIsVerified(t *testing.T) {
	b := newBook(t)
	if said := b.wrong(); len(said) != 0 {
		t.Errorf("before it was sealed: %v", said)
	}
	if n := b.seal(); n != 3 {
		t.Errorf("sealed %d days", n)
	}
	if n := b.seal(); n != 0 || len(b.store.Dump("seals")) != 3 {
		t.Errorf("again: %d", n)
	}
	b.now = b.now.Add(72 * time.Hour) // days without acts have seals, too
	b.open()
	if n, said := b.seal(), b.wrong(); n != 3 || len(said) != 0 {
		t.Errorf("later: sealed %d days, %v", n, said)
	}
}

func TestVerifyFindsEveryActThatIsChangedRemovedOrPutIn(t *testing.T) {
	b := newBook(t)
	b.seal()
	for _, r := range b.store.Dump("acts") {
		for name, tampered := range map[string][]docdb.Write{
			"taken away":             {{Key: r.Key, Op: docdb.OpDelete}},
			"put in":                 {{Key: docdb.Key{Collection: "acts", ID: r.Key.ID + "0"}, Fields: r.Fields}},
			"given another field":    {{Key: r.Key, Fields: with(r.Fields, "extra", "x")}},
			"stripped of its hash":   {{Key: r.Key, Fields: with(r.Fields, "hash", "")}},
			"changed and hashed new": {{Key: r.Key, Fields: rehashed(t, with(r.Fields, "actor", "eve"))}},
		} {
			b.write(tampered...)
			if len(b.wrong()) == 0 {
				t.Errorf("act %s, %s: nothing is found", r.Key.ID, name)
			}
			if tampered[0].Op != docdb.OpDelete && tampered[0].Key != r.Key {
				b.write(docdb.Write{Key: tampered[0].Key, Op: docdb.OpDelete})
			}
			b.write(docdb.Write{Key: r.Key, Fields: r.Fields})
		}
	}
	if said := b.wrong(); len(said) != 0 {
		t.Errorf("put right, it says %v", said)
	}
}

func TestVerifyFindsAByteThatIsFlippedInAnyFieldOfAnAct(t *testing.T) {
	b := newBook(t)
	flipped := 0
	for _, r := range b.store.Dump("acts") {
		for name, v := range r.Fields {
			s, ok := v.(string)
			if !ok || s == "" {
				continue
			}
			at := len(s) / 2
			b.write(docdb.Write{Key: r.Key, Fields: with(r.Fields, name, s[:at]+string(s[at]^1)+s[at+1:])})
			if len(b.wrong()) == 0 {
				t.Errorf("act %s, %s: nothing is found", r.Key.ID, name)
			}
			b.write(docdb.Write{Key: r.Key, Fields: r.Fields})
			flipped++
		}
	}
	t.Logf("%d bytes of %d acts were flipped, one at a time", flipped, len(b.store.Dump("acts")))
	if flipped < 100 {
		t.Errorf("only %d bytes were flipped", flipped)
	}
}

func TestWhoCanWriteEverythingIsFoundByTheSealOfTheDay(t *testing.T) {
	b := newBook(t)
	b.seal()
	b.forge("t001")
	said := b.wrong()
	if len(said) != 1 || !strings.Contains(said[0], "seal of 2026-11-23") {
		t.Errorf("found %v", said)
	}
	whole := newBook(t)
	whole.seal()
	for _, r := range append(whole.store.Dump("acts"), whole.store.Dump("tickets")...) { // a ticket with all its history
		if r.Key.ID == "t001" || strings.HasPrefix(r.Key.ID, "t001-") {
			whole.write(docdb.Write{Key: r.Key, Op: docdb.OpDelete})
		}
	}
	if len(whole.wrong()) == 0 {
		t.Error("a ticket that is gone with its history is not missed")
	}
}

func TestASealThatIsChangedOrMissingIsFound(t *testing.T) {
	b := newBook(t)
	b.seal()
	for _, r := range b.store.Dump("seals") {
		for _, w := range []docdb.Write{
			{Key: r.Key, Op: docdb.OpDelete},
			{Key: r.Key, Fields: with(r.Fields, "root", strings.Repeat("0", 64))},
			{Key: r.Key, Fields: with(r.Fields, "acts", int64(1))},
		} {
			b.write(w)
			if len(b.wrong()) == 0 {
				t.Errorf("seal %s: nothing is found", r.Key.ID)
			}
			b.write(docdb.Write{Key: r.Key, Fields: r.Fields})
		}
	}
}

func TestSealingThatIsCutOffAnywhereGivesTheSameRoots(t *testing.T) {
	want := sealed(newBook(t), -1)
	for commit := range 4 {
		if got := sealed(newBook(t), commit); !slices.Equal(got, want) {
			t.Errorf("cut off at commit %d: %v, want %v", commit, got, want)
		}
	}
}

// sealed seals with one commit failing, and then again, and returns the roots.
func sealed(b *book, fails int) []string {
	n := 0
	b.store.After = func(op string) error {
		if op == "commit" {
			if n++; n == fails+1 {
				return fmt.Errorf("killed")
			}
		}
		return nil
	}
	_, _ = ledger.SealDays(b.t.Context(), b.desk)
	b.store.After = nil
	b.seal()
	var roots []string
	for _, r := range b.store.Dump("seals") {
		roots = append(roots, fmt.Sprint(r.Key.ID, r.Fields["root"]))
	}
	slices.Sort(roots)
	return roots
}

func TestActsFromBeforeThereWereChainsAreCountedAndLaterOnesRefused(t *testing.T) {
	b := newBook(t)
	for _, r := range b.store.Dump("acts") {
		old := maps.Clone(r.Fields)
		delete(old, "hash")
		delete(old, "prev")
		b.write(docdb.Write{Key: r.Key, Fields: old})
	}
	for _, r := range b.store.Dump("tickets") {
		old := maps.Clone(r.Fields)
		delete(old, "chain")
		b.write(docdb.Write{Key: r.Key, Fields: old})
	}
	b.seal()
	_, err := b.desk.Comment(t.Context(), ada, "t001", desk.NewComment{Body: "Chained from here."}, desk.Options{})
	b.must(err)
	if said := b.wrong(); len(said) != 0 {
		t.Errorf("found %v", said)
	}
	b.now = b.now.Add(48 * time.Hour)
	b.open()
	latest := b.store.Dump("acts")
	slices.SortFunc(latest, func(x, y docdb.Record) int {
		return strings.Compare(fmt.Sprint(x.Fields["at"]), fmt.Sprint(y.Fields["at"]))
	})
	last := latest[len(latest)-1]
	b.write(docdb.Write{Key: last.Key, Fields: with(last.Fields, "hash", "")})
	if said := b.wrong(); !strings.Contains(strings.Join(said, " "), "has no hash") {
		t.Errorf("found %v", said)
	}
}

func with(f docdb.Fields, name string, v any) docdb.Fields {
	out := maps.Clone(f)
	out[name] = v
	return out
}

func rehashed(t *testing.T, f docdb.Fields) docdb.Fields {
	t.Helper()
	hash, err := desk.HashOf(f)
	if err != nil {
		t.Fatal(err)
	}
	return with(f, "hash", hash)
}

// forge rewrites a ticket's whole history, with its chain, so that all of it fits again.
func (b *book) forge(ticket string) {
	b.t.Helper()
	prev := ""
	for _, r := range b.store.Dump("acts") {
		if r.Fields["ticket"] != ticket {
			continue
		}
		f := with(r.Fields, "actor_name", "Eve")
		if prev != "" {
			f["prev"] = prev
		}
		f = rehashed(b.t, f)
		prev = fmt.Sprint(f["hash"])
		b.write(docdb.Write{Key: r.Key, Fields: f})
	}
	for _, r := range b.store.Dump("tickets") {
		if r.Key.ID == ticket {
			b.write(docdb.Write{Key: r.Key, Fields: with(r.Fields, "chain", prev)})
		}
	}
}
