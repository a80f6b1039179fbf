package desk

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ticketsystem.example/shared/fault"
)

// Identifiers are types, so that one can't be passed for another.
type (
	TicketID     string // opaque, never reused
	PersonID     string // the uid in Firebase Auth
	DepartmentID string // a slug, e.g. "network"
	CommentID    string // ticket id, "-", sequence of the act that added it
)

// Limits of what people may write, in characters.
const (
	MinTitle       = 3
	MaxTitle       = 200
	MaxDescription = 20_000
	MaxComment     = 20_000
	MaxReason      = 2_000
	MaxTags        = 10
	MaxTag         = 40
	MaxWatchers    = 50
)

// numberPattern is the form of a ticket number.
var numberPattern = regexp.MustCompile(`^TKT-\d{6}-\d{4,}$`)

// opaquePattern is the form of ids in paths and filters.
var opaquePattern = regexp.MustCompile(`^[A-Za-z0-9_.:@-]{1,128}$`)

// IsNumber reports whether ref is a ticket number rather than an id.
func IsNumber(ref string) bool { return numberPattern.MatchString(ref) }

// ValidID reports whether s can be an id at all.
func ValidID(s string) bool { return opaquePattern.MatchString(s) && s != "." && s != ".." }

// newID returns 100 random bits as 20 lower-case letters and digits.
func newID() string { return strings.ToLower(rand.Text()[:20]) }

// formatNumber is the n-th number of at's month.
func formatNumber(at time.Time, n int64) string {
	return fmt.Sprintf("TKT-%s-%04d", at.Format("200601"), n)
}

// Text checks and tidies what a person wrote: surrounding space goes, length is in
// characters, and what can't be shown (NUL and other control characters, broken
// UTF-8) is refused by name of the field. A single line also takes no line breaks.
func Text(field, s string, least, most int, lines bool) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if !utf8.ValidString(s) {
		return "", fault.Bad(field, "This is not valid UTF-8 text.")
	}
	for _, r := range s {
		if unicode.IsControl(r) && !(lines && (r == '\n' || r == '\t')) || r == utf8.RuneError {
			return "", fault.Bad(field, "This holds a character that can't be shown (%U); please remove it.", r)
		}
	}
	switch n := utf8.RuneCountInString(s); {
	case n < least && least == 1:
		return "", fault.Bad(field, "Please fill this in.")
	case n < least:
		return "", fault.Bad(field, "Please write at least %d characters.", least)
	case n > most:
		return "", fault.Bad(field, "Please write at most %d characters; this has %d.", most, n)
	}
	return s, nil
}

// tidyTags lower-cases, trims, sorts out repeats and checks tags.
func tidyTags(tags []string) ([]string, error) {
	out := []string{}
	for _, t := range tags {
		t, err := Text("tags", strings.ToLower(t), 1, MaxTag, false)
		if err != nil {
			return nil, err
		}
		if !contains(out, t) {
			out = append(out, t)
		}
	}
	if len(out) > MaxTags {
		return nil, fault.Bad("tags", "A ticket takes at most %d tags.", MaxTags)
	}
	return out, nil
}

func contains[T comparable](list []T, x T) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}
