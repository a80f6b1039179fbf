package desk_test

import (
	"testing"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
)

func TestOnlyTheRequesterRatesAndOnlyWhatIsResolved(t *testing.T) {
	o := newOffice(t)
	ticket := o.open(func(n *desk.NewTicket) { n.Watchers = []desk.PersonID{"otto"} })
	rate := func(who desk.PersonID, rating int) (desk.Ticket, error) {
		return o.Rate(t.Context(), o.as(who), ticket.Number, rating, "Quick and kind.", desk.Options{})
	}
	if _, err := rate("uma", 5); !fault.Is(err, fault.Conflict) {
		t.Errorf("an open ticket: %v", err)
	}
	_, err := o.patch("nora", ticket, desk.Patch{Status: to(desk.StatusResolved)})
	o.must(err)
	for who, kind := range map[desk.PersonID]fault.Kind{"nora": fault.Forbidden, "ada": fault.Forbidden, "otto": fault.Forbidden, "liam": fault.NotFound} {
		if _, err := rate(who, 5); !fault.Is(err, kind) {
			t.Errorf("%s: %v", who, err)
		}
	}
	for _, rating := range []int{0, -1, 6} {
		if _, err := rate("uma", rating); !fault.Is(err, fault.Invalid) {
			t.Errorf("%d: %v", rating, err)
		}
	}
	first, err := rate("uma", 2)
	o.must(err)
	again, err := rate("uma", 2)
	o.must(err)
	if again.Version != first.Version {
		t.Error("saying the same again is an act")
	}
	last, err := rate("uma", 5)
	o.must(err)
	if last.Rating != 5 || last.Version != first.Version+1 {
		t.Errorf("got %d at %d", last.Rating, last.Version)
	}
	acts, _, err := o.History(t.Context(), o.as("otto"), ticket.Number, desk.Page{})
	o.must(err)
	for _, a := range acts {
		for _, c := range a.Changes {
			if c.Field == "rating" || c.Field == "rating_text" {
				t.Errorf("a watcher sees %v", c)
			}
		}
	}
}
