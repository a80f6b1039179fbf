package desk_test

import (
	"testing"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
)

func TestEntriesThatAreLostAreMadeAgainAndOthersLeftAlone(t *testing.T) {
	o := newOffice(t)
	var ids []desk.TicketID
	for range 3 {
		made := o.open()
		o.say("nora", made, "A salamander", true)
		o.say("nora", made, "Good morning", false)
		ids = append(ids, made.ID)
	}
	written := func(after string) int {
		total := 0
		o.must(o.Reindex(t.Context(), after, func(_ string, n int) { total = n }))
		return total
	}
	if n := written(""); n != 0 {
		t.Errorf("%d entries are written that were right", n)
	}
	recs, err := o.DB.Query(t.Context(), docdb.Query{Collection: "search", Limit: 10})
	o.must(err)
	for _, r := range recs {
		o.must(o.store.Commit(t.Context(), []docdb.Write{{Key: r.Key, Op: docdb.OpDelete}}))
	}
	o.finds("nora", "salamander")
	if n := written(""); n != len(ids) {
		t.Errorf("%d entries are made again", n)
	}
	if got := o.found("nora", "salamander morning uma"); len(got) != len(ids) {
		t.Errorf("%d tickets are found again", len(got))
	}
	o.finds("uma", "salamander")
	if n := written("zzzz"); n != 0 {
		t.Errorf("%d entries are written after the last", n)
	}
}
