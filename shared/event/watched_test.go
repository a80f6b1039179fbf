package event_test

import (
	"context"

	"ticketsystem.example/shared/docdb"
)

// watched is a store that shows each write before it is done.
type watched struct {
	docdb.Store
	see func(docdb.Write)
}

func (s watched) Commit(ctx context.Context, writes []docdb.Write) error {
	for _, w := range writes {
		s.see(w)
	}
	return s.Store.Commit(ctx, writes)
}
