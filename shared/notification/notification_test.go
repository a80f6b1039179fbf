package notification_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/notification"
)

// office is a desk on the twin; deliver hands its new events to notify, twice each.
type office struct {
	*desk.Desk
	t     *testing.T
	store *docdb.Memory
	clock *time.Time
}

func newOffice(t *testing.T) *office {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	store := docdb.NewMemory()
	o := &office{desk.New(docdb.Open(store, desk.Indexes(), notification.Indexes()).Twice(), func() time.Time { return at }), t, store, &at}
	o.must(o.SaveOrganisation(t.Context(), desk.Organisation{Triage: "it", Departments: []desk.Department{
		{ID: "it", Name: "IT", Active: true, Managers: []desk.PersonID{"mia"}},
		{ID: "network", Name: "Network", Parent: "it", Active: true},
		{ID: "billing", Name: "Billing", Active: true, Managers: []desk.PersonID{"liam"}},
	}}))
	for id, p := range map[desk.PersonID]desk.Person{
		"ada": {Role: desk.RoleAdmin}, "mia": {Role: desk.RoleStaff, Departments: []desk.DepartmentID{"it"}},
		"nora": {Role: desk.RoleStaff, Departments: []desk.DepartmentID{"network"}},
		"noah": {Role: desk.RoleStaff, Departments: []desk.DepartmentID{"network"}},
		"liam": {Role: desk.RoleStaff, Departments: []desk.DepartmentID{"billing"}},
		"uma":  {Role: desk.RoleUser}, "otto": {Role: desk.RoleUser},
	} {
		p.ID, p.Name, p.Email, p.Zone = id, strings.ToUpper(string(id)), string(id)+"@demo.example", "UTC"
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
	p, err := o.Person(o.t.Context(), id)
	o.must(err)
	return p.Actor()
}

// deliver empties the outbox into notify and returns who was told what, e.g.
// "mia:assignment uma:comment".
func (o *office) deliver() string {
	o.t.Helper()
	before := len(o.store.Dump("notices"))
	*o.clock = o.clock.Add(time.Second)
	for _, r := range o.store.Dump(event.OutboxCollection) {
		var e event.Event
		o.must(docdb.Decode(r, &e))
		if slices.Contains(notification.Kinds, e.Type) { // as the subscription's filter would
			o.must(notification.Handle(o.t.Context(), o.Desk, e))
			o.must(notification.Handle(o.t.Context(), o.Desk, e))
		}
		o.must(o.store.Commit(o.t.Context(), []docdb.Write{{Key: r.Key, Op: docdb.OpDelete}}))
	}
	var told []string
	all := o.store.Dump("notices")
	slices.SortFunc(all, func(a, b docdb.Record) int {
		return strings.Compare(fmt.Sprint(a.Fields["at"]), fmt.Sprint(b.Fields["at"]))
	})
	for _, r := range all[before:] {
		told = append(told, fmt.Sprintf("%v:%v", r.Fields["person"], r.Fields["type"]))
	}
	slices.Sort(told)
	return strings.Join(told, " ")
}

func (o *office) update(who desk.PersonID, t desk.Ticket, p desk.Patch) {
	o.t.Helper()
	_, err := o.Update(o.t.Context(), o.as(who), string(t.ID), p, desk.Options{})
	o.must(err)
}

func (o *office) say(who desk.PersonID, t desk.Ticket, internal bool) {
	o.t.Helper()
	_, err := o.Comment(o.t.Context(), o.as(who), string(t.ID), desk.NewComment{Body: "x", Internal: internal}, desk.Options{})
	o.must(err)
}

func to[T any](v T) *T { return &v }

func TestTheRightPeopleAreToldOnce(t *testing.T) {
	o := newOffice(t)
	ticket, err := o.Create(t.Context(), o.as("uma"), desk.NewTicket{Title: "Printer on fire", Description: "x", Department: "network", Watchers: []desk.PersonID{"otto"}}, desk.Options{})
	o.must(err)
	step := func(what, want string) {
		t.Helper()
		if got := o.deliver(); got != want {
			t.Errorf("%s: told %q, want %q", what, got, want)
		}
	}
	step("created: routing tells", "")
	o.must(o.DB.Run(t.Context(), func(tx *docdb.Tx) error {
		return o.RouteIn(t.Context(), tx, desk.Robot("route", "e", 0), ticket.ID, func(*desk.Organisation, desk.Ticket) (desk.Decision, error) {
			agent, err := docdb.Get[desk.Agent](t.Context(), tx, docdb.Key{Collection: "agents", ID: "nora"})
			return desk.Decision{Agent: &agent}, err
		})
	}))
	step("routed", "mia:assignment nora:assignment otto:status_change uma:assignment")
	o.say("nora", ticket, false)
	step("staff reply", "otto:comment uma:comment")
	o.say("uma", ticket, false)
	step("requester's reply", "nora:comment otto:comment")
	o.say("noah", ticket, true)
	step("note", "nora:comment")
	o.update("mia", ticket, desk.Patch{Assignee: to(desk.PersonID("noah"))})
	step("reassigned", "noah:assignment nora:assignment uma:assignment")
	o.update("noah", ticket, desk.Patch{Status: to(desk.StatusResolved)})
	step("resolved", "otto:status_change uma:status_change")
	o.update("uma", ticket, desk.Patch{Status: to(desk.StatusReopened)})
	step("reopened", "noah:status_change otto:status_change")
	o.update("noah", ticket, desk.Patch{Department: to(desk.DepartmentID("billing"))})
	step("moved", "liam:assignment uma:assignment")
	o.update("liam", ticket, desk.Patch{Title: to("Something else")})
	step("title", "")
}

func TestNobodyIsToldOfWhatTheyMayNotSee(t *testing.T) {
	o := newOffice(t)
	ticket, err := o.Create(t.Context(), o.as("uma"), desk.NewTicket{Title: "Printer on fire", Description: "x", Department: "network", Watchers: []desk.PersonID{"otto", "liam"}}, desk.Options{})
	o.must(err)
	o.update("mia", ticket, desk.Patch{Assignee: to(desk.PersonID("otto"))}) // a user as assignee
	o.deliver()
	o.say("nora", ticket, true)
	if got := o.deliver(); got != "" {
		t.Errorf("a note reached %q, none of whom may read notes", got)
	}
	p, err := o.Person(t.Context(), "liam")
	o.must(err)
	p.Disabled = true
	o.must(o.SavePerson(t.Context(), p))
	o.say("nora", ticket, false)
	if got := o.deliver(); got != "otto:comment uma:comment" {
		t.Errorf("told %q", got)
	}
}

func TestTheUnreadCountIsKeptWithTheNotices(t *testing.T) {
	o := newOffice(t)
	ticket, err := o.Create(t.Context(), o.as("uma"), desk.NewTicket{Title: "Printer on fire", Description: "x", Department: "network"}, desk.Options{})
	o.must(err)
	for range 3 {
		o.say("nora", ticket, false)
		o.deliver()
	}
	list := func(only bool) (string, int64) {
		items, _, unread, err := notification.List(t.Context(), o.Desk, o.as("uma"), only, desk.Page{})
		o.must(err)
		read := ""
		for _, n := range items {
			read += map[bool]string{true: "r", false: "u"}[n.Read]
		}
		return read, unread
	}
	items, _, _, err := notification.List(t.Context(), o.Desk, o.as("uma"), false, desk.Page{})
	o.must(err)
	for range 2 { // marking twice counts once
		_, err = notification.MarkRead(t.Context(), o.Desk, o.as("uma"), items[1].ID)
		o.must(err)
	}
	if read, unread := list(false); read != "uru" || unread != 2 {
		t.Errorf("got %s, %d unread", read, unread)
	}
	if read, _ := list(true); read != "uu" {
		t.Errorf("unread ones: %s", read)
	}
	o.must(notification.MarkAllRead(t.Context(), o.Desk, o.as("uma")))
	if read, unread := list(false); read != "rrr" || unread != 0 {
		t.Errorf("got %s, %d unread", read, unread)
	}
	o.say("nora", ticket, false)
	o.deliver()
	if read, unread := list(true); read != "u" || unread != 1 {
		t.Errorf("got %s, %d unread", read, unread)
	}
	if _, err := notification.MarkRead(t.Context(), o.Desk, o.as("otto"), items[0].ID); err == nil {
		t.Error("otto marked a notice of uma's")
	}
}
