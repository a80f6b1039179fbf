package firestore

import (
	"context"
	"sync"
	"testing"
	"time"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// back is how soon all must work again. Most of it is for an emulator that has just
// started on a busy machine; we look for it every second.
const back = 20 * time.Second

// fragile starts an emulator of the test's own, which it may kill.
func fragile(t *testing.T) (*emulator.Suite, *Store) {
	t.Helper()
	suite, err := emulator.Start(t.Context(), emulator.Options{Only: []emulator.Kind{emulator.Firestore}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := suite.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return suite, opened(t, config.Config{Project: suite.Project, Database: "(default)", FirestoreHost: suite.Firestore})
}

// failsFast expects that every kind of call says soon that the database is down.
func failsFast(t *testing.T, s *Store) {
	t.Helper()
	calls := map[string]func() error{
		"get":    func() error { _, err := s.Get(t.Context(), []docdb.Key{key("a")}); return err },
		"query":  func() error { _, err := s.Query(t.Context(), docdb.Query{Collection: "things", Limit: 1}); return err },
		"commit": func() error { return s.Commit(t.Context(), []docdb.Write{{Key: key("a"), Fields: one}}) },
	}
	var wg sync.WaitGroup
	for name, call := range calls {
		wg.Go(func() {
			begin := time.Now()
			err := call()
			if took := time.Since(begin); !fault.Is(err, fault.Unavailable) || took > patience+time.Second {
				t.Errorf("%s: %v after %v", name, err, took)
			}
		})
	}
	wg.Wait()
}

// recovers expects that the same store works again soon.
func recovers(t testing.TB, s *Store) {
	t.Helper()
	for deadline := time.Now().Add(back); ; {
		err := s.Commit(t.Context(), []docdb.Write{{Key: key("a"), Fields: two}})
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("not back after %v: %v", back, err)
		}
	}
	if got := get(t, s, "a").Fields["n"]; got != int64(2) {
		t.Errorf("got %v", got)
	}
}

func TestADatabaseThatDiesIsNoticedAtOnceAndUsedAgainWhenItIsBack(t *testing.T) {
	t.Parallel()
	suite, s := fragile(t)
	recovers(t, s)
	if err := suite.Kill(emulator.Firestore); err != nil {
		t.Fatal(err)
	}
	failsFast(t, s)
	if err := suite.Restart(t.Context(), emulator.Firestore); err != nil {
		t.Fatal(err)
	}
	recovers(t, s)
}

func TestADatabaseThatHangsDoesNotHangUs(t *testing.T) {
	t.Parallel()
	suite, s := fragile(t)
	recovers(t, s)
	if err := suite.Pause(emulator.Firestore); err != nil {
		t.Fatal(err)
	}
	failsFast(t, s)
	if err := suite.Resume(emulator.Firestore); err != nil {
		t.Fatal(err)
	}
	recovers(t, s)
}

func TestADatabaseThatIsNotThereYetIsUsedWhenItComes(t *testing.T) {
	t.Parallel()
	suite, warm := fragile(t)
	if err := suite.Kill(emulator.Firestore); err != nil {
		t.Fatal(err)
	}
	s := opened(t, config.Config{Project: suite.Project, Database: "(default)", FirestoreHost: suite.Firestore})
	failsFast(t, s)
	if err := suite.Restart(t.Context(), emulator.Firestore); err != nil {
		t.Fatal(err)
	}
	recovers(t, s)
	recovers(t, warm)
}
