package notification

import (
	"context"
	"time"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/event"
)

// Replay makes the notices of an archived fact that are not there, as they were made when
// it was published, with their counts and threads, and returns how many. What is there
// stays as it is, so it may be done again at any time. Nothing goes out by e-mail or push
// once more, and feeds, which only say that something changes now, are left alone. People
// are taken as they are now: with the rights, the preferences and the muted tickets of today.
func Replay(ctx context.Context, d *desk.Desk, e event.Event, published time.Time) (int, error) {
	if d.Now().Sub(published) > Keep {
		return 0, nil // these notices have gone by themselves
	}
	n, err := newNews(ctx, d, e)
	if err != nil || len(n.wishes) == 0 {
		return 0, err
	}
	n.now = published.UTC().Truncate(time.Microsecond)
	made := 0
	err = d.DB.Run(ctx, func(tx *docdb.Tx) (err error) {
		made, err = n.restore(ctx, tx)
		return err
	})
	return made, err
}

// restore writes the notices that are missing.
func (n *news) restore(ctx context.Context, tx *docdb.Tx) (int, error) {
	keys := make([]docdb.Key, len(n.wishes))
	for i, w := range n.wishes {
		keys[i] = noticeKey(string(w.Person) + "-" + n.event.ID)
	}
	there, err := tx.Read(ctx, keys...)
	if err != nil {
		return 0, err
	}
	var gone []Wish
	for i, w := range n.wishes {
		if !there[i].Exists() {
			gone = append(gone, w)
		}
	}
	if len(gone) == 0 {
		return 0, nil
	}
	recipients, err := n.recipients(ctx, tx, gone)
	if err != nil {
		return 0, err
	}
	made := 0
	for i, w := range gone {
		r := recipients[i]
		if !r.wants(w) || !r.preferences.Wants(w.Type, InApp) {
			continue
		}
		if err := r.take(tx, n.notice(w, r.box.Epoch), n.now); err != nil {
			return made, err
		}
		made++
	}
	return made, nil
}
