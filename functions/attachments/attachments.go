// Package attachments is the HTTP function for files of tickets. It hands out links; the
// files themselves go between people and Cloud Storage, and never through here.
//
// Trigger: HTTPS, /api/attachments/ and /api/tickets/*/attachments/. Reads and writes
// attachments and tickets; a file that is asked for lands in quarantine, where the
// function scan checks it. What is removed is hidden at once and its content swept up
// later. Each request is judged by the ticket as it is then, and a link lives for
// minutes, so that nobody keeps what they may not see any more. If Cloud Storage or the
// database is down, the caller is told to come back. Rights: Firestore documents, looking
// up accounts, invoking relay, signing links to files.
package attachments

import (
	"context"
	"net/http"

	_ "github.com/GoogleCloudPlatform/functions-framework-go/functions" // Google's builder looks for it here

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/serve"
	"ticketsystem.example/shared/start/api"
	"ticketsystem.example/shared/start/files"
)

func init() { api.Function("Attachments", Routes, files.Open) }

const tag = "Attachments"

// Routes adds the function's operations.
func Routes(a *serve.API, d *desk.Desk) {
	h := handlers{d}
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/tickets/{id}/attachments", ID: "listAttachments", Tag: tag, Summary: "List a ticket's files, oldest first",
		Description: "In every state, so that whoever sent a file sees what became of it. Files of notes are listed for those who may read notes; those of merged tickets are among them."}, h.list)
	serve.Add(a, serve.Operation{Method: http.MethodPost, Path: "/api/tickets/{id}/attachments", ID: "addAttachment", Tag: tag, Summary: "Attach a file",
		Description: "Say what is to come, then send the content in one request as `upload` says: that method, address and headers, within 15 minutes, without a token. The link takes exactly that size and type, once. The file is then checked: its size, SHA-256 and real type, and for malware; until it is `clean` nobody gets it, and if it is `rejected` its `reason` says why. The same Idempotency-Key gives the same file with a fresh link.\n\nA file has up to 25 MB, and a ticket 20 files. Images, PDF, plain text and office documents are taken, unless the organisation decided otherwise.",
		Status:      http.StatusCreated, Raises: []int{409}}, h.add)
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/attachments/{id}", ID: "showAttachment", Tag: tag, Summary: "Show what a file is, and what became of it",
		Description: "For whoever sees its ticket; a file of a note for those who may read notes."}, h.show)
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/attachments/{id}/content", ID: "downloadAttachment", Tag: tag, Summary: "Get a link to a file's content",
		Description: "The link is good for 5 minutes, without a token. What it leads to is always to be saved (`Content-Disposition: attachment`), and is bytes of no type unless it is a picture or a PDF. Whether you may see the file is judged each time you ask. Before the file is clean the answer is 409.", Raises: []int{409}}, h.content)
	serve.Add(a, serve.Operation{Method: http.MethodGet, Path: "/api/attachments/{id}/thumbnail", ID: "showThumbnail", Tag: tag, Summary: "Get a link to an image's small picture",
		Description: "Drawn anew from what the image shows, so it holds nothing else of the file. 404 where there is none.", Raises: []int{409}}, h.thumbnail)
	serve.Add(a, serve.Operation{Method: http.MethodDelete, Path: "/api/attachments/{id}", ID: "deleteAttachment", Tag: tag, Summary: "Remove a file",
		Description: "For whoever attached it, until 15 minutes after it was found clean; for admins always.", Status: http.StatusNoContent, Raises: []int{409}}, h.remove)
}

type handlers struct{ desk *desk.Desk }

// TicketRef is the ticket in a path.
type TicketRef struct {
	ID string `path:"id" doc:"The ticket's id or number." example:"TKT-202611-0042" maxLength:"128"`
}

// Ref is the file in a path.
type Ref struct {
	ID string `path:"id" doc:"The file's id." example:"f4t8k2m9x3w7q1z5r6vb" maxLength:"128"`
}

