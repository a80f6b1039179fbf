package event_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
	"ticketsystem.example/shared/fault"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// fact is number n of a ticket's events, n seconds after noon.
func fact(n int) event.Event {
	return event.Event{
		ID: fmt.Sprintf("e%03d", n), Type: "ticket.changed", Subject: "t1", Sequence: int64(n),
		At: noon.Add(time.Duration(n) * time.Second), Actor: "uma",
	}
}

func open() (*docdb.Memory, *docdb.DB) {
	m := docdb.NewMemory()
	return m, docdb.Open(m, event.Indexes())
}

// happen appends facts, each in a transaction of its own.
func happen(t *testing.T, db *docdb.DB, facts ...event.Event) {
	t.Helper()
	for _, e := range facts {
		if err := db.Run(t.Context(), func(tx *docdb.Tx) error { return event.Append(tx, e) }); err != nil {
			t.Fatal(err)
		}
	}
}

// golden is the event that lies in testdata.
func golden() event.Event {
	return event.Event{
		Schema: 1, ID: "0199f3a2-5c1e-7d43-9b1a-6f0e2c4d8a10", Type: "ticket.created", Subject: "t-7f3k", Sequence: 1,
		At: time.Date(2026, 11, 23, 13, 5, 0, 120_000_000, time.UTC), Actor: "uma", Cause: "0199f3a2-0000-7000-8000-000000000001", Depth: 2,
		Data:  jsontext.Value(`{"department":"network","large":9007199254740993,"ratio":0.5,"tags":["printer","größe"],"to":null}`),
		Trace: "4bf92f3577b34da6a3ce929d0e0e4736",
	}
}

func TestTheFirstSchemaIsReadForEver(t *testing.T) {
	data, err := os.ReadFile("testdata/event.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	got, err := event.Decode(data)
	if err != nil || !reflect.DeepEqual(got, golden()) {
		t.Errorf("got  %+v\nwant %+v (%v)", got, golden(), err)
	}
	out, err := event.Encode(golden())
	if err != nil || !bytes.Equal(out, bytes.TrimSpace(data)) {
		t.Errorf("encoded as %s, %v", out, err)
	}
}

func TestAnEventOfANewerProgramWithMoreFieldsIsRead(t *testing.T) {
	e, err := event.Decode([]byte(`{"schema":1,"id":"e","type":"x","subject":"s","invented_later":{"a":[1]}}`))
	if err != nil || e.ID != "e" {
		t.Errorf("got %+v, %v", e, err)
	}
}

func TestWhatCanNeverBeReadIsPermanent(t *testing.T) {
	for _, data := range []string{
		"", "null", "[]", "{", "\xff", `{"schema":1,"id":7,"type":"x","subject":"s"}`, `{"id":"e","type":"x","subject":"s"}`,
		`{"schema":2,"id":"e","type":"x","subject":"s"}`, `{"schema":1,"type":"x","subject":"s"}`, `{"schema":1,"id":"e","subject":"s"}`, `{"schema":1,"id":"e","type":"x"}`,
	} {
		if e, err := event.Decode([]byte(data)); !fault.Is(err, fault.Permanent) {
			t.Errorf("%q: %+v, %v", data, e, err)
		}
	}
}

func TestAFactIsThereIfAndOnlyIfItsChangeIs(t *testing.T) {
	m, db := open()
	change := docdb.Key{Collection: "tickets", ID: "t1"}
	sorry := errors.New("sorry")
	for _, fail := range []error{sorry, nil} {
		err := db.Twice().Run(t.Context(), func(tx *docdb.Tx) error {
			return errors.Join(tx.Create(change, map[string]any{"title": "x"}), event.Append(tx, fact(1)), fail)
		})
		if !errors.Is(err, fail) || len(m.Dump("tickets")) != len(m.Dump(event.OutboxCollection)) {
			t.Errorf("%v: %v and %v", err, m.Dump("tickets"), m.Dump(event.OutboxCollection))
		}
	}
	if len(m.Dump(event.OutboxCollection)) != 1 {
		t.Error("the fact is not there")
	}
}

func TestAChainOfCausesEndsAtItsLimit(t *testing.T) {
	m, db := open()
	for depth, refused := range map[int]bool{0: false, event.MaxDepth: false, event.MaxDepth + 1: true} {
		e := fact(depth)
		e.Depth = depth
		err := db.Run(t.Context(), func(tx *docdb.Tx) error { return event.Append(tx, e) })
		if fault.Is(err, fault.Permanent) != refused {
			t.Errorf("depth %d: %v", depth, err)
		}
	}
	if n := len(m.Dump(event.OutboxCollection)); n != 2 {
		t.Errorf("%d facts", n)
	}
}

func TestADeadLetterIsKeptOnceAndCutToSize(t *testing.T) {
	m, db := open()
	l := event.DeadLetter{ID: "notify~m1", Consumer: "notify", Reason: strings.Repeat("ä", 100_000), Payload: strings.Repeat("x\xff", 1_000_000), Attempts: 1, At: noon}
	for l.Attempts = range 3 {
		if err := event.Bury(context.Background(), db, l); err != nil {
			t.Fatal(err)
		}
	}
	recs := m.Dump(event.DeadLetterCollection)
	var got event.DeadLetter
	if len(recs) != 1 || docdb.Decode(recs[0], &got) != nil || got.Attempts != 2 || got.Consumer != "notify" {
		t.Fatalf("got %d dead letters, %+v", len(recs), got.ID)
	}
	if len(got.Reason) < 1000 || len(got.Reason) > 3000 || strings.Trim(got.Reason, "ä") != "" || !strings.HasPrefix(got.Payload, "x\uFFFDx\uFFFD") {
		t.Errorf("kept %d bytes of reason, %d of payload", len(got.Reason), len(got.Payload))
	}
}
