package firestore

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"ticketsystem.example/shared/docdb"
)

// ticket is a document of a ticket's size and shape.
func ticket() docdb.Fields {
	f := docdb.Fields{
		"title": "Printer on fire", "description": strings.Repeat("It smells. ", 60), "status": "in_progress", "priority": "high",
		"audience": []any{"person:uma", "department:network", "department:it"}, "tags": []any{"printer", "fire"},
		"sequence": int64(7), "escalated": false, "assignee": nil, "score": 0.93,
		"sla": docdb.Fields{"first": docdb.Fields{"due": docdb.Stamp(time.Now()), "met": true}, "resolve": docdb.Fields{"due": docdb.Stamp(time.Now()), "paused": int64(0)}},
	}
	for i := range 12 {
		f[fmt.Sprintf("field_%d", i)] = docdb.Stamp(time.Now())
	}
	return f
}

// spent is the CPU time that this process has used.
func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure runs call b.N times and reports the CPU that each one cost this process.
func measure(b *testing.B, call func() error) {
	if err := call(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	before := spent()
	for b.Loop() {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((spent()-before).Microseconds())/float64(b.N), "cpu-µs/op")
}

func BenchmarkGetOfOneTicket(b *testing.B) {
	s := opened(b, settings(b))
	put(b, s, "a", ticket())
	measure(b, func() error { _, err := s.Get(b.Context(), []docdb.Key{key("a")}); return err })
}

func BenchmarkCommitOfATicketWithItsHistoryAndFact(b *testing.B) {
	s := opened(b, settings(b))
	small := docdb.Fields{"ticket": "a", "actor": "uma", "at": docdb.Stamp(time.Now()), "changes": []any{docdb.Fields{"field": "status", "from": "new", "to": "assigned"}}}
	n := 0
	measure(b, func() error {
		n++
		return s.Commit(b.Context(), []docdb.Write{
			{Key: key("a"), Fields: ticket()},
			{Key: key(fmt.Sprint("history-", n)), Fields: small, MustMiss: true},
			{Key: key(fmt.Sprint("fact-", n)), Fields: small, MustMiss: true},
		})
	})
}

func BenchmarkQueryOfTwentyTickets(b *testing.B) {
	s := opened(b, settings(b))
	for i := range 20 {
		put(b, s, fmt.Sprint(i), ticket())
	}
	q := docdb.Query{Collection: "things", Limit: 20, Where: []docdb.Where{{Field: "audience", Cmp: docdb.ContainsAny, Value: []any{"department:it", "person:uma"}}}}
	measure(b, func() error { _, err := s.Query(b.Context(), q); return err })
}

func BenchmarkTransaction(b *testing.B) {
	s := opened(b, settings(b))
	put(b, s, "a", ticket())
	db := docdb.Open(s)
	n := 0
	measure(b, func() error {
		return db.Run(b.Context(), func(tx *docdb.Tx) error {
			recs, err := tx.Read(b.Context(), key("a"))
			if err != nil {
				return err
			}
			n++
			recs[0].Fields["sequence"] = int64(n)
			return tx.Put(key("a"), recs[0].Fields)
		})
	})
}
