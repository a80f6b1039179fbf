// Package mail is what e-mail that goes out and e-mail that comes in must agree on: which
// ticket a message belongs to.
//
// Ideas: an address to reply to, and the id of each message, name the ticket and carry a
// keyed checksum (HMAC-SHA-256) of it, so that a reply finds its ticket without a lookup
// and nobody can make up an address for a ticket they were never written to about. Keys
// rotate: the first makes tokens, all of them are good to check. Mail systems change the
// case of addresses, so tokens are of lower-case letters and digits and are compared so.
//
// A token says where a message belongs, never who wrote it or what that person may do:
// it can be forwarded. Whoever takes mail in judges its sender like any other actor.
//
// It stores nothing, sends nothing and parses no messages.
package mail

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"regexp"
	"strings"
)

// Threads makes and checks what ties a message to its ticket.
type Threads struct {
	domain string
	keys   [][]byte
}

// minKey is how long a key is at least, in bytes.
const minKey = 16

// NewThreads is for messages from addresses at domain. The first key makes tokens, all of
// them check.
func NewThreads(domain string, keys ...string) (Threads, error) {
	t := Threads{domain: strings.ToLower(domain)}
	if !domainPattern.MatchString(t.domain) {
		return Threads{}, errors.New("mail: the domain for replies is none")
	}
	for _, k := range keys {
		if len(k) < minKey {
			return Threads{}, errors.New("mail: a key is shorter than 16 bytes")
		}
		t.keys = append(t.keys, []byte(k))
	}
	if len(t.keys) == 0 {
		return Threads{}, errors.New("mail: there is no key to sign with")
	}
	return t, nil
}

// The forms of what is signed. A local part has at most 64 characters.
var (
	ticketPattern = regexp.MustCompile(`^[a-z0-9]{1,36}$`)
	domainPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)
)

// replyTo begins the local part of an address for replies.
const replyTo = "reply+"

// ReplyTo is the address to which a reply about the ticket goes.
func (t Threads) ReplyTo(ticket string) string { return replyTo + t.token(ticket) + "@" + t.domain }

// MessageID is the id of the message that a key stands for, without the angle brackets.
// The same key gives the same id, so that whoever gets a message twice can tell.
func (t Threads) MessageID(ticket, key string) string {
	sum := sha256.Sum256([]byte(key))
	return letters.EncodeToString(sum[:15]) + "." + t.token(ticket) + "@" + t.domain
}

// Root is the id that all messages about a ticket answer to, without the angle brackets.
// No message has it; mail programs show those that name it together.
func (t Threads) Root(ticket string) string { return "ticket." + t.token(ticket) + "@" + t.domain }

// Alone is the id of a message that belongs to no ticket, without the angle brackets.
func (t Threads) Alone(key string) string {
	sum := sha256.Sum256([]byte(key))
	return letters.EncodeToString(sum[:15]) + "@" + t.domain
}

// Ticket is the ticket that an address or the id of a message names, whichever of ours it
// is. It takes them with and without angle brackets.
func (t Threads) Ticket(s string) (ticket string, ok bool) {
	s = strings.ToLower(strings.Trim(strings.TrimSpace(s), "<>"))
	local, domain, found := strings.Cut(s, "@")
	if !found || domain != t.domain {
		return "", false
	}
	ticket, sum, found := strings.Cut(local[strings.LastIndexAny(local, "+.")+1:], "-")
	if !found || !ticketPattern.MatchString(ticket) {
		return "", false
	}
	for _, key := range t.keys {
		if hmac.Equal([]byte(sum), []byte(checksum(key, ticket))) {
			return ticket, true
		}
	}
	return "", false
}

// token is the ticket with its checksum.
func (t Threads) token(ticket string) string { return ticket + "-" + checksum(t.keys[0], ticket) }

// checksum is 80 bits: nobody tries so many addresses.
func checksum(key []byte, ticket string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("ticket " + ticket))
	return letters.EncodeToString(mac.Sum(nil)[:10])
}

// letters encodes bytes as lower-case letters and digits.
var letters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
