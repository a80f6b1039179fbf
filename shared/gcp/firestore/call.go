package firestore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// tries is how often a call is sent at most.
const tries = 3

// read runs call until it succeeds or is not worth repeating.
func (s *Store) read(ctx context.Context, call func(context.Context) error) error {
	_, err := s.repeat(ctx, tries, call)
	return failure(ctx, err)
}

// commit is read for changes. Without repeatable it sends the commit once.
func (s *Store) commit(ctx context.Context, repeatable bool, call func(context.Context) error) error {
	most := 1
	if repeatable {
		most = tries
	}
	sent, err := s.repeat(ctx, most, call)
	if collided(err) {
		if sent > 1 { // perhaps with ourselves
			return fault.Down(fmt.Errorf("firestore: the answer to a commit was lost: %w", err))
		}
		return fmt.Errorf("%w: %v", docdb.ErrConflict, err)
	}
	return failure(ctx, err)
}

// repeat gives all tries together the time of one call, and says how many there were.
func (s *Store) repeat(ctx context.Context, most int, call func(context.Context) error) (sent int, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ctx = metadata.NewOutgoingContext(ctx, s.header)
	for {
		err = call(ctx)
		sent++
		if sent == most || status.Code(err) != codes.Unavailable {
			return sent, err
		}
		pause := 50*time.Millisecond<<sent + rand.N(50*time.Millisecond)
		select {
		case <-ctx.Done():
			return sent, err
		case <-time.After(pause):
		}
	}
}

// collided reports that a commit's condition did not hold, or that Firestore gave way
// to another commit; nothing was written.
func collided(err error) bool {
	switch status.Code(err) {
	case codes.AlreadyExists, codes.FailedPrecondition, codes.NotFound, codes.Aborted:
		return true
	}
	return false
}

// failure classifies what is left. A caller that went away is no failure of the database.
func failure(caller context.Context, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(caller.Err(), context.Canceled) {
		return fmt.Errorf("firestore: %w", context.Canceled)
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Internal, codes.Canceled, codes.Aborted:
		return fault.Down(fmt.Errorf("firestore: %w", err))
	}
	return fmt.Errorf("firestore: %w", err)
}
