// Package blob keeps files that are too large for documents: what people attach.
//
// Ideas:
//
//   - What people upload lands in Quarantine and is nobody's to read; what was checked is
//     copied to Clean. Mails as they came lie in Mail, for our own functions only. A file
//     never changes: each name is written once, and a copy is of the very generation that
//     was looked at.
//   - Bytes don't pass through our functions. A Link lets its holder do one thing for a
//     short time, by a signature over method, name, headers and query; the size and type
//     of an upload, and how a download is presented, are part of what is signed.
//   - Store is what a storage has to offer. Memory is the strict twin: it checks what
//     Cloud Storage checks, signatures and expiry included. Package blobtest is what both
//     must do.
//
// A typical use:
//
//	link, err := store.SignUpload(ctx, blob.Ref{Bucket: blob.Quarantine, Name: id}, blob.Upload{Type: "image/png", Size: 1234, Lifetime: time.Minute})
//
// Errors: what isn't there is fault.NotFound; a store that can't be reached is
// fault.Unavailable, after a few seconds in which it tried again by itself.
//
// It does not list, append, version or judge who may read what.
package blob

import (
	"context"
	"mime"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Bucket is one of the places for objects.
type Bucket string

// The buckets.
const (
	Quarantine Bucket = "quarantine" // uploads, not to be read by anyone until they are checked
	Clean      Bucket = "clean"      // what was checked
	Mail       Bucket = "mail"       // mails as they came; no link is ever given out
)

// Ref names an object.
type Ref struct {
	Bucket Bucket
	Name   string
	// Generation is which of the objects that had the name one after another; 0 is the
	// one that has it now.
	Generation int64
}

// Object is what is known of a stored object.
type Object struct {
	Ref
	Size        int64
	Type        string
	Disposition string
}

// Head is how an object presents itself to whoever downloads it.
type Head struct {
	Type        string // of its content, e.g. "image/png"
	Disposition string // see Attachment; "" for none
}

// Upload is what a link for an upload is good for: one object that isn't there yet, of
// exactly this type and size.
type Upload struct {
	Type     string
	Size     int64
	Lifetime time.Duration
}

// Download is what a link for a download is good for: one object, presented like this.
type Download struct {
	Head
	Lifetime time.Duration
}

// Link is a request that its holder may make without any other right.
type Link struct {
	Method string
	URL    string
	Header map[string]string // to be sent as they are
}

// Store is what an object storage has to offer.
type Store interface {
	// Put writes an object, in place of the one of that name.
	Put(ctx context.Context, to Ref, head Head, content []byte) (Object, error)
	// Get reads an object of at most so many bytes; a larger one is fault.Invalid.
	Get(ctx context.Context, from Ref, most int64) ([]byte, error)
	// Stat tells what is known of an object.
	Stat(ctx context.Context, of Ref) (Object, error)
	// Copy writes an object's content under another name, with a head of its own.
	Copy(ctx context.Context, from, to Ref, head Head) (Object, error)
	// Delete removes an object. One that isn't there, or has another generation than
	// the one named, is left as it is and no error.
	Delete(ctx context.Context, ref Ref) error
	// SignUpload makes a link that creates the object.
	SignUpload(ctx context.Context, to Ref, u Upload) (Link, error)
	// SignDownload makes a link that reads the object.
	SignDownload(ctx context.Context, from Ref, d Download) (Link, error)
}

// Longest is the longest life of a link.
const Longest = time.Hour

var names = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$`)

// ValidName reports whether s can be an object's name: what needs no escaping anywhere.
func ValidName(s string) bool { return names.MatchString(s) }

// Attachment is the disposition of a file to be saved under a name and never to be shown
// in place (RFC 6266). The name also goes in plain ASCII, for programs that know no other.
func Attachment(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || strings.ContainsRune(`"\/%;`, r) || !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, name)
	out := `attachment; filename="` + plain + `"`
	if plain == name {
		return out
	}
	return out + "; filename*=UTF-8''" + extended(name)
}

// extended is a text as RFC 8187 writes it.
func extended(s string) string {
	const unreserved = "!#$&+-.^_`|~"
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte(unreserved, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		const hex = "0123456789ABCDEF"
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

// ParseType is a media type in lower case without parameters, "" for what is none.
func ParseType(s string) string {
	t, _, err := mime.ParseMediaType(s)
	if err != nil || !strings.Contains(t, "/") {
		return ""
	}
	return t
}
