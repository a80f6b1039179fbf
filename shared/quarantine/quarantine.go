// Package quarantine decides which uploaded files get out of quarantine.
//
// Ideas:
//
//   - A file is judged by what it is, never by what was said of it: its size, its SHA-256
//     and its type by content must be the ones that were announced, and a scanner must
//     find no malware in exactly these bytes. Then that generation of the object, and no
//     other, is copied to the clean bucket.
//   - Nothing is clean by accident. A scanner or a storage that doesn't answer is an error,
//     and an error asks for another delivery; only an answer moves a file on.
//   - Each step may be repeated and may be cut off anywhere: the file's state decides what
//     is left to do, and what isn't clean never stays in the clean bucket.
//   - An image gets a small picture, drawn anew from its pixels, after the scanner saw it
//     and only if it has few enough of them.
//
// What it stores: objects in both buckets; states by way of package desk. A typical use:
//
//	c := quarantine.Checker{Desk: d, Scan: quarantine.Clamd("clamd:3310")}
//	err := c.Arrived(ctx, object, generation)
//
// It does not look into archives; the scanner does.
package quarantine

import (
	"context"
	"errors"

	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
)

// Scanner looks for malware and names what it finds, "" for nothing. An error says that it
// could not look.
type Scanner func(ctx context.Context, content []byte) (found string, err error)

// Checker checks files as they arrive.
type Checker struct {
	Desk *desk.Desk // with its store for files
	Scan Scanner
}

// Arrived takes the news that an object is in quarantine: it checks the file, lets it
// through or rejects it, and empties its place. What nobody asked for is removed.
func (c Checker) Arrived(ctx context.Context, object string, generation int64) error {
	if !blob.ValidName(object) {
		return fault.New(fault.Permanent, "unknown_object", "%q is no name that we give", object)
	}
	id := desk.AttachmentID(object)
	arrived := blob.Ref{Bucket: blob.Quarantine, Name: object, Generation: generation}
	f, err := c.Desk.Received(ctx, id)
	if err == nil && f.State == desk.FileScanning {
		f, err = c.check(ctx, f, arrived)
	}
	switch {
	case fault.Is(err, fault.NotFound), err == nil && f.State != desk.FileClean: // taken away meanwhile, or rejected
		return remove(ctx, c.Desk.Files, desk.Attachment{ID: id})
	case err != nil:
		return err
	}
	return c.Desk.Files.Delete(ctx, arrived)
}

// remove takes away whatever there is of a file.
func remove(ctx context.Context, store blob.Store, f desk.Attachment) error {
	return errors.Join(store.Delete(ctx, f.Quarantined()), store.Delete(ctx, f.Kept()), store.Delete(ctx, f.Small()))
}

// check judges a file, and lets it through or rejects it.
func (c Checker) check(ctx context.Context, f desk.Attachment, arrived blob.Ref) (desk.Attachment, error) {
	object, err := c.Desk.Files.Stat(ctx, arrived)
	if fault.Is(err, fault.NotFound) {
		return c.Desk.Reject(ctx, f.ID, "It did not arrive. Please attach it again.")
	}
	if err != nil {
		return f, err
	}
	if object.Size != f.Size {
		return c.Desk.Reject(ctx, f.ID, "It has another size than was announced.")
	}
	content, err := c.Desk.Files.Get(ctx, object.Ref, f.Size)
	if err != nil {
		return f, moved(err)
	}
	if reason := Mismatch(f, content); reason != "" {
		return c.Desk.Reject(ctx, f.ID, reason)
	}
	found, err := c.Scan(ctx, content)
	if err != nil {
		return f, err
	}
	if found != "" {
		return c.Desk.Reject(ctx, f.ID, "It holds malware ("+found+").")
	}
	return c.release(ctx, f, object.Ref, content)
}

// moved is the failure of an object that was there a moment ago: another delivery was
// faster, and the next one finds out what came of it.
func moved(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.Down(err)
	}
	return err
}

// release copies a good file to where people get it, and says so last.
func (c Checker) release(ctx context.Context, f desk.Attachment, from blob.Ref, content []byte) (desk.Attachment, error) {
	var small []byte
	if small, f.Thumbnail = Thumbnail(f.Type, content); f.Thumbnail != "" {
		if _, err := c.Desk.Files.Put(ctx, f.Small(), f.SmallHead(), small); err != nil {
			return f, err
		}
	}
	if _, err := c.Desk.Files.Copy(ctx, from, f.Kept(), f.Head()); err != nil {
		return f, moved(err)
	}
	return c.Desk.Clear(ctx, f.ID, f.Thumbnail)
}

// Sweep removes the objects and the last traces of files that nobody waits for. What
// fails is tried again the next time.
func Sweep(ctx context.Context, d *desk.Desk) (swept int, err error) {
	for {
		due, more, failed := d.Sweepable(ctx)
		if failed != nil {
			return swept, errors.Join(err, failed)
		}
		for _, f := range due {
			failed := remove(ctx, d.Files, f)
			if failed == nil {
				failed = d.Forget(ctx, f.ID)
			}
			if failed == nil {
				swept++
			}
			err = errors.Join(err, failed)
		}
		if !more || err != nil || ctx.Err() != nil {
			return swept, err
		}
	}
}
