// Package jobs is the HTTP function for changes of many tickets at once: it begins them,
// shows how they go, cancels them and takes them back. The function bulk does the work.
//
// Trigger: HTTPS, /api/bulk/ and /api/tickets/bulk/. Reads and writes jobs and their parts;
// for a preview it reads up to 200 tickets. If the database is down the caller is told to
// come back. Rights: Firestore documents, looking up accounts, invoking relay.
package jobs

import (
	"context"
	"net/http"
	"strconv"
	"time"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/bulk"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/preset"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start/api"
)

func init() { api.Function("Jobs", Routes) }

const tag = "Bulk"

// Routes adds the function's operations.
func Routes(a *serve.API, d *desk.Desk) {
	h := handlers{d}
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/tickets/bulk", ID: "startBulk", Tag: tag, Summary: "Change many tickets at once",
		Description: "For staff. Up to 10,000 tickets, by filter or by ids, are changed one by one, each with the rights that you have then. The answer is a job that goes on by itself; ask for it to see how it goes. You can have three at once.", Status: http.StatusAccepted, Raises: []int{409}}, h.start)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/bulk/preview", ID: "previewBulk", Tag: tag, Summary: "Say what changing many tickets would do",
		Description: "Looks at the first 200 tickets and changes none. Those that can't be changed come first, with the reason."}, h.preview)
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/bulk/{id}", ID: "showBulk", Tag: tag, Summary: "Show how a job goes", Description: "One of your own; admins see all."}, h.show)
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/bulk/{id}/items", ID: "listBulkItems", Tag: tag, Summary: "List a job's tickets and what came of each", Description: "Up to a hundred a page."}, h.items)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/bulk/{id}/cancel", ID: "cancelBulk", Tag: tag, Summary: "Cancel a job", Description: "The hundred tickets that are being changed still are. What was done stays done, until you take it back.", Raises: []int{409}}, h.cancel)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/bulk/{id}/undo", ID: "undoBulk", Tag: tag, Summary: "Take a job back",
		Description: "Once it has ended, and a minute after it was cancelled. Begins a job that gives each ticket the values it had before. A ticket of which somebody changed one of these values since is skipped. What was said stays said.", Status: http.StatusAccepted, Raises: []int{409}}, h.undo)
}

type handlers struct{ desk *desk.Desk }

// BulkOrder says which tickets to change, and how.
type BulkOrder struct {
	Filter  *bulk.Selection `json:"filter,omitempty" doc:"Which tickets; or send ids."`
	IDs     []string        `json:"ids,omitempty" maxItems:"10000" doc:"Ids of tickets."`
	Changes *preset.Changes `json:"changes,omitempty" doc:"What to change; or name a macro."`
	Macro   string          `json:"macro,omitempty" maxLength:"128" doc:"Id of a macro."`
}

func (o BulkOrder) order() bulk.Order {
	out := bulk.Order{Filter: o.Filter, Macro: o.Macro}
	if o.Changes != nil {
		out.Changes = *o.Changes
	}
	for _, id := range o.IDs {
		out.Tickets = append(out.Tickets, desk.TicketID(id))
	}
	return out
}

