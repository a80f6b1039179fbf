// Package presets is the HTTP function for what staff prepare once and use often: canned
// replies, macros and templates of tickets. A macro is used, and a template filled in, by
// the function tickets.
//
// Trigger: HTTPS, /api/canned-replies/, /api/macros/ and /api/templates/. Reads and writes
// presets and their lists, in one transaction; for a preview it reads the ticket and its
// requester. If the database is down the caller is told to come back. Rights: Firestore
// documents, looking up accounts.
package presets

import (
	"context"
	"net/http"
	"strings"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/markdown"
	"ticketsystem.example/shared/preset"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start/api"
)

func init() { api.Function("Presets", Routes) }

const tag = "Presets"

// Routes adds the function's operations.
func Routes(a *serve.API, d *desk.Desk) {
	add(a, kind[NewCannedReply, CannedReply]{d, preset.CannedReply, "/api/canned-replies", "CannedReply", "canned replies", variables(), NewCannedReply.draft, showCannedReply})
	add(a, kind[NewMacro, Macro]{d, preset.Macro, "/api/macros", "Macro", "macros",
		"The variables of canned replies work in its texts too. Use it with `POST /api/tickets/{id}/apply/`.", NewMacro.draft, showMacro})
	add(a, kind[NewTemplate, Template]{d, preset.Template, "/api/templates", "Template", "templates",
		"Name it as `template` in `POST /api/tickets/`, and it fills in what you leave out.", NewTemplate.draft, showTemplate})
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/canned-replies/{id}/preview", ID: "previewCannedReply", Tag: tag, Summary: "Show a canned reply as it would be for a ticket",
		Description: "Rendered in the language you ask for, else the ticket's, else its requester's; where there is no such text, in the one that suits best. Nothing is sent."}, previewer{d}.preview)
}

// variables is the list of them, in Markdown.
func variables() string {
	var b strings.Builder
	b.WriteString("A text may hold these variables; another one is refused:\n\n| variable | stands for |\n|---|---|\n")
	for _, v := range preset.Variables {
		b.WriteString("| `{{" + v.Name + "}}` | " + v.About + " |\n")
	}
	return b.String()
}

// kind serves one kind of presets: In is what clients send of it, Out what they see.
type kind[In, Out any] struct {
	desk  *desk.Desk
	kind  preset.Kind
	path  string
	id    string // of operations, in the singular
	names string
	about string // how to use them, in Markdown
	draft func(In) preset.Draft
	show  func(preset.Preset) Out
}

// add adds the operations of a kind.
func add[In, Out any](a *serve.API, k kind[In, Out]) {
	one := k.kind.Name()
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: k.path, ID: "list" + plural(k.id), Tag: tag, Summary: "List the " + k.names + " there are for you, by name",
		Description: "For staff: those for all, and those of their departments, of departments above and below these. Users see templates that are offered to them."}, k.list)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: k.path, ID: "create" + k.id, Tag: tag, Summary: "Save a " + one,
		Description: "Staff keep them for their own departments and those below; admins also for all. There are 300 at most.\n\n" + k.about, Status: http.StatusCreated, Raises: []int{409}}, k.create)
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: k.path + "/{id}", ID: "show" + k.id, Tag: tag, Summary: "Show a " + one, Description: k.about}, k.one)
	serve.Add(a, serve.Operation{Method: http.MethodPut, Path: k.path + "/{id}", ID: "replace" + k.id, Tag: tag, Summary: "Replace a " + one + "'s content",
		Description: "For staff of its department or one above it, and for admins. Needs `If-Match`.", Raises: []int{412, 428}}, k.replace)
	serve.Add(a, serve.Operation{Method: http.MethodDelete, Path: k.path + "/{id}", ID: "delete" + k.id, Tag: tag, Summary: "Delete a " + one,
		Description: "For staff of its department or one above it, and for admins. What was done with it stays done.", Status: http.StatusNoContent, Raises: []int{412}}, k.remove)
}

// plural is how operations name several.
func plural(id string) string {
	if one, ok := strings.CutSuffix(id, "y"); ok {
		return one + "ies"
	}
	return id + "s"
}

