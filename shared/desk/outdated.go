package desk

import (
	"fmt"

	"ticketsystem.example/shared/fault"
)

// Outdated is the failure to say something about a ticket that has changed since its
// author looked.
type Outdated struct {
	Acts  []Act // what happened since, oldest first: the latest, at most DefaultLimit
	fault *fault.Error
}

// Error is the text for the log.
func (o *Outdated) Error() string { return fmt.Sprintf("%v (%d acts since)", o.fault, len(o.Acts)) }

// Unwrap classifies the failure: Stale where the author demanded a version, Conflict
// where they mentioned one.
func (o *Outdated) Unwrap() error { return o.fault }

// upToDate refuses a comment on a state that its author hasn't seen, or that isn't the
// version that it must match.
func (w *work) upToDate(n NewComment, match int64) error {
	now := w.before.VersionFor(w.actor)
	seen, failure := n.Seen, fault.New(fault.Conflict, "changed_meanwhile", "Something happened since you looked; see meanwhile. Send it again with force if it still holds.")
	if match != 0 && match != now {
		seen, failure = match, fault.New(fault.Stale, "stale", "Something happened since you looked; see meanwhile. Read it again, then say it again.")
	}
	if seen == 0 || n.Force || seen == now {
		return nil
	}
	if seen < 0 || seen > now {
		return fault.New(fault.Stale, "stale", "You can't have seen that version of this ticket. Read it again, then say it again.")
	}
	since, err := latest(w.ctx, w.tx, w.actor, w.before, int(now-seen))
	if err != nil {
		return err
	}
	return &Outdated{Acts: since, fault: failure}
}
