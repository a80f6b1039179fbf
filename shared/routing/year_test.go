package routing_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/routing"
)

// year is a desk whose time goes by, with people who put each ticket where it belongs.
type year struct {
	*desk.Desk
	t      *testing.T
	now    time.Time
	router *routing.Router
	random *rand.Rand
}

var ada = desk.Actor{ID: "ada", Role: desk.RoleAdmin}

// topics are what tickets of a department are about.
var topics = map[desk.DepartmentID][]string{
	"network":  strings.Fields("wifi router cable switch connection dns firewall proxy"),
	"billing":  strings.Fields("invoice payment refund receipt account charge discount price"),
	"building": strings.Fields("heating window door lamp lift toilet kitchen parking"),
}

var departments = []desk.DepartmentID{"network", "billing", "building"}

func newYear(t *testing.T) *year {
	y := &year{t: t, now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), router: &routing.Router{}, random: rand.New(rand.NewPCG(5, 5))}
	store := docdb.NewMemory()
	y.Desk = desk.New(docdb.Open(store, desk.Indexes()), func() time.Time { return y.now })
	org := desk.Organisation{Triage: "triage", Departments: []desk.Department{{ID: "triage", Name: "Triage", Active: true}}}
	for _, d := range departments {
		org.Departments = append(org.Departments, desk.Department{ID: d, Name: string(d), Active: true})
	}
	y.must(y.SaveOrganisation(t.Context(), org))
	y.must(y.SavePerson(t.Context(), desk.Person{ID: "uma", Name: "Uma", Email: "uma@demo.example", Role: desk.RoleUser, Zone: "UTC"}))
	y.must(y.SavePerson(t.Context(), desk.Person{ID: "ada", Name: "Ada", Email: "ada@demo.example", Role: desk.RoleAdmin, Zone: "UTC"}))
	return y
}

func (y *year) must(err error) {
	y.t.Helper()
	if err != nil {
		y.t.Fatal(err)
	}
}

// ticket opens a ticket about words and lets it be routed.
func (y *year) ticket(language, about string) desk.Ticket {
	y.t.Helper()
	y.now = y.now.Add(time.Minute)
	n := desk.NewTicket{Title: "Please help me with this", Description: about, Language: language}
	ticket, err := y.Create(y.t.Context(), desk.Actor{ID: "uma", Role: desk.RoleUser}, n, desk.Options{})
	y.must(err)
	e, err := docdb.Get[event.Event](y.t.Context(), y.DB, docdb.Key{Collection: event.OutboxCollection, ID: string(ticket.ID) + "-000001"})
	y.must(err)
	y.must(y.router.Handle(y.t.Context(), y.Desk, e))
	ticket, err = y.Show(y.t.Context(), ada, string(ticket.ID))
	y.must(err)
	return ticket
}

// about is what somebody writes who needs a department.
func (y *year) about(d desk.DepartmentID) string {
	said := []string{"hello", "the", topics[d][y.random.IntN(8)], "and", topics[d][y.random.IntN(8)], "since", fmt.Sprint("day", y.random.IntN(1000))}
	return strings.Join(said, " ")
}

// month is n tickets. People put each where told says, after it was routed. It returns how
// many the router had put, or would have put, into the right department.
func (y *year) month(n int, told func(desk.DepartmentID) desk.DepartmentID) (right, alone int) {
	y.t.Helper()
	for i := range n {
		want := departments[i%3]
		ticket := y.ticket("en", y.about(want))
		if s := ticket.Routing.Suggestions; len(s) > 0 && s[0].Department == want {
			right++
		}
		if ticket.Routing.By == "model" {
			alone++
		}
		if to := told(want); to != ticket.Department {
			_, err := y.Update(y.t.Context(), ada, string(ticket.ID), desk.Patch{Department: &to}, desk.Options{})
			y.must(err)
		} else {
			done := desk.StatusResolved
			_, err := y.Update(y.t.Context(), ada, string(ticket.ID), desk.Patch{Status: &done}, desk.Options{})
			y.must(err)
		}
	}
	y.now = y.now.Add(24 * time.Hour)
	return right, alone
}

func (y *year) train() string {
	y.t.Helper()
	said, err := routing.Train(y.t.Context(), y.Desk)
	y.must(err)
	y.now = y.now.Add(time.Minute)
	return said
}

func (y *year) versions() []routing.Version {
	y.t.Helper()
	all, _, err := routing.Versions(y.t.Context(), y.Desk, ada, desk.Page{})
	y.must(err)
	return all
}

func honest(d desk.DepartmentID) desk.DepartmentID { return d }

