package firestore

import (
	"encoding/json"
	"flag"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"google.golang.org/api/option"
	"pgregory.net/rapid"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/docdb/dbtest"
)

func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "25"); err != nil { // each one has a database of its own
		panic(err)
	}
	emulator.Main(m)
}

// settings are those of a database of the test's own.
func settings(t testing.TB) config.Config {
	suite := emulator.Use(t, emulator.Firestore)
	cfg := config.Config{Project: suite.Project, Database: emulator.Database(t), FirestoreHost: suite.Firestore}
	warmUp.Do(func() { recovers(t, opened(t, cfg)) })
	return cfg
}

// warmUp waits for an emulator that has just started: on a busy machine its first
// answer takes longer than a call's patience.
var warmUp sync.Once

func opened(t testing.TB, cfg config.Config, extra ...option.ClientOption) *Store {
	t.Helper()
	s, err := open(cfg, extra...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func key(id string) docdb.Key { return docdb.Key{Collection: "things", ID: id} }

func put(t testing.TB, s *Store, id string, f docdb.Fields) {
	t.Helper()
	if err := s.Commit(t.Context(), []docdb.Write{{Key: key(id), Fields: f}}); err != nil {
		t.Fatal(err)
	}
}

func get(t testing.TB, s *Store, id string) docdb.Record {
	t.Helper()
	recs, err := s.Get(t.Context(), []docdb.Key{key(id)})
	if err != nil {
		t.Fatal(err)
	}
	return recs[0]
}

// TestFirestoreConforms also asks the emulator which composite indexes production
// would have needed: no others than the planner believes.
func TestFirestoreConforms(t *testing.T) {
	var mu sync.Mutex
	needed := map[string]bool{}
	t.Run("suite", func(t *testing.T) { // ends when its parallel cases have
		dbtest.Run(t, func(t *testing.T) docdb.Store {
			cfg := settings(t)
			t.Cleanup(func() {
				mu.Lock()
				defer mu.Unlock()
				for _, ix := range usedIndexes(t, cfg) {
					needed[ix] = true
				}
			})
			return opened(t, cfg)
		}, dbtest.Indexes())
	})
	delete(needed, docdb.On("things", "group", "tags array", "rank").String()) // merged from two
	for _, ix := range dbtest.Indexes() {
		if !needed[ix.String()] {
			t.Errorf("declared, but not needed: %s", ix)
		}
		delete(needed, ix.String())
	}
	for ix := range needed {
		t.Errorf("needed, but not declared: %s", ix)
	}
}

func TestMemoryAndFirestoreAgree(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(what string, n int) int { return rapid.IntRange(0, n-1).Draw(rt, what) }
		dbtest.Agree(rt, draw, 15, docdb.NewMemory(), opened(t, settings(t)))
	})
}

// usedIndexes asks the emulator for the composite indexes of all queries so far.
func usedIndexes(t *testing.T, cfg config.Config) []string {
	database := "projects/" + cfg.Project + "/databases/" + cfg.Database
	res, err := http.Get("http://" + cfg.FirestoreHost + "/emulator/v1/projects/" + cfg.Project + ":indexUsage?database=" + url.QueryEscape(database))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var usage struct {
		Reports []struct {
			Index struct {
				Fields []struct{ FieldPath, Order, ArrayConfig string }
			}
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&usage); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range usage.Reports {
		ix := docdb.Index{Collection: "things"}
		for _, f := range r.Index.Fields {
			if f.FieldPath == "__name__" {
				continue
			}
			mode := docdb.Asc
			if f.ArrayConfig != "" {
				mode = docdb.Array
			} else if strings.HasPrefix(f.Order, "DESC") {
				mode = docdb.Desc
			}
			ix.Fields = append(ix.Fields, docdb.Indexed{Field: f.FieldPath, Mode: mode})
		}
		out = append(out, ix.String())
	}
	return out
}
