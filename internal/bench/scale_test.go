package bench

import (
	"context"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/start"
)

// ofSize is a place on the twin with so many tickets.
func ofSize(t *testing.T, tickets int) *place {
	t.Helper()
	store, ctx := docdb.NewMemory(), t.Context()
	d := desk.New(docdb.Open(store, start.Indexes()), time.Now)
	steps := []error{d.SaveOrganisation(ctx, desk.Organisation{Triage: "network", Departments: []desk.Department{{ID: "network", Name: "Network", Active: true}}})}
	for _, p := range []desk.Person{
		{ID: "uma", Role: desk.RoleUser}, {ID: "ada", Role: desk.RoleAdmin},
		{ID: "nora", Role: desk.RoleStaff, Departments: []desk.DepartmentID{"network"}, Present: true, Capacity: 50},
	} {
		p.Name, p.Email, p.Zone, p.Locale = string(p.ID), string(p.ID)+"@demo.example", "UTC", "en"
		steps = append(steps, d.SavePerson(ctx, p))
	}
	for _, err := range steps {
		if err != nil {
			t.Fatal(err)
		}
	}
	p, err := newPlace(ctx, store)
	for range tickets {
		if err == nil {
			_, err = p.desk.Create(ctx, p.uma, desk.NewTicket{Title: "Another one", Description: "Please look.", Department: "network"}, desk.Options{})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// steady fails where a step reads or writes more with many tickets.
func steady(t *testing.T, r *ScaleReport) {
	t.Helper()
	if len(r.Operations) != len(steps) {
		t.Errorf("%d operations were compared", len(r.Operations))
	}
	for _, o := range r.Operations {
		if o.Small.Reads != o.Large.Reads || o.Small.Writes != o.Large.Writes {
			t.Errorf("%s reads %v and writes %v of few tickets, %v and %v of many", o.Name, o.Small.Reads, o.Small.Writes, o.Large.Reads, o.Large.Writes)
		}
		if o.Small.Reads == 0 && o.Small.Writes == 0 || o.Small.P50 <= 0 || o.Ratio <= 0 || o.Small.Failed+o.Large.Failed > 0 {
			t.Errorf("%+v", o)
		}
	}
}

func TestReadsAndWritesAreTheSameForAHundredAndForFiveThousand(t *testing.T) {
	r := newScaleReport(ScaleOptions{})
	if err := r.measure(t.Context(), ofSize(t, 100), ofSize(t, 5000), ScaleOptions{Rounds: 1, Requests: 5}.complete()); err != nil {
		t.Fatal(err)
	}
	steady(t, r)
}

func TestReadsAndWritesStayTheSameOnTheEmulator(t *testing.T) {
	r, err := Scale(t.Context(), ScaleOptions{Small: 400, Large: 1200, Rounds: 1, Requests: 5, Progress: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	steady(t, r)
	if r.Small.LoadSeconds <= 0 || r.Large.LoadSeconds <= 0 || len(r.Goals) != 3*len(steps) {
		t.Errorf("%+v", r)
	}
}

func TestSizesThatTheDemoExceedsAreRefused(t *testing.T) {
	for _, o := range []ScaleOptions{{Small: 100}, {Small: 500, Large: 400}} {
		if _, err := Scale(context.Background(), o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}

func TestMoreReadsOrAnUnansweredRequestMissAGoal(t *testing.T) {
	r := &ScaleReport{Operations: []ScaleOperation{
		{Name: "even", Small: ScaleCost{Reads: 2}, Large: ScaleCost{Reads: 2}, Ratio: 1.2},
		{Name: "growing", Small: ScaleCost{Reads: 2}, Large: ScaleCost{Reads: 3}, Ratio: 1.4},
		{Name: "late", Large: ScaleCost{Failed: 1}, Ratio: 1},
	}}
	r.judge()
	missed := ""
	for _, g := range r.Goals {
		if !g.Met {
			missed += g.Name + "; "
		}
	}
	if missed != "growing: reads; growing: p50; late: p50; " {
		t.Errorf("missed: %s", missed)
	}
}
