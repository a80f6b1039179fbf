package desk

import (
	"context"
	"sync"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// numberBlock is how many ticket numbers an instance takes at once. A larger block
// means fewer writes to the month's counter and larger gaps when an instance ends.
const numberBlock = 32

// numbers hands out ticket numbers from blocks that this instance leased, so that no
// two instances ever have the same one and the counter is written once per block.
type numbers struct {
	mu        sync.Mutex
	month     string
	next, end int64
}

// counter is the month's document: the first number that nobody has leased.
type counter struct {
	Next int64 `json:"next"`
}

// take returns a number for a ticket that is created at the time.
func (n *numbers) take(ctx context.Context, db *docdb.DB, at time.Time) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if month := at.Format("200601"); n.month != month || n.next == n.end {
		first, err := lease(ctx, db, month)
		if err != nil {
			return "", err
		}
		n.month, n.next, n.end = month, first, first+numberBlock
	}
	number := formatNumber(at, n.next)
	n.next++
	return number, nil
}

// lease moves the month's counter by one block and returns the block's first number.
func lease(ctx context.Context, db *docdb.DB, month string) (first int64, err error) {
	key := docdb.Key{Collection: counters, ID: "numbers-" + month}
	err = db.Run(ctx, func(tx *docdb.Tx) error {
		c, err := docdb.Get[counter](ctx, tx, key)
		if fault.Is(err, fault.NotFound) {
			c, err = counter{Next: 1}, nil
		}
		if err != nil {
			return err
		}
		first = c.Next
		return tx.Put(key, counter{Next: c.Next + numberBlock})
	})
	return first, err
}
