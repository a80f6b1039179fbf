package storage

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"ticketsystem.example/internal/emulator"
	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/blob/blobtest"
	"ticketsystem.example/shared/config"
	"ticketsystem.example/shared/fault"
)

func TestMain(m *testing.M) { emulator.Main(m) }

// settings are those of two buckets of the test's own.
func settings(t *testing.T) config.Config {
	t.Helper()
	suite := emulator.Use(t, emulator.Storage)
	run := strings.ToLower(rand.Text()[:10])
	cfg := config.Config{
		Project: suite.Project, StorageHost: suite.Storage, QuarantineBucket: "quarantine-" + run, CleanBucket: "clean-" + run,
		StorageSigner: suite.Signer().Account, StorageKey: base64.StdEncoding.EncodeToString(suite.Signer().Key),
	}
	admin, err := OpenAdmin(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	for range 2 { // whoever sets up may do so again
		for _, b := range []string{cfg.QuarantineBucket, cfg.CleanBucket} {
			if err := admin.CreateBucket(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
	}
	return cfg
}

func open(t *testing.T, cfg config.Config) *Store {
	t.Helper()
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestCloudStorageConforms(t *testing.T) {
	s := open(t, settings(t))
	blobtest.Run(t, func(*testing.T) blob.Store { return s })
}

func TestAStorageThatIsAwayIsUnavailableSoon(t *testing.T) {
	s := open(t, config.Config{StorageHost: "127.0.0.1:1", QuarantineBucket: "q", CleanBucket: "c"})
	t.Setenv("STORAGE_EMULATOR_HOST", "")
	began := time.Now()
	_, err := s.Stat(t.Context(), blob.Ref{Bucket: blob.Clean, Name: "x"})
	if took := time.Since(began); !fault.Is(err, fault.Unavailable) || took > brief+2*time.Second {
		t.Errorf("%v after %v", err, took)
	}
}

func TestACallerThatWentAwayIsNoFailureOfTheStorage(t *testing.T) {
	s := open(t, settings(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Stat(ctx, blob.Ref{Bucket: blob.Clean, Name: "x"}); err == nil || fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
}

func TestWithoutBucketsNothingIsOpened(t *testing.T) {
	for _, cfg := range []config.Config{{}, {QuarantineBucket: "q"}, {CleanBucket: "c"}} {
		if _, err := Open(cfg); err == nil {
			t.Errorf("%+v was opened", cfg)
		}
	}
}
