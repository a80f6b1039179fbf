package delivery

import (
	"context"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/notification"
)

// How an attempt goes.
const (
	lease      = 3 * time.Minute  // longer than any attempt may take
	firstPause = time.Minute      // after the first failure; each pause is twice the one before
	lastPause  = time.Hour        // but no longer than this
	newsFor    = 24 * time.Hour   // then nobody wants to hear of it any more
	attemptFor = 25 * time.Second // what one may take of a function's time
)

// attempt makes the next attempt of a delivery, if it needs one now.
func (o Office) attempt(ctx context.Context, id string) error {
	d, mine, err := o.claim(ctx, id)
	if err != nil || !mine {
		return err
	}
	carrying, cancel := context.WithTimeout(ctx, attemptFor)
	dropped, failed := o.carry(carrying, d)
	cancel()
	return o.settle(context.WithoutCancel(ctx), d, dropped, failed)
}

// claim writes that an attempt is being made. It is not ours if it is not the time, if
// somebody else is at it, or if it is over.
func (o Office) claim(ctx context.Context, id string) (d notification.Delivery, mine bool, err error) {
	key := notification.DeliveryKey(id)
	err = o.Desk.DB.Run(ctx, func(tx *docdb.Tx) error {
		mine = false
		var err error
		if d, err = docdb.Get[notification.Delivery](ctx, tx, key); err != nil {
			if fault.Is(err, fault.NotFound) { // its time was up
				return nil
			}
			return err
		}
		now := o.now()
		if !ready(d, now) {
			return nil
		}
		if now.Sub(since(d)) > newsFor {
			d.State, d.DueAt = notification.DeliveryExpired, time.Time{}
			return save(tx, d)
		}
		mine = true
		d.State, d.DueAt = notification.DeliverySending, now.Add(lease)
		d.Attempts++
		return save(tx, d)
	})
	return d, mine, err
}

// ready reports whether a delivery may be tried. Its first attempt needs nobody to wait
// for the time at which it would be found if no fact told of it.
func ready(d notification.Delivery, now time.Time) bool {
	switch {
	case d.DueAt.IsZero() || now.Before(d.HoldUntil):
		return false
	case d.State == notification.DeliveryWaiting && d.Attempts == 0:
		return true
	}
	return !now.Before(d.DueAt)
}

// since is when the delivery could first go out.
func since(d notification.Delivery) time.Time {
	if d.HoldUntil.After(d.At) {
		return d.HoldUntil
	}
	return d.At
}

// settle notes what became of an attempt.
func (o Office) settle(ctx context.Context, mine notification.Delivery, dropped string, failed error) error {
	return o.Desk.DB.Run(ctx, func(tx *docdb.Tx) error {
		d, err := docdb.Get[notification.Delivery](ctx, tx, notification.DeliveryKey(mine.ID))
		if err != nil || d.DueAt.IsZero() || (failed != nil && d.Attempts != mine.Attempts) {
			return err // it is over, or somebody else is at it since our lease ran out
		}
		outcome(&d, o.now(), dropped, failed)
		return save(tx, d)
	})
}

// outcome is a delivery after an attempt.
func outcome(d *notification.Delivery, now time.Time, dropped string, failed error) {
	d.DueAt, d.Reason = time.Time{}, ""
	switch {
	case dropped != "":
		d.State, d.Reason = notification.DeliveryDropped, dropped
	case failed == nil:
		d.State, d.SentAt = notification.DeliverySent, now
	case fault.Is(failed, fault.Permanent):
		d.State, d.Reason = notification.DeliveryRefused, short(failed)
	default:
		d.State, d.Reason, d.DueAt = notification.DeliveryWaiting, short(failed), now.Add(pause(d.Attempts))
	}
}

// pause is how long to wait after that many attempts.
func pause(attempts int) time.Duration {
	return min(firstPause<<min(attempts-1, 10), lastPause)
}

// maxReason is how much of an error is kept, in bytes.
const maxReason = 500

func short(err error) string {
	text := []byte(err.Error())
	return string(text[:min(len(text), maxReason)])
}

func save(tx *docdb.Tx, d notification.Delivery) error {
	return tx.PutUntil(notification.DeliveryKey(d.ID), d, since(d).Add(notification.KeepDeliveries))
}