func TestAYearOfCorrectionsMakesRoutingBetterAndNeverWorse(t *testing.T) {
	y := newYear(t)
	if right, alone := y.month(90, honest); right != 0 || alone != 0 {
		t.Errorf("without a model %d are right and %d routed", right, alone)
	}
	if said := y.train(); !strings.Contains(said, "too few") {
		t.Errorf("trained on 90 tickets: %s", said)
	}
	y.month(120, honest)
	if said := y.train(); !strings.Contains(said, "watched") {
		t.Fatalf("no shadow: %s", said)
	}
	if right, _ := y.month(60, honest); right != 0 {
		t.Error("a shadow was heard")
	}
	if said := y.train(); !strings.Contains(said, "routes from now on") {
		t.Fatalf("the shadow didn't become current: %s", said)
	}
	right, alone := y.month(90, honest)
	if right < 80 || alone < 70 {
		t.Errorf("%d of 90 are right, and %d were routed", right, alone)
	}
	first := y.versions()[0].Name

	// Somebody sends everything to billing for a while: the gate sees what gets worse.
	y.month(150, func(desk.DepartmentID) desk.DepartmentID { return "billing" })
	if said := y.train(); strings.Contains(said, "watched") {
		t.Errorf("a poisoned model became the shadow: %s", said)
	}
	if bad := y.versions()[0]; bad.State != routing.Rejected || bad.Name == first {
		t.Errorf("the poisoned one is %+v", bad)
	}
	if right, _ := y.month(60, honest); right < 54 {
		t.Errorf("afterwards %d of 60 are right", right)
	}

	back, err := routing.Rollback(t.Context(), y.Desk)
	y.must(err)
	if back != "" {
		t.Errorf("it went back to %q, but nothing routed before", back)
	}
	if right, _ := y.month(3, honest); right != 0 {
		t.Error("what was taken back still routes")
	}
	y.must(routing.Promote(t.Context(), y.Desk, first))
	y.now = y.now.Add(time.Minute)
	if right, _ := y.month(30, honest); right < 27 {
		t.Errorf("promoted again, %d of 30 are right", right)
	}
}

func TestShuffledLabelsAreRejected(t *testing.T) {
	y := newYear(t)
	y.month(240, func(desk.DepartmentID) desk.DepartmentID { return departments[y.random.IntN(3)] })
	if said := y.train(); !strings.Contains(said, "held back") || strings.Contains(said, "watched") {
		t.Errorf("trained on noise: %s", said)
	}
	if v := y.versions(); len(v) != 1 || v[0].State != routing.Rejected {
		t.Errorf("the versions are %+v", v)
	}
	if err := routing.Promote(t.Context(), y.Desk, "r000001"); !fault.Is(err, fault.Conflict) {
		t.Errorf("a rejected model without a file was promoted: %v", err)
	}
}

// trained is a desk whose model routes.
func trained(t *testing.T, n int) *year {
	y := newYear(t)
	y.month(n, honest)
	y.train()
	y.must(routing.Promote(t.Context(), y.Desk, "r000001"))
	y.now = y.now.Add(time.Minute)
	return y
}

func TestACorrectionChangesLaterRoutingAfterTraining(t *testing.T) {
	y := newYear(t)
	if got := y.ticket("en", "hello the wifi cable"); got.Department != "triage" || got.Routing.By != "triage" {
		t.Errorf("before: %+v", got.Routing)
	}
	y.month(240, honest)
	y.train()
	y.must(routing.Promote(t.Context(), y.Desk, "r000001"))
	y.now = y.now.Add(time.Minute)
	got := y.ticket("en", "hello the wifi cable")
	if got.Department != "network" || got.Routing.By != "model" || got.Routing.Version != "r000001" {
		t.Errorf("after: %s, %+v", got.Department, got.Routing)
	}
	if w := strings.Join(got.Routing.Words, " "); !strings.Contains(w, "wifi") || !strings.Contains(w, "cable") {
		t.Errorf("the reasons are %v", got.Routing.Words)
	}
}

func TestWithFewCorrectionsTheModelOnlySuggests(t *testing.T) {
	y := trained(t, 135) // 45 for each department
	got := y.ticket("en", "hello the wifi cable")
	if got.Department != "triage" || got.Routing.By != "triage" || len(got.Routing.Suggestions) != 3 || got.Routing.Suggestions[0].Department != "network" {
		t.Errorf("%s, %+v", got.Department, got.Routing)
	}
}

func TestForeignTextIsNotRoutedByTheModel(t *testing.T) {
	y := trained(t, 240)
	if got := y.ticket("tr", "hello the wifi cable"); got.Department != "triage" || len(got.Routing.Suggestions) != 0 {
		t.Errorf("%s, %+v", got.Department, got.Routing)
	}
}

func TestWhatIsUnclearStaysInTriageWithSuggestions(t *testing.T) {
	y := trained(t, 240)
	got := y.ticket("en", "good morning colleagues")
	if got.Department != "triage" || len(got.Routing.Suggestions) != 3 || got.Assignee != "" {
		t.Errorf("%s, %+v", got.Department, got.Routing)
	}
}

func TestOnlyAdministratorsSeeTheVersions(t *testing.T) {
	y := newYear(t)
	_, _, err := routing.Versions(t.Context(), y.Desk, desk.Actor{ID: "nora", Role: desk.RoleStaff}, desk.Page{})
	if !fault.Is(err, fault.Forbidden) {
		t.Errorf("staff: %v", err)
	}
}
