package unpack

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/inbound"
)

// maxHops is how many servers a mail passes at most before it is one that goes round in
// circles; RFC 5321 speaks of a hundred.
const maxHops = 60

// machine says whether a machine wrote a mail, which sort of mail that is, and why; "" for
// one that a person wrote.
func (b Box) machine(l letter) (inbound.Outcome, string) {
	if _, ours := b.Threads.Ticket(l.id); ours && l.id != "" {
		return inbound.Loop, "It is a mail of our own that came back."
	}
	if slices.ContainsFunc(b.tokens(l.from.Address), func(string) bool { return true }) {
		return inbound.Loop, "It claims to come from one of our own addresses."
	}
	if n := len(l.head("Received")); n > maxHops {
		return inbound.Loop, fmt.Sprintf("It went through %d servers: it goes round in circles.", n)
	}
	if why := bounced(l); why != "" {
		return inbound.Bounce, why
	}
	if why := automatic(l); why != "" && !b.wanted(l.from.Address) {
		return inbound.Automatic, why
	}
	return "", ""
}

// bounced says why a mail is a report that another one was not delivered, "" if it isn't.
func bounced(l letter) string {
	kind := strings.ToLower(first(l.head("Content-Type")))
	if blob.ParseType(kind) == "multipart/report" && strings.Contains(kind, "delivery-status") {
		return "It is a delivery report."
	}
	if len(l.head("X-Failed-Recipients")) > 0 {
		return "It names recipients that failed."
	}
	name, _, _ := strings.Cut(l.from.Address, "@")
	if strings.TrimSpace(first(l.head("Return-Path"))) == "<>" && (name == "mailer-daemon" || name == "postmaster") {
		return "A mail server sent it, with no address to return it to."
	}
	return ""
}

// said are headers by which machines say that they are machines, with the words that mean
// so; none for any value. X-Auto-Response-Suppress alone also stands in what people write,
// so only its words for “this is an answer of mine” count.
var said = []struct {
	header string
	words  []string
	not    string
}{
	{header: "Auto-Submitted", not: "no"},
	{header: "X-Autoreply", not: "no"},
	{header: "X-Autorespond"},
	{header: "X-Autoresponse"},
	{header: "X-Mail-Autoreply"},
	{header: "X-Auto-Response-Suppress", words: []string{"all", "autoreply"}},
	{header: "Precedence", words: []string{"auto_reply", "bulk", "junk", "list"}},
	{header: "X-Precedence", words: []string{"auto_reply", "bulk", "junk", "list"}},
	{header: "List-Id"},
	{header: "Feedback-ID"},
}

// automatic says by which header a machine tells that it wrote a mail.
func automatic(l letter) string {
	for _, s := range said {
		for _, v := range l.head(s.header) {
			v = strings.ToLower(strings.TrimSpace(v))
			words := strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
			hit := len(s.words) == 0 || slices.ContainsFunc(words, func(w string) bool { return slices.Contains(s.words, w) })
			if v != "" && hit && (s.not == "" || first(words) != s.not) {
				return fmt.Sprintf("A machine wrote it: it says %s: %s.", s.header, line(v[:min(len(v), 60)]))
			}
		}
	}
	return ""
}

// wanted reports whether the automatic mails of an address are tickets.
func (b Box) wanted(from string) bool {
	return slices.ContainsFunc(b.Policy.Machines, func(m string) bool {
		m = strings.ToLower(m)
		return m == from || strings.HasPrefix(m, "@") && strings.HasSuffix(from, m)
	})
}

// tokens are the tickets that ids and addresses of ours name.
func (b Box) tokens(list ...string) []string {
	var out []string
	for _, s := range list {
		if t, ok := b.Threads.Ticket(s); ok {
			out = append(out, t)
		}
	}
	return out
}

// failed are the addresses that a delivery report gives up on.
func failed(l letter) []string {
	var out []string
	for _, block := range strings.Split(strings.ReplaceAll(string(l.raw[:min(len(l.raw), 1<<20)]), "\r\n", "\n"), "\n\n") {
		if m := finalRecipient.FindStringSubmatch(block); m != nil && gaveUp.MatchString(block) && len(out) < 10 {
			out = append(out, line(m[1]))
		}
	}
	return out
}

var (
	finalRecipient = regexp.MustCompile(`(?im)^final-recipient:\s*rfc822;\s*([^\s]{3,254})\s*$`)
	gaveUp         = regexp.MustCompile(`(?im)^action:\s*failed\s*$`)
	ourForm        = regexp.MustCompile(`[A-Za-z0-9+.-]{10,64}@[A-Za-z0-9.-]{1,253}`)
)

// about is the ticket that a delivery report is about: ours is named somewhere in what it
// returns.
func (b Box) about(l letter) string {
	candidates := ourForm.FindAllString(string(l.raw[:min(len(l.raw), 1<<20)]), 500)
	return first(b.tokens(append(slices.Concat(l.answers, l.to), candidates...)...))
}

// trust is how far the sender's address is believed.
type trust int

const (
	forged   trust = iota // the receiving server found that it isn't theirs
	claimed               // nobody has looked, or nothing could be said
	verified              // the receiving server found that it is
)

// trusted judges the sender's address by what our own receiving server wrote on top of the
// mail. Whatever stands further down, or says another server's name, anybody may have
// written.
func (p Policy) trusted(l letter) trust {
	results := l.head("Authentication-Results")
	if p.Checker == "" || len(results) == 0 || !l.alone {
		return claimed
	}
	parts := strings.Split(comments.ReplaceAllString(strings.ToLower(results[0]), " "), ";")
	if fields := strings.Fields(parts[0]); len(fields) == 0 || fields[0] != strings.ToLower(p.Checker) {
		return claimed
	}
	_, domain, _ := strings.Cut(l.from.Address, "@")
	best := claimed
	for _, part := range parts[1:] {
		fields := strings.Fields(part)
		if len(fields) == 0 {
			continue
		}
		switch method := fields[0]; {
		case method == "dmarc=fail":
			return forged
		case method == "dmarc=pass" && aligned(fields, domain, "header.from"),
			method == "dkim=pass" && aligned(fields, domain, "header.d", "header.i"),
			method == "spf=pass" && aligned(fields, domain, "smtp.mailfrom"):
			best = verified
		}
	}
	return best
}

// comments and quoted texts of a header, where a sender can put words of theirs.
var comments = regexp.MustCompile(`\([^()]*\)|"[^"]*"`)

// aligned reports whether one of the properties names the very domain. Parent domains are
// not enough: without a list of public suffixes co.uk would be one.
func aligned(fields []string, domain string, names ...string) bool {
	for _, f := range fields {
		name, value, _ := strings.Cut(f, "=")
		if a, err := mail.ParseAddress(value); err == nil {
			value = a.Address
		}
		if slices.Contains(names, name) && value[strings.LastIndex(value, "@")+1:] == domain && domain != "" {
			return true
		}
	}
	return false
}
