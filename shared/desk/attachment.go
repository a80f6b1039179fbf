package desk

import (
	"context"
	"regexp"
	"slices"
	"time"

	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// AttachmentID is opaque; it is also the name of the file's object in its bucket, so that
// nothing which people write ever is one.
type AttachmentID string

// AttachmentState is where a file is on its way from a person's disk to the ticket.
type AttachmentState string

// The states. Only what is clean is ever given to anybody.
const (
	FileUploading AttachmentState = "uploading" // asked for, and not there yet
	FileScanning  AttachmentState = "scanning"  // there, being checked
	FileClean     AttachmentState = "clean"     // checked, and part of the ticket
	FileRejected  AttachmentState = "rejected"  // checked, and not taken
	fileRemoved   AttachmentState = "removed"   // taken away; its objects are swept up
)

// Limits of files, and how long things about them last.
const (
	MaxFileSize = 25 << 20 // bytes
	MaxFiles    = 20       // of a ticket that its requester sees, and as many of its notes
	MaxFileName = 200      // characters

	UploadWithin   = 24 * time.Hour     // after which an upload that never came is forgotten
	CheckWithin    = 24 * time.Hour     // after which a file that could not be checked is rejected
	RejectedFor    = 7 * 24 * time.Hour // how long one can read why a file wasn't taken
	RemoveWindow   = 15 * time.Minute   // in which whoever attached a file may take it away
	uploadLifetime = 15 * time.Minute
	linkLifetime   = 5 * time.Minute
)

// Attachment is a file of a ticket. Its content lies in a bucket, never in a document.
type Attachment struct {
	ID           AttachmentID    `json:"id"`
	Ticket       TicketID        `json:"ticket"`
	Thread       []TicketID      `json:"thread"` // the ticket once more, for queries; none of what was removed
	Comment      CommentID       `json:"comment,omitzero"`
	Name         string          `json:"name"`
	Type         string          `json:"type"`
	Size         int64           `json:"size"`
	SHA256       string          `json:"sha256"` // in hexadecimal
	State        AttachmentState `json:"state"`
	Reason       string          `json:"reason,omitzero"` // why it was rejected
	Internal     bool            `json:"internal"`        // it belongs to a note
	Uploader     PersonID        `json:"uploader"`
	UploaderName string          `json:"uploader_name"`
	Thumbnail    string          `json:"thumbnail,omitzero"` // type of its small picture, if it has one
	CreatedAt    time.Time       `json:"created_at"`
	CheckedAt    time.Time       `json:"checked_at,omitzero"`
	SweepAt      time.Time       `json:"sweep_at,omitzero"` // when it is to be forgotten unless it becomes clean
}

// File is an attachment in the ticket's own document: what its history and its limit need.
type File struct {
	ID       AttachmentID `json:"id"`
	Name     string       `json:"name"`
	Internal bool         `json:"internal,omitzero"`
	Clean    bool         `json:"clean,omitzero"`
}

// NewAttachment is what somebody wants to attach.
type NewAttachment struct {
	Name     string
	Type     string
	Size     int64
	SHA256   string
	Comment  CommentID // one's own, "" for none; a file of a note is internal
	Internal bool      // for staff of the ticket only
}

func attachmentKey(id AttachmentID) docdb.Key {
	return docdb.Key{Collection: attachments, ID: string(id)}
}

// Quarantined is where the file arrives.
func (f Attachment) Quarantined() blob.Ref {
	return blob.Ref{Bucket: blob.Quarantine, Name: string(f.ID)}
}

// Kept is where the file lies once it is clean.
func (f Attachment) Kept() blob.Ref { return blob.Ref{Bucket: blob.Clean, Name: string(f.ID)} }

// Small is where its small picture lies.
func (f Attachment) Small() blob.Ref {
	return blob.Ref{Bucket: blob.Clean, Name: string(f.ID) + ".small"}
}

// Head is how the file is presented: to be saved, never shown in place, and as bytes of no
// meaning unless it is a picture or a PDF.
func (f Attachment) Head() blob.Head {
	return blob.Head{Type: presented(f.Type), Disposition: blob.Attachment(f.Name)}
}

// SmallHead is how its small picture is presented.
func (f Attachment) SmallHead() blob.Head {
	return blob.Head{Type: f.Thumbnail, Disposition: blob.Attachment("small-" + f.Name)}
}

var digestPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Attach notes that a file is to come, if it may. UploadLink is where to send it.
func (d *Desk) Attach(ctx context.Context, a Actor, ref string, n NewAttachment, opt Options) (Attachment, error) {
	var out Attachment
	err := d.alter(ctx, a, ref, opt, &out, func(w *work) error {
		f, err := w.attach(d, n)
		if err != nil {
			return err
		}
		out = f
		return first(
			func() error { return w.tx.Put(ticketKey(f.Ticket), w.ticket) }, // no act: nothing has happened yet
			func() error { return w.tx.Create(attachmentKey(f.ID), f) },
		)
	})
	return out, err
}

// attach checks what is to be attached and adds it to the ticket's list.
func (w *work) attach(d *Desk, n NewAttachment) (Attachment, error) {
	t := w.ticket
	f := Attachment{
		ID: AttachmentID(d.NewID()), Ticket: t.ID, Thread: []TicketID{t.ID}, Comment: n.Comment, Type: blob.ParseType(n.Type), Size: n.Size, SHA256: n.SHA256,
		State: FileUploading, Internal: n.Internal, Uploader: w.actor.ID, UploaderName: w.actor.Name, CreatedAt: w.now, SweepAt: w.now.Add(UploadWithin),
	}
	if err := Allow(w.actor, AttachmentAdd, w.before); err != nil {
		return f, err
	}
	if w.before.Status == StatusMerged {
		return f, w.before.moved()
	}
	if err := w.belongs(&f); err != nil {
		return f, err
	}
	var bad error
	f.Name, bad = d.fileTypes().check(n.Name, f.Type)
	if err := fault.Join(bad,
		check(n.Size >= 1 && n.Size <= MaxFileSize, "size", "A file has 1 byte to %d MB.", MaxFileSize>>20),
		check(digestPattern.MatchString(n.SHA256), "sha256", "This takes the SHA-256 of the content in 64 hexadecimal digits, in small letters."),
	); err != nil {
		return f, err
	}
	if t.files(f.Internal) >= MaxFiles {
		return f, fault.New(fault.Conflict, "too_many_files", "A ticket takes %d files. Remove one first.", MaxFiles)
	}
	t.Files = append(t.Files, File{ID: f.ID, Name: f.Name, Internal: f.Internal})
	return f, nil
}

// belongs ties a file to one's own comment, if it says so, and asks for the right to notes
// where it is internal.
func (w *work) belongs(f *Attachment) error {
	if f.Comment != "" {
		c, err := commentOf(w.ctx, w.tx, w.actor, w.before, f.Comment)
		if fault.Is(err, fault.NotFound) || err == nil && (c.Author != w.actor.ID || c.Ticket != f.Ticket) {
			return fault.Bad("comment", "You have no such comment on this ticket.")
		}
		if err != nil {
			return err
		}
		f.Internal = f.Internal || c.Internal
	}
	if f.Internal {
		return Allow(w.actor, NoteWrite, w.before)
	}
	return nil
}

// files counts the ticket's files that are internal, or not: with one limit for both, the
// requester could tell how many notes have files.
func (t *Ticket) files(internal bool) int {
	n := 0
	for _, f := range t.Files {
		if f.Internal == internal {
			n++
		}
	}
	return n
}

// fileNames are the names of clean files for the history; nil for none.
func (t *Ticket) fileNames(internal bool) []string {
	var out []string
	for _, f := range t.Files {
		if f.Clean && f.Internal == internal {
			out = append(out, f.Name)
		}
	}
	return out
}

// UploadLink is where whoever attaches a file sends it; nil when it came already.
func (d *Desk) UploadLink(ctx context.Context, f Attachment) (*blob.Link, error) {
	if f.State != FileUploading {
		return nil, nil
	}
	l, err := d.Files.SignUpload(ctx, f.Quarantined(), blob.Upload{Type: f.Type, Size: f.Size, Lifetime: uploadLifetime})
	return &l, err
}

// UploadLifetime and LinkLifetime are how long links are good for, in seconds.
const (
	UploadLifetime = int(uploadLifetime / time.Second)
	LinkLifetime   = int(linkLifetime / time.Second)
)

// Attachments lists a ticket's files, oldest first: those of notes only for those who may
// read notes, those of merged tickets too.
func (d *Desk) Attachments(ctx context.Context, a Actor, ref string, page Page) ([]Attachment, string, error) {
	t, err := d.Show(ctx, a, ref)
	if err != nil {
		return nil, "", err
	}
	thread := []any{}
	for _, id := range t.thread() {
		thread = append(thread, string(id))
	}
	q := docdb.Query{
		Collection: attachments,
		Where:      []docdb.Where{{Field: "thread", Cmp: docdb.ContainsAny, Value: thread}},
		Order:      []docdb.Order{{Field: "created_at"}},
	}
	if !May(a, NoteRead, &t) {
		q.Where = append(q.Where, docdb.Where{Field: "internal", Cmp: docdb.Equal, Value: false})
	}
	return Find[Attachment](ctx, d.DB, q, page)
}

// Attachment finds a file for an actor: whoever sees its ticket, or the one that this was
// merged into, and may read notes if it is of a note.
func (d *Desk) Attachment(ctx context.Context, a Actor, id AttachmentID) (Attachment, error) {
	f, err := attachment(ctx, d.DB, id)
	if err != nil {
		return f, err
	}
	t, err := load(ctx, d.DB, string(f.Ticket))
	for ; err == nil; t, err = load(ctx, d.DB, string(t.MergedInto.Ticket)) {
		if f.seenBy(a, t) {
			return f, nil
		}
		if t.MergedInto == nil {
			break
		}
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Attachment{}, err
	}
	return Attachment{}, fault.Missing("attachment")
}

func (f Attachment) seenBy(a Actor, t *Ticket) bool {
	need := TicketShow
	if f.Internal {
		need = NoteRead
	}
	return Allow(a, need, t) == nil
}

// attachment reads the file's document; what was removed isn't there.
func attachment(ctx context.Context, r docdb.Reader, id AttachmentID) (Attachment, error) {
	missing := fault.Missing("attachment")
	if !ValidID(string(id)) {
		return Attachment{}, missing
	}
	f, err := docdb.Get[Attachment](ctx, r, attachmentKey(id))
	if fault.Is(err, fault.NotFound) || err == nil && f.State == fileRemoved {
		return Attachment{}, missing
	}
	return f, err
}

// DownloadLink is where an actor gets a file's content, or its small picture, for the next
// minutes.
func (d *Desk) DownloadLink(ctx context.Context, a Actor, id AttachmentID, small bool) (Attachment, blob.Link, error) {
	f, err := d.Attachment(ctx, a, id)
	if err != nil {
		return f, blob.Link{}, err
	}
	if f.State != FileClean {
		return f, blob.Link{}, f.notReady()
	}
	at, head := f.Kept(), f.Head()
	if small {
		if at, head = f.Small(), f.SmallHead(); f.Thumbnail == "" {
			return f, blob.Link{}, fault.Missing("thumbnail")
		}
	}
	l, err := d.Files.SignDownload(ctx, at, blob.Download{Head: head, Lifetime: linkLifetime})
	return f, l, err
}

// notReady says why a file can't be had.
func (f Attachment) notReady() error {
	switch f.State {
	case FileUploading:
		return fault.New(fault.Conflict, "not_uploaded", "This file was not uploaded yet.")
	case FileScanning:
		return fault.New(fault.Conflict, "being_checked", "This file is being checked. Please try again in a moment.")
	}
	return fault.New(fault.Conflict, "rejected", "This file was not taken: %s", f.Reason)
}

// withoutFile is a ticket's list of files without one.
func withoutFile(files []File, id AttachmentID) []File {
	out := slices.DeleteFunc(slices.Clone(files), func(f File) bool { return f.ID == id })
	if len(out) == 0 {
		return nil
	}
	return out
}
