package dbtest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"ticketsystem.example/shared/docdb"
)

var one = docdb.Fields{"n": int64(1)}
var two = docdb.Fields{"n": int64(2)}

var writes = []test{
	{"APutReplacesTheWholeDocument", func(t *testing.T, f *fixture) {
		f.put("a", docdb.Fields{"old": "x", "n": int64(1)})
		before := f.get("a")
		f.put("a", two)
		after := f.get("a")
		if len(after.Fields) != 1 || after.Fields["n"] != int64(2) || after.Version == before.Version {
			t.Errorf("got %+v after %+v", after, before)
		}
	}},
	{"APutOnTheCurrentVersionSucceedsOnce", func(t *testing.T, f *fixture) {
		f.put("a", one)
		v := f.get("a").Version
		f.commit(docdb.Write{Key: key("a"), Fields: two, IfVersion: v})
		f.conflicts(docdb.Write{Key: key("a"), Fields: one, IfVersion: v})
		if f.get("a").Fields["n"] != int64(2) {
			t.Error("the second put won")
		}
	}},
	{"APutOfTheSameContentOnAVersionStillMakesANewVersion", func(t *testing.T, f *fixture) {
		f.put("a", one)
		for range 3 {
			v := f.get("a").Version
			f.commit(docdb.Write{Key: key("a"), Fields: one, IfVersion: v})
			f.conflicts(docdb.Write{Key: key("a"), Fields: one, IfVersion: v})
		}
		if got := f.get("a").Fields; len(got) != 1 {
			t.Errorf("the store's own notes show: %v", got)
		}
	}},
	{"APutOnAVersionOfAMissingDocumentCollides", func(t *testing.T, f *fixture) {
		f.put("a", one)
		v := f.get("a").Version
		f.commit(docdb.Write{Key: key("a"), Op: docdb.OpDelete})
		f.conflicts(docdb.Write{Key: key("a"), Fields: one, IfVersion: v})
		f.put("a", one)
		f.conflicts(docdb.Write{Key: key("a"), Fields: two, IfVersion: v})
	}},
	{"ACreationSucceedsOnce", func(t *testing.T, f *fixture) {
		f.commit(docdb.Write{Key: key("a"), Fields: one, MustMiss: true})
		f.conflicts(docdb.Write{Key: key("a"), Fields: two, MustMiss: true})
		f.commit(docdb.Write{Key: key("a"), Op: docdb.OpDelete})
		f.commit(docdb.Write{Key: key("a"), Fields: two, MustMiss: true})
	}},
	{"ADeletionMayBeRepeatedUnlessItHasACondition", func(t *testing.T, f *fixture) {
		f.put("a", one)
		stale := f.get("a").Version
		f.put("a", two)
		f.conflicts(docdb.Write{Key: key("a"), Op: docdb.OpDelete, IfVersion: stale})
		f.conflicts(docdb.Write{Key: key("a"), Op: docdb.OpDelete, MustMiss: true})
		f.commit(docdb.Write{Key: key("a"), Op: docdb.OpDelete, IfVersion: f.get("a").Version})
		f.absent("a")
		f.commit(docdb.Write{Key: key("a"), Op: docdb.OpDelete})
		f.commit(docdb.Write{Key: key("a"), Op: docdb.OpDelete, MustMiss: true})
		f.conflicts(docdb.Write{Key: key("a"), Op: docdb.OpDelete, IfVersion: stale})
	}},
	{"NothingIsWrittenWhenOneConditionFails", func(t *testing.T, f *fixture) {
		f.put("there", one)
		f.put("count", one)
		f.conflicts(
			docdb.Write{Key: key("new"), Fields: one, MustMiss: true},
			docdb.Write{Key: key("there"), Op: docdb.OpDelete},
			docdb.Write{Key: key("count"), Op: docdb.OpAdd, Fields: docdb.Fields{"n": int64(5)}},
			docdb.Write{Key: key("gone"), Fields: one, IfVersion: f.get("there").Version},
		)
		f.absent("new")
		if f.get("there").Fields["n"] != int64(1) || f.get("count").Fields["n"] != int64(1) {
			t.Error("a part of the commit was done")
		}
	}},
	{"NothingIsWrittenWhenOneWriteIsBad", func(t *testing.T, f *fixture) {
		f.refuses("a bad value", docdb.Write{Key: key("a"), Fields: one}, docdb.Write{Key: key("b"), Fields: docdb.Fields{"x": time.Second}})
		f.absent("a")
	}},
	{"ACommitHoldsManyWritesButNotTooMany", func(t *testing.T, f *fixture) {
		many := make([]docdb.Write, docdb.MaxWrites)
		for i := range many {
			many[i] = docdb.Write{Key: key(fmt.Sprintf("%03d", i)), Fields: one, MustMiss: true}
		}
		f.commit(many...)
		if got := f.find(docdb.Query{}); len(got) != docdb.MaxWrites {
			t.Errorf("%d documents", len(got))
		}
		f.refuses("one too many", append(many, docdb.Write{Key: key("more")})...)
	}},
	{"AKeyStandsOnceInACommit", func(t *testing.T, f *fixture) {
		f.refuses("twice", docdb.Write{Key: key("a"), Fields: one}, docdb.Write{Key: key("a"), Fields: two})
		f.absent("a")
	}},
	{"AnEmptyCommitIsFine", func(t *testing.T, f *fixture) { f.commit() }},
	{"AddingCountsFromZeroAndKeepsOtherFields", func(t *testing.T, f *fixture) {
		odd := "by status.`new` \\ ü"
		add := func(id string, deltas docdb.Fields) {
			f.commit(docdb.Write{Key: key(id), Op: docdb.OpAdd, Fields: deltas})
		}
		add("new", docdb.Fields{"n": int64(3), odd: int64(-1)})
		add("new", docdb.Fields{"n": int64(-5)})
		add("empty", nil)
		f.put("old", docdb.Fields{"n": int64(40), "name": "x", "map": docdb.Fields{"n": int64(7)}})
		v := f.get("old").Version
		add("old", docdb.Fields{"n": int64(2)})
		if got := f.get("new").Fields; len(got) != 2 || got["n"] != int64(-2) || got[odd] != int64(-1) {
			t.Errorf("new: %v", got)
		}
		old := f.get("old")
		if old.Fields["n"] != int64(42) || old.Fields["name"] != "x" || old.Fields["map"].(docdb.Fields)["n"] != int64(7) || old.Version == v {
			t.Errorf("old: %+v", old)
		}
		if r := f.get("empty"); !r.Exists() || len(r.Fields) != 0 {
			t.Errorf("empty: %+v", r)
		}
	}},
	{"AddingTakesWholeDeltasAndNoCondition", func(t *testing.T, f *fixture) {
		f.refuses("a float", docdb.Write{Key: key("a"), Op: docdb.OpAdd, Fields: docdb.Fields{"n": 1.0}})
		f.refuses("a text", docdb.Write{Key: key("a"), Op: docdb.OpAdd, Fields: docdb.Fields{"n": "1"}})
		f.refuses("a condition", docdb.Write{Key: key("a"), Op: docdb.OpAdd, Fields: one, MustMiss: true})
		f.refuses("a version", docdb.Write{Key: key("a"), Op: docdb.OpAdd, Fields: one, IfVersion: "1"})
	}},
	{"ManyMayAddAtOnce", func(t *testing.T, f *fixture) {
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for range 5 {
					f.run(t.Context(), func(tx *docdb.Tx) error { return tx.Add(key("count"), map[string]int64{"n": 1, "m": -2}) })
				}
			})
		}
		wg.Wait()
		if got := f.get("count").Fields; got["n"] != int64(80) || got["m"] != int64(-160) {
			t.Errorf("got %v, want 80 and -160", got)
		}
	}},
	{"WhenADocumentExpiresIsNotPartOfIt", func(t *testing.T, f *fixture) {
		f.commit(docdb.Write{Key: key("a"), Fields: one, Expires: time.Date(2999, 1, 2, 3, 4, 5, 0, time.UTC)})
		f.commit(docdb.Write{Key: key("a"), Op: docdb.OpAdd, Fields: one})
		if got := f.get("a").Fields; len(got) != 1 || got["n"] != int64(2) {
			t.Errorf("got %v", got)
		}
		if recs := f.records(docdb.Query{}); len(recs) != 1 || len(recs[0].Fields) != 1 {
			t.Errorf("query got %v", recs)
		}
		f.refuses("an expiring deletion", docdb.Write{Key: key("a"), Op: docdb.OpDelete, Expires: time.Now()})
	}},
}
