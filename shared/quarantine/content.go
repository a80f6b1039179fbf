package quarantine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/gabriel-vasile/mimetype"

	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/desk"
)

// sniffed is how much of a file is looked at for its type, in bytes: what an office
// document is stands some way in.
const sniffed = 1 << 20

// Mismatch says in plain words what a file's content and what was announced of it differ
// in, "" if they agree.
func Mismatch(f desk.Attachment, content []byte) string {
	sum := sha256.Sum256(content)
	switch {
	case int64(len(content)) != f.Size:
		return "It has another size than was announced."
	case hex.EncodeToString(sum[:]) != f.SHA256:
		return "It is not the file that was announced: its SHA-256 differs."
	}
	mimetype.SetLimit(sniffed)
	found := mimetype.Detect(content)
	if !is(found, f.Type) {
		return fmt.Sprintf("It is not what its name says: it looks like %s.", blob.ParseType(found.String()))
	}
	return ""
}

// inert are texts that a program which shows plain text shows as they are. None of them is
// markup or a script.
var inert = []string{"text/plain", "text/csv", "text/tab-separated-values", "application/json", "application/x-ndjson", "application/geo+json",
	"text/vtt", "application/x-subrip", "message/rfc822", "text/calendar", "text/vcard"}

// is reports whether content of a type may be announced as another: the same, or one text
// as another.
func is(found *mimetype.MIME, announced string) bool {
	if found.Is(announced) {
		return true
	}
	return slices.Contains(inert, announced) && slices.ContainsFunc(inert, found.Is)
}
