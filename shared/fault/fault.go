// Package fault gives every failure a kind for machines and a sentence for people.
//
// Ideas: a fault carries what the caller may know (kind, code, message, fields)
// apart from what only the log may know (the wrapped cause). Packages classify an
// error once, where they understand it, and wrap it upwards with %w; the edge maps
// the kind to a status in one place. An error without a kind is Internal, and its
// text never leaves the process.
//
// It does not log, does not know HTTP and does not retry.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what went wrong in a way that callers can act on.
type Kind string

// The kinds, and what the caller can do about each.
const (
	Invalid         Kind = "invalid"         // the input is wrong: mend it
	Unauthenticated Kind = "unauthenticated" // no or no valid credentials: sign in
	Forbidden       Kind = "forbidden"       // known, visible, not allowed: ask somebody who may
	NotFound        Kind = "not_found"       // absent, or not for the caller to know of
	Conflict        Kind = "conflict"        // the state does not allow it: look again
	Stale           Kind = "stale"           // the caller's version is not the current one: read, merge, repeat
	Unconditional   Kind = "unconditional"   // a version is required: send If-Match
	KeyReuse        Kind = "key_reuse"       // an idempotency key came back with another request
	TooMany         Kind = "too_many"        // slow down
	Unavailable     Kind = "unavailable"     // a part we need does not answer: repeat later
	Permanent       Kind = "permanent"       // an event that can never be handled: dead letter
	Internal        Kind = "internal"        // our mistake
)

// Field names one wrong input value.
type Field struct {
	Name    string // as the caller wrote it, e.g. "title"
	Message string // what to do about it
}

// Error is a classified failure.
type Error struct {
	Kind    Kind
	Code    string        // stable and machine-readable, e.g. "illegal_transition"
	Message string        // one plain sentence for people
	Fields  []Field       // for Invalid: which values
	Allowed []string      // for Conflict: what would be possible instead
	Retry   time.Duration // for TooMany and Unavailable: when to come back
	cause   error
}

// New returns a fault without a cause.
func New(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap classifies cause. The cause is for the log only.
func Wrap(cause error, kind Kind, code, format string, args ...any) *Error {
	e := New(kind, code, format, args...)
	e.cause = cause
	return e
}

// Bad reports one invalid input value.
func Bad(field, format string, args ...any) *Error {
	e := New(Invalid, "invalid_input", "Some of the values can't be accepted; see errors.")
	e.Fields = []Field{{Name: field, Message: fmt.Sprintf(format, args...)}}
	return e
}

// Missing reports that a thing of the given name isn't there for the caller.
func Missing(thing string) *Error {
	return New(NotFound, "not_found", "There is no such %s, or it isn't yours to see.", thing)
}

// Down reports that a part the product depends on does not answer.
func Down(cause error) *Error {
	e := Wrap(cause, Unavailable, "unavailable", "A part of the system does not answer right now. Nothing was changed; please try again in a few seconds.")
	e.Retry = 2 * time.Second
	return e
}

// Error is the text for the log: code, message and cause.
func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.cause)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// KindOf classifies any error: the kind of the first fault in its chain, Internal
// without one, "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is a fault of the kind.
func Is(err error, kind Kind) bool { return KindOf(err) == kind }

// Join merges the invalid fields of several Bad faults into one, so that a person
// hears of all mistakes at once. Nil errors are passed over; another kind of error
// is returned as it is.
func Join(errs ...error) error {
	var all *Error
	for _, err := range errs {
		if err == nil {
			continue
		}
		var e *Error
		if !errors.As(err, &e) || e.Kind != Invalid {
			return err
		}
		if all == nil {
			copied := *e
			all = &copied
			continue
		}
		all.Fields = append(all.Fields[:len(all.Fields):len(all.Fields)], e.Fields...)
	}
	if all == nil {
		return nil
	}
	return all
}