type listInput struct {
	TicketRef
	serve.PageInput
}

func (h handlers) list(ctx context.Context, in *listInput) (*struct{ Body serve.Page[Attachment] }, error) {
	found, next, err := h.desk.Attachments(ctx, serve.Actor(ctx), in.ID, in.Page())
	if err != nil {
		return nil, err
	}
	return &struct{ Body serve.Page[Attachment] }{serve.PageOf(found, next, view)}, nil
}

type addInput struct {
	TicketRef
	Key  string `header:"Idempotency-Key" doc:"The same key with the same body attaches one file, however often it is sent."`
	Body struct {
		Name     string `json:"name" maxLength:"200" doc:"What people call it, with the ending that its type has." example:"smoke.png"`
		Type     string `json:"type" maxLength:"200" doc:"Its media type." example:"image/png"`
		Size     int64  `json:"size" minimum:"1" doc:"In bytes." example:"48213"`
		SHA256   string `json:"sha256" maxLength:"64" doc:"SHA-256 of its content, in hexadecimal." example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"`
		Comment  string `json:"comment,omitempty" maxLength:"200" doc:"Your comment that it belongs to. A file of a note is internal."`
		Internal bool   `json:"internal,omitempty" doc:"True for a file that only staff of the ticket see."`
	}
}

type addAnswer struct {
	Location string `header:"Location" doc:"The file's address." example:"/api/attachments/f4t8k2m9x3w7q1z5r6vb/"`
	Replayed string `header:"Idempotent-Replayed" doc:"\"true\" when this is the answer to an earlier request with the same key." example:"true"`
	Body     NewAttachment
}

func (h handlers) add(ctx context.Context, in *addInput) (*addAnswer, error) {
	b, opt := in.Body, serve.Options(ctx, "addAttachment "+in.ID)
	f, err := h.desk.Attach(ctx, serve.Actor(ctx), in.ID, desk.NewAttachment{
		Name: b.Name, Type: b.Type, Size: b.Size, SHA256: b.SHA256, Comment: desk.CommentID(b.Comment), Internal: b.Internal,
	}, opt)
	if err != nil {
		return nil, err
	}
	link, err := h.desk.UploadLink(ctx, f)
	if err != nil {
		return nil, err
	}
	return &addAnswer{Location: "/api/attachments/" + string(f.ID) + "/", Replayed: serve.Replayed(opt), Body: NewAttachment{view(f), upload(link)}}, nil
}

func (h handlers) show(ctx context.Context, in *Ref) (*struct{ Body Attachment }, error) {
	f, err := h.desk.Attachment(ctx, serve.Actor(ctx), desk.AttachmentID(in.ID))
	if err != nil {
		return nil, err
	}
	return &struct{ Body Attachment }{view(f)}, nil
}

func (h handlers) content(ctx context.Context, in *Ref) (*struct{ Body Download }, error) {
	return h.link(ctx, in, false)
}

func (h handlers) thumbnail(ctx context.Context, in *Ref) (*struct{ Body Download }, error) {
	return h.link(ctx, in, true)
}

func (h handlers) link(ctx context.Context, in *Ref, small bool) (*struct{ Body Download }, error) {
	f, l, err := h.desk.DownloadLink(ctx, serve.Actor(ctx), desk.AttachmentID(in.ID), small)
	if err != nil {
		return nil, err
	}
	out := Download{Name: f.Name, Type: f.Head().Type, URL: l.URL, ExpiresIn: desk.LinkLifetime}
	if small {
		out.Type = f.Thumbnail
	}
	return &struct{ Body Download }{out}, nil
}

func (h handlers) remove(ctx context.Context, in *Ref) (*struct{}, error) {
	return nil, h.desk.Detach(ctx, serve.Actor(ctx), desk.AttachmentID(in.ID), desk.Options{Trace: serve.Trace(ctx)})
}
