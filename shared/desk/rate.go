package desk

import (
	"context"

	"ticketsystem.example/shared/fault"
)

// BestRating is the highest rating; the lowest is 1. Content is the lowest one of those
// who were content, as customer satisfaction is commonly counted.
const (
	BestRating = 5
	Content    = 4
)

// rated is the rating, nil for none.
func (t *Ticket) rated() any {
	if t.Rating == 0 {
		return nil
	}
	return t.Rating
}

// Rate says how content the requester was with a ticket that is resolved or closed, in
// words too if they like. Saying it again replaces what was said; reopening keeps it.
func (d *Desk) Rate(ctx context.Context, a Actor, ref string, rating int, text string, opt Options) (Ticket, error) {
	return d.change(ctx, a, ref, opt, func(w *work) error {
		b := w.before
		if err := Allow(a, TicketRate, b); err != nil {
			return err
		}
		if b.Status != StatusResolved && b.Status != StatusClosed {
			return fault.New(fault.Conflict, "not_resolved", "A ticket can be rated once it is resolved; this one is %s.", b.Status)
		}
		words, bad := Text("text", text, 0, MaxReason, true)
		if err := fault.Join(bad, check(rating >= 1 && rating <= BestRating, "rating", "A rating is 1 to %d.", BestRating)); err != nil {
			return err
		}
		if rating == b.Rating && words == b.RatingText {
			return nil // said before
		}
		w.kind, w.ticket.Rating, w.ticket.RatingText = TicketRated, rating, words
		return nil
	})
}
