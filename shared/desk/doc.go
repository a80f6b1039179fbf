// Package desk is the help desk: its nouns, its rules and its use cases. It knows no
// cloud, no HTTP and no clock.
//
// # The model on one page
//
// An Organisation is a tree of departments with categories. A Person has a Role and
// departments; acting, the person is an Actor. A Ticket is opened by a requester,
// lies in a department, and is worked on by an assignee. People answer with replies
// that the requester sees, and with notes that only staff see; the two live in
// separate collections.
//
// Whatever happens to a ticket is an Act: who, when, and what each field was before
// and after. The act is computed from the two states, so that it can't lie. In one
// transaction the ticket, the act and the event (the fact, in the outbox) are
// written; everything else — routing, notifications, numbers — follows from the
// event. One act is one history entry is one event.
//
// # Who may do what
//
// policy.go is one table: action by role by relation to the ticket. What a person may
// see is data: each ticket carries its audience (principals such as "person:uma",
// "dept:it"), and a person sees exactly the tickets whose audience holds one of
// their principals. Lists ask the database for that, single tickets are checked
// against the same field, so the two can't disagree. Who may not see a ticket is
// told that there is none.
//
// # How a change goes
//
//	Desk.Update(ctx, actor, ref, patch, options)
//	  -> one transaction: read the ticket
//	  -> seen by the actor? expected version? allowed by the policy?
//	  -> Patch.apply, pure: lifecycle table, derived fields
//	  -> ticket + act + event (+ the agents' open counts) written together
//
// A file is asked for, arrives elsewhere, is checked, and only then becomes an act on
// its ticket; nobody gets it before. attachment.go is what people do with files,
// checked.go what becomes of them.
//
// What concerns two tickets (links, merges, splits) is one transaction on both, with
// an act and an event on each.
//
// # What it stores
//
// tickets, replies, notes, what these said before they were corrected, drafts, acts,
// attachments, people, agents (how much each has to do),
// organisation (one document: a tree is changed whole or not at all), search (what of a
// ticket can be found), counters
// (leased number blocks), requests (idempotency keys). store.go declares the
// collections and every index.
//
// # What it does not do
//
// Notifications, routing decisions and analytics are packages of their own that read
// the facts. Nothing here talks to the network but through docdb.
package desk