// BulkJob is a job as clients see it.
type BulkJob struct {
	ID        string    `json:"id" example:"h2v9x2m4p8q1w7z5t6rb"`
	State     string    `json:"state" enum:"collecting,running,done,cancelled,stopped" doc:"Stopped is by the reason given." example:"running"`
	Reason    *string   `json:"reason" doc:"Why it stopped."`
	Total     int       `json:"total" doc:"Tickets it is about; grows while it collects them." example:"240"`
	Changed   int       `json:"changed" example:"100"`
	Unchanged int       `json:"unchanged" doc:"They already were so." example:"3"`
	Failed    int       `json:"failed" doc:"They can't be changed so, or not by its owner." example:"1"`
	Skipped   int       `json:"skipped" doc:"Not taken back, since somebody changed them meanwhile." example:"0"`
	Undoes    *string   `json:"undoes" doc:"The job that it takes back."`
	UndoneBy  *string   `json:"undone_by" doc:"The job that takes it back."`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

type answer struct {
	Location string `header:"Location" doc:"The job's address." example:"/api/bulk/h2v9x2m4p8q1w7z5t6rb/"`
	Replayed string `header:"Idempotent-Replayed" doc:"\"true\" when this is the answer to an earlier request with the same key." example:"true"`
	Body     BulkJob
}

func reply(j bulk.Job, err error) (*answer, error) {
	if err != nil {
		return nil, err
	}
	return &answer{Location: "/api/bulk/" + j.ID + "/", Body: BulkJob{
		ID: j.ID, State: string(j.State), Reason: text(j.Reason), Total: j.Total, Changed: j.Changed, Unchanged: j.Unchanged, Failed: j.Failed, Skipped: j.Skipped,
		Undoes: text(j.Undoes), UndoneBy: text(j.UndoneBy), CreatedAt: j.CreatedAt, UpdatedAt: j.UpdatedAt,
	}}, nil
}

type startInput struct {
	Body BulkOrder
	Key  string `header:"Idempotency-Key" doc:"The same key with the same body begins one job, however often it is sent."`
}

func (h handlers) start(ctx context.Context, in *startInput) (*answer, error) {
	opt := serve.Options(ctx, "startBulk")
	out, err := reply(bulk.Start(ctx, h.desk, serve.Actor(ctx), in.Body.order(), opt))
	if err == nil {
		out.Replayed = serve.Replayed(opt)
	}
	return out, err
}

// Ref is the job in a path.
type Ref struct {
	ID string `path:"id" doc:"The job's id." example:"h2v9x2m4p8q1w7z5t6rb" maxLength:"128"`
}

func (h handlers) show(ctx context.Context, in *Ref) (*answer, error) {
	return reply(bulk.Show(ctx, h.desk.DB, serve.Actor(ctx), in.ID))
}

func (h handlers) cancel(ctx context.Context, in *Ref) (*answer, error) {
	return reply(bulk.Cancel(ctx, h.desk, serve.Actor(ctx), in.ID))
}

type undoInput struct {
	Ref
	Key string `header:"Idempotency-Key" doc:"The same key begins one job, however often it is sent."`
}

func (h handlers) undo(ctx context.Context, in *undoInput) (*answer, error) {
	opt := serve.Options(ctx, "undoBulk "+in.ID)
	out, err := reply(bulk.Undo(ctx, h.desk, serve.Actor(ctx), in.ID, opt))
	if err == nil {
		out.Replayed = serve.Replayed(opt)
	}
	return out, err
}

// BulkItem is a ticket of a job, and what came of it.
type BulkItem struct {
	Ticket  string  `json:"ticket" doc:"The ticket's id." example:"k3v9x2m4p8q1w7z5t6rb"`
	Outcome *string `json:"outcome" enum:"changed,unchanged,failed,skipped" doc:"Null while its turn has not come." example:"failed"`
	Code    *string `json:"code" doc:"Why it failed or was skipped." example:"illegal_transition"`
	Message *string `json:"message" doc:"The same for people." example:"A ticket that is closed can't become assigned."`
}

func showItem(it bulk.Item) BulkItem {
	return BulkItem{string(it.Ticket), text(string(it.Outcome)), text(it.Code), text(it.Message)}
}

type itemsInput struct {
	Ref
	Cursor string `query:"cursor" maxLength:"1000" doc:"From the page before; opaque."`
}

func (h handlers) items(ctx context.Context, in *itemsInput) (*struct{ Body serve.Page[BulkItem] }, error) {
	n := 0
	if in.Cursor != "" {
		var err error
		if n, err = strconv.Atoi(in.Cursor); err != nil || n < 0 {
			return nil, fault.Bad("cursor", "This cursor is not from a page of this list; start again without it.")
		}
	}
	found, more, err := bulk.Items(ctx, h.desk, serve.Actor(ctx), in.ID, n)
	if err != nil {
		return nil, err
	}
	next := ""
	if more {
		next = strconv.Itoa(n + 1)
	}
	return &struct{ Body serve.Page[BulkItem] }{serve.PageOf(found, next, showItem)}, nil
}

// BulkPreview is what changing many tickets would do.
type BulkPreview struct {
	Count   int        `json:"count" doc:"Tickets it is about; at least, if there are more." example:"12"`
	More    bool       `json:"more" doc:"There are more than were looked at."`
	Blocked int        `json:"blocked" doc:"Of those that were looked at, how many can't be changed so." example:"1"`
	Items   []BulkItem `json:"items" doc:"The first twenty, those that can't be changed before others."`
}

type previewInput struct{ Body BulkOrder }

func (h handlers) preview(ctx context.Context, in *previewInput) (*struct{ Body BulkPreview }, error) {
	p, err := bulk.Try(ctx, h.desk, serve.Actor(ctx), in.Body.order())
	if err != nil {
		return nil, err
	}
	out := BulkPreview{Count: p.Count, More: p.More, Blocked: p.Blocked, Items: []BulkItem{}}
	for _, it := range p.Items {
		out.Items = append(out.Items, showItem(it))
	}
	return &struct{ Body BulkPreview }{out}, nil
}
