package settings

import (
	"context"
	"net/http"
	"time"

	"ticketsystem.example/shared/ledger"
	"ticketsystem.example/shared/serve"
)

// health adds the operation that shows whether facts have their effects.
func health(a *serve.API, h handlers) {
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/admin/health", ID: "showHealth", Tag: tag, Summary: "Show whether every fact had its effects",
		Description: "Each change makes a fact, from which notifications, numbers and all else follow. Every ten minutes the facts that had half an hour for that are compared with their effects; what is missing is sent again."}, h.health)
}

// Health is how facts are doing, as administrators see it.
type Health struct {
	OK           bool       `json:"ok" doc:"Nobody has to do anything." example:"true"`
	Unconfirmed  int        `json:"unconfirmed" doc:"Effects that are missing, 1000 at most." example:"0"`
	DeadLetters  int        `json:"dead_letters" doc:"Dead letters that wait, 100 at most." example:"0"`
	Waiting      int        `json:"waiting" doc:"Facts that are not published yet, 100 at most." example:"0"`
	WaitingSince *time.Time `json:"waiting_since" doc:"When the oldest of them was made." example:"2026-11-23T09:15:00.000Z"`
	Checked      int64      `json:"checked" doc:"Facts compared with their effects, ever." example:"48210"`
	Repaired     int64      `json:"repaired" doc:"Facts sent again, ever." example:"2"`
	CheckedUntil *time.Time `json:"checked_until" doc:"Facts published before have been compared." example:"2026-11-23T08:45:00.000Z"`
	ReconciledAt *time.Time `json:"reconciled_at" doc:"When they were compared last." example:"2026-11-23T09:15:00.000Z"`
}

func (h handlers) health(ctx context.Context, _ *struct{}) (*struct{ Body Health }, error) {
	found, err := ledger.ReadHealth(ctx, h.desk, serve.Actor(ctx))
	if err != nil {
		return nil, err
	}
	return &struct{ Body Health }{Health{
		OK: found.OK(h.desk.Now()), Unconfirmed: found.Unconfirmed, DeadLetters: found.Letters,
		Waiting: found.Waiting, WaitingSince: moment(found.Oldest), Checked: found.Checked, Repaired: found.Repaired,
		CheckedUntil: moment(found.Until), ReconciledAt: moment(found.At),
	}}, nil
}

// moment is nil for never.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
