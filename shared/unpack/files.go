package unpack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"

	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/inbound"
)

// takable parts files into those that may be attached and the others. Mail programs often
// give no proper type; then the ending says what to announce, and quarantine whether that
// is true.
func (h *handling) takable(files []file) (good, bad []file) {
	for _, f := range files {
		if h.Desk.TakesFile(f.name, f.kind, len(f.content)) != nil {
			f.kind = h.Desk.TypeOf(path.Ext(f.name))
		}
		if len(good) == desk.MaxFiles || h.Desk.TakesFile(f.name, f.kind, len(f.content)) != nil {
			bad = append(bad, f)
			h.mail.NotTaken = append(h.mail.NotTaken, f.name)
			continue
		}
		good = append(good, f)
	}
	return good, bad
}

// attach sends the mail's files into quarantine, where they are checked like any upload,
// and with them the whole mail for staff if something of it is missing. A file that the
// ticket doesn't take is named in the record.
func (h *handling) attach(a desk.Actor) error {
	for i, f := range h.letter.files {
		if err := h.send(a, fmt.Sprint("file ", i), f, false); err != nil {
			return err
		}
	}
	if whole := (file{"mail-" + h.mail.ID[:8] + ".eml", "message/rfc822", h.letter.raw}); h.original && h.Desk.TakesFile(whole.name, whole.kind, len(whole.content)) == nil {
		return h.send(h.robot, "original", whole, true)
	}
	return nil
}

// send announces one file as its attachment and puts it where uploads arrive.
func (h *handling) send(a desk.Actor, what string, f file, internal bool) error {
	sum := sha256.Sum256(f.content)
	n := desk.NewAttachment{Name: f.name, Type: f.kind, Size: int64(len(f.content)), SHA256: hex.EncodeToString(sum[:]), Internal: internal}
	if h.mail.Outcome == inbound.Reply && !internal {
		n.Comment = h.mail.Comment
	}
	key := &desk.Request{ID: "mail-" + digest(what, h.mail.ID), Fingerprint: h.mail.ID, Keep: keepIDs}
	made, err := h.Desk.Attach(h.ctx, a, string(h.mail.Ticket), n, desk.Options{Request: key})
	switch fault.KindOf(err) {
	case "":
		_, err = h.Desk.Files.Put(h.ctx, made.Quarantined(), blob.Head{Type: made.Type}, f.content)
		return err
	case fault.Invalid, fault.Conflict, fault.NotFound, fault.Forbidden: // full, merged or gone meanwhile
		h.mail.NotTaken = append(h.mail.NotTaken, f.name)
		return nil
	}
	return err
}