// Ref is the preset in a path.
type Ref struct {
	ID string `path:"id" doc:"Its id." example:"h2v9x2m4p8q1w7z5t6rb" maxLength:"128"`
}

// answer is one preset with its validator.
type answer[T any] struct {
	ETag     string `header:"ETag" doc:"Of this version; send it as If-Match with a change." example:"\"v2\""`
	Location string `header:"Location" doc:"Of a new one: its address."`
	Replayed string `header:"Idempotent-Replayed" doc:"\"true\" when this is the answer to an earlier request with the same key." example:"true"`
	Body     T
}

func (k kind[In, Out]) reply(p preset.Preset) *answer[Out] {
	return &answer[Out]{ETag: serve.ETag(p.Version), Body: k.show(p)}
}

func (k kind[In, Out]) list(ctx context.Context, _ *struct{}) (*struct{ Body serve.Page[Preset] }, error) {
	found, err := preset.List(ctx, k.desk, serve.Actor(ctx), k.kind)
	if err != nil {
		return nil, err
	}
	return &struct{ Body serve.Page[Preset] }{serve.PageOf(found, "", showEntry)}, nil
}

type createInput[T any] struct {
	Body T
	Key  string `header:"Idempotency-Key" doc:"The same key with the same body saves one, however often it is sent."`
}

func (k kind[In, Out]) create(ctx context.Context, in *createInput[In]) (*answer[Out], error) {
	opt := serve.Options(ctx, "create"+k.id)
	p, err := preset.Create(ctx, k.desk, serve.Actor(ctx), k.kind, k.draft(in.Body), opt)
	if err != nil {
		return nil, err
	}
	out := k.reply(p)
	out.Location, out.Replayed = k.path+"/"+p.ID+"/", serve.Replayed(opt)
	return out, nil
}

func (k kind[In, Out]) one(ctx context.Context, in *Ref) (*answer[Out], error) {
	p, err := preset.Show(ctx, k.desk, serve.Actor(ctx), k.kind, in.ID)
	if err != nil {
		return nil, err
	}
	return k.reply(p), nil
}

type replaceInput[T any] struct {
	Ref
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; required."`
	Body    T
}

func (k kind[In, Out]) replace(ctx context.Context, in *replaceInput[In]) (*answer[Out], error) {
	version, err := serve.IfMatch(in.IfMatch, true)
	if err != nil {
		return nil, err
	}
	p, err := preset.Replace(ctx, k.desk, serve.Actor(ctx), k.kind, in.ID, version, k.draft(in.Body))
	if err != nil {
		return nil, err
	}
	return k.reply(p), nil
}

type removeInput struct {
	Ref
	IfMatch string `header:"If-Match" doc:"The ETag of your last read; then a change by somebody else is noticed."`
}

func (k kind[In, Out]) remove(ctx context.Context, in *removeInput) (*struct{}, error) {
	version, err := serve.IfMatch(in.IfMatch, false)
	if err != nil {
		return nil, err
	}
	return nil, preset.Delete(ctx, k.desk, serve.Actor(ctx), k.kind, in.ID, version)
}

type previewInput struct {
	Ref
	Body struct {
		Ticket   string `json:"ticket" minLength:"1" maxLength:"128" doc:"The ticket's id or number." example:"TKT-202611-0042"`
		Language string `json:"language,omitempty" maxLength:"16" doc:"BCP 47." example:"de"`
	}
}

// Preview is a canned reply as it would be for a ticket.
type Preview struct {
	Text     string `json:"text" doc:"Markdown, to be sent as a reply." example:"Dear Uma, we look at TKT-202611-0042."`
	HTML     string `json:"html" doc:"The same rendered, and safe to show as it stands." example:"<p>Dear Uma, we look at TKT-202611-0042.</p>"`
	Language string `json:"language" doc:"The language that it is in." example:"en"`
}

type previewer struct{ desk *desk.Desk }

func (h previewer) preview(ctx context.Context, in *previewInput) (*struct{ Body Preview }, error) {
	p, err := preset.PreviewFor(ctx, h.desk, serve.Actor(ctx), in.ID, in.Body.Ticket, in.Body.Language)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Preview }{Preview{p.Text, markdown.HTML(p.Text), p.Language}}, nil
}
