package desk

import (
	"context"
	"slices"
	"time"

	"ticketsystem.example/shared/docdb"
	"ticketsystem.example/shared/fault"
)

// Received notes that a file has arrived and is being checked, and returns it as it is
// now; another state than scanning means that there is nothing to check any more. What
// nobody waits for is NotFound.
func (d *Desk) Received(ctx context.Context, id AttachmentID) (Attachment, error) {
	return d.progress(ctx, id, func(_ *docdb.Tx, f *Attachment) error {
		if f.State == FileUploading {
			f.State, f.SweepAt = FileScanning, d.moment().Add(CheckWithin)
		}
		return nil
	})
}

// progress changes a file's document, if do does.
func (d *Desk) progress(ctx context.Context, id AttachmentID, do func(*docdb.Tx, *Attachment) error) (Attachment, error) {
	var out Attachment
	err := d.DB.Run(ctx, func(tx *docdb.Tx) error {
		f, err := attachment(ctx, tx, id)
		if err != nil {
			return err
		}
		before := f.State
		if err := do(tx, &f); err != nil {
			return err
		}
		if out = f; f.State == before {
			return nil
		}
		return tx.Put(attachmentKey(id), f)
	})
	return out, err
}

// Clear makes a file that was checked a part of its ticket, as an act of whoever attached
// it. If the ticket doesn't take it any more, it is rejected instead; the file that is
// returned says which.
func (d *Desk) Clear(ctx context.Context, id AttachmentID, thumbnail string) (Attachment, error) {
	return d.progress(ctx, id, func(tx *docdb.Tx, f *Attachment) error {
		if f.State != FileScanning {
			return nil
		}
		w, err := d.begin(ctx, tx, Robot("scan", "", 0), string(f.Ticket), Options{})
		switch {
		case fault.Is(err, fault.NotFound):
			f.reject(d, "Its ticket is not there any more.")
			return nil
		case err != nil:
			return err
		case w.before.Status == StatusMerged:
			f.reject(d, "Its ticket was merged into another meanwhile. Please attach it there.")
			return w.drop(f.ID)
		}
		f.State, f.Thumbnail, f.CheckedAt, f.SweepAt = FileClean, thumbnail, w.now, time.Time{}
		w.actor = Actor{ID: f.Uploader, Name: f.UploaderName}
		w.kind, w.internal = TicketAttached, f.Internal
		i := slices.IndexFunc(w.ticket.Files, func(x File) bool { return x.ID == f.ID })
		if i < 0 {
			w.ticket.Files = append(w.ticket.Files, File{ID: f.ID, Name: f.Name, Internal: f.Internal})
			i = len(w.ticket.Files) - 1
		}
		w.ticket.Files[i].Clean = true
		return w.save()
	})
}

// Reject says of a file that was checked why it is not taken.
func (d *Desk) Reject(ctx context.Context, id AttachmentID, reason string) (Attachment, error) {
	return d.progress(ctx, id, func(tx *docdb.Tx, f *Attachment) error {
		if f.State != FileScanning {
			return nil
		}
		f.reject(d, reason)
		return d.dropFrom(ctx, tx, f)
	})
}

func (f *Attachment) reject(d *Desk, reason string) {
	now := d.moment()
	f.State, f.Reason, f.CheckedAt, f.SweepAt = FileRejected, reason, now, now.Add(RejectedFor)
}

// drop takes a file that isn't clean off the ticket's list: no act, since it never was a
// part of it.
func (w *work) drop(id AttachmentID) error {
	w.ticket.Files = withoutFile(w.ticket.Files, id)
	return w.tx.Put(ticketKey(w.ticket.ID), w.ticket)
}

// dropFrom is drop for a ticket that may be deleted.
func (d *Desk) dropFrom(ctx context.Context, tx *docdb.Tx, f *Attachment) error {
	t, err := load(ctx, tx, string(f.Ticket))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return (&work{tx: tx, ticket: t}).drop(f.ID)
}

