package desk_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// auditing makes an entry for each pair of kind and subject, a minute apart.
func (o *office) auditing(who desk.PersonID, entries ...[2]string) {
	o.t.Helper()
	for _, e := range entries {
		o.later(time.Minute)
		o.must(o.DB.Run(o.t.Context(), func(tx *docdb.Tx) error {
			return o.Audit(tx, o.as(who), e[0], e[1], nil, map[string]any{"name": "Paint"})
		}))
	}
}

func TestTheAuditListsNewestFirstByActorKindAndSubject(t *testing.T) {
	o := newOffice(t)
	o.auditing("ada", [2]string{"department.added", "department:paint"}, [2]string{"department.changed", "department:paint"})
	o.auditing("mia", [2]string{"department.changed", "department:it"}, [2]string{"person.changed", "person:uma"})
	for _, c := range []struct {
		by   desk.Audits
		want string
	}{
		{desk.Audits{}, "person:uma department:it department:paint department:paint"},
		{desk.Audits{Actor: "ada"}, "department:paint department:paint"},
		{desk.Audits{Kind: "department.changed"}, "department:it department:paint"},
		{desk.Audits{Subject: "department:paint", Actor: "mia"}, ""},
		{desk.Audits{Subject: "department:paint", Kind: "department.added"}, "department:paint"},
	} {
		var got []string
		page := desk.Page{Limit: 1}
		for more := true; more; more = page.Cursor != "" {
			found, next, err := o.ListAudits(t.Context(), o.as("ada"), c.by, page)
			o.must(err)
			for _, e := range found {
				got = append(got, e.Subject)
			}
			page.Cursor = next
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("by %+v it lists %q, want %q", c.by, got, c.want)
		}
	}
}

func TestAnAuditEntrySaysWhoAndWhatBeforeAndAfter(t *testing.T) {
	o := newOffice(t)
	o.auditing("ada", [2]string{"department.added", "department:paint"})
	found, _, err := o.ListAudits(t.Context(), o.as("ada"), desk.Audits{}, desk.Page{})
	o.must(err)
	before, after := found[0].Values()
	if e := found[0]; e.Actor != "ada" || e.ActorName != "Name of ada" || string(before) != "null" || string(after) != `{"name":"Paint"}` || e.At != morning.Add(time.Minute) {
		t.Errorf("it says %+v", e)
	}
}

func TestNobodyButAdminsReadsTheAudit(t *testing.T) {
	o := newOffice(t)
	for _, who := range []desk.PersonID{"mia", "nora", "uma"} {
		_, _, err := o.ListAudits(t.Context(), o.as(who), desk.Audits{}, desk.Page{})
		wantKind(t, err, fault.Forbidden)
	}
}

func TestAChangeThatFailsLeavesNoAuditEntry(t *testing.T) {
	o := newOffice(t)
	broken := errors.New("broken")
	err := o.DB.Run(t.Context(), func(tx *docdb.Tx) error {
		return errors.Join(o.Audit(tx, o.as("ada"), "department.added", "department:paint", nil, 1), broken)
	})
	if !errors.Is(err, broken) || len(o.store.Dump("audits")) != 0 {
		t.Errorf("%v left %d entries", err, len(o.store.Dump("audits")))
	}
}

func TestAChangeTooLargeToBeAuditedIsRefused(t *testing.T) {
	o := newOffice(t)
	wantKind(t, o.DB.Run(t.Context(), func(tx *docdb.Tx) error {
		return o.Audit(tx, o.as("ada"), "department.added", "department:paint", nil, strings.Repeat("x", desk.MaxAudited))
	}), fault.Invalid)
}