// Detach takes a file away: whoever attached it until it is clean and for RemoveWindow
// after that, an admin always. Links to it that were given out end within minutes.
func (d *Desk) Detach(ctx context.Context, a Actor, id AttachmentID, opt Options) error {
	seen, err := d.Attachment(ctx, a, id)
	if err != nil {
		return err
	}
	_, err = d.progress(ctx, id, func(tx *docdb.Tx, f *Attachment) error {
		t, err := load(ctx, tx, string(seen.Ticket))
		if err != nil {
			return err
		}
		if err := d.mayDetach(a, f, t); err != nil {
			return err
		}
		clean := f.State == FileClean
		f.remove(d)
		if !clean {
			return (&work{tx: tx, ticket: t}).drop(f.ID)
		}
		org, err := d.Organisation(ctx)
		if err != nil {
			return err
		}
		w := &work{ctx: ctx, tx: tx, org: org, actor: a, opt: opt, now: d.moment(), before: t, ticket: t.clone(), kind: TicketDetached, internal: f.Internal}
		w.ticket.Files = withoutFile(t.Files, f.ID)
		return w.save()
	})
	return err
}

// mayDetach asks for the right, and for the window of those who have it as uploaders.
func (d *Desk) mayDetach(a Actor, f *Attachment, t *Ticket) error {
	have := relations(a, t)
	if f.Uploader == a.ID {
		have = append(have, Author)
	}
	if !may(a, AttachmentRemove, have) {
		return fault.New(fault.Forbidden, "not_allowed", "Only whoever attached a file, or an administrator, can remove it.")
	}
	if a.Role != RoleAdmin && f.State == FileClean && d.moment().Sub(f.CheckedAt) > RemoveWindow {
		return fault.New(fault.Conflict, "remove_window", "A file can be removed for %d minutes. Ask an administrator.", int(RemoveWindow.Minutes()))
	}
	return nil
}

// remove hides the file at once, and leaves its objects to be swept up.
func (f *Attachment) remove(d *Desk) {
	f.State, f.Thread, f.SweepAt = fileRemoved, []TicketID{}, d.moment()
}

// sweepPage is how many files are looked up at once.
const sweepPage = 100

// Sweepable are files to be forgotten, longest overdue first, at most a page of them:
// uploads that never came, what was rejected a while ago, and what was removed. Each is
// hidden from people when it is returned. What could not be checked for a day is rejected
// on the way, so that nobody waits for it.
func (d *Desk) Sweepable(ctx context.Context) (due []Attachment, more bool, err error) {
	found, err := docdb.Find[Attachment](ctx, d.DB, docdb.Query{
		Collection: attachments,
		Where:      []docdb.Where{{Field: "sweep_at", Cmp: docdb.LessEqual, Value: docdb.Stamp(d.moment())}},
		Order:      []docdb.Order{{Field: "sweep_at"}},
		Limit:      sweepPage,
	})
	if err != nil {
		return nil, false, err
	}
	for _, f := range found {
		f, err := d.expire(ctx, f)
		if err != nil {
			return nil, false, err
		}
		if f.State == fileRemoved {
			due = append(due, f)
		}
	}
	return due, len(found) == sweepPage, nil
}

// expire hides a file whose time is up, unless it became clean in the meantime.
func (d *Desk) expire(ctx context.Context, f Attachment) (Attachment, error) {
	if f.State == fileRemoved {
		return f, nil
	}
	f, err := d.progress(ctx, f.ID, func(tx *docdb.Tx, f *Attachment) error {
		if f.State == FileClean || f.SweepAt.After(d.moment()) {
			return nil
		}
		if f.State == FileScanning {
			f.reject(d, "It could not be checked. Please attach it again.")
		} else {
			f.remove(d)
		}
		return d.dropFrom(ctx, tx, f)
	})
	if fault.Is(err, fault.NotFound) { // somebody else was faster
		return Attachment{}, nil
	}
	return f, err
}

// Forget removes the last trace of a file whose objects are gone.
func (d *Desk) Forget(ctx context.Context, id AttachmentID) error {
	return d.DB.Run(ctx, func(tx *docdb.Tx) error { return tx.Delete(attachmentKey(id)) })
}
