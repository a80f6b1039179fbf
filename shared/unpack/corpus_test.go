package unpack_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/inbound"
)

// sample is a mail of the corpus, with what is to become of it. testdata/mail/README.md
// says how it is written.
type sample struct {
	name, raw, want, by, title string
	says, lacks, files         []string
}

var (
	unseen = regexp.MustCompile(`\\x([0-9a-f]{2})`)
	copies = regexp.MustCompile(`\$\{(\d+) ([^}]*)\}`)
)

// corpus reads all mails, with the given values for their variables.
func corpus(t *testing.T, values *strings.Replacer) []sample {
	t.Helper()
	names, err := filepath.Glob("../../testdata/mail/*.txt")
	if err != nil || len(names) < 60 {
		t.Fatalf("%d mails, %v", len(names), err)
	}
	var all []sample
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		head, raw, _ := strings.Cut(string(data), "\n---\n")
		s := sample{name: strings.TrimSuffix(filepath.Base(name), ".txt")}
		ends := "\r\n"
		for line := range strings.SplitSeq(head, "\n") {
			word, rest, _ := strings.Cut(line, " ")
			switch word {
			case "want":
				s.want = rest
			case "by":
				s.by = rest
			case "title":
				s.title = rest
			case "says":
				s.says = append(s.says, rest)
			case "lacks":
				s.lacks = append(s.lacks, rest)
			case "file":
				s.files = append(s.files, rest)
			case "ends":
				ends = "\n"
			}
		}
		raw = copies.ReplaceAllStringFunc(values.Replace(raw), func(c string) string {
			m := copies.FindStringSubmatch(c)
			n, _ := strconv.Atoi(m[1])
			return strings.Repeat(strings.ReplaceAll(m[2], "|", "\n"), n)
		})
		raw = unseen.ReplaceAllStringFunc(strings.ReplaceAll(raw, "\n", ends), func(x string) string {
			n, _ := strconv.ParseUint(x[2:], 16, 8)
			return string([]byte{byte(n)})
		})
		s.raw = raw
		all = append(all, s)
	}
	return all
}

// given is an office with two tickets, and what the corpus calls theirs.
func given(t *testing.T) (*office, *strings.Replacer) {
	o := newOffice(t)
	uma := o.open("uma")
	id := string(uma.ID)
	return o, strings.NewReplacer("$reply", o.threads.ReplyTo(id), "$message", o.threads.MessageID(id, "e1"), "$root", o.threads.Root(id), "$number", uma.Number)
}

func TestEachMailOfTheCorpusBecomesWhatItShould(t *testing.T) {
	_, values := given(t)
	for _, s := range corpus(t, values) {
		t.Run(s.name, func(t *testing.T) {
			o, values := given(t)
			for _, again := range corpus(t, values) {
				if again.name == s.name {
					o.judge(again, o.receive(again.raw))
				}
			}
		})
	}
}

// judge compares what became of a mail with what should have.
func (o *office) judge(s sample, m inbound.Mail) {
	o.t.Helper()
	if string(m.Outcome) != s.want {
		o.t.Errorf("%s became %q (%s), not %q", s.name, m.Outcome, m.Reason, s.want)
		return
	}
	text, author := "", desk.PersonID("")
	switch m.Outcome {
	case inbound.NewTicket, inbound.Placeholder:
		ticket, err := o.Desk.Show(o.t.Context(), o.as("ada"), string(m.Ticket))
		o.must(err)
		text, author = ticket.Description, ticket.Requester
		if s.title != "" && ticket.Title != s.title {
			o.t.Errorf("the title is %q", ticket.Title)
		}
	case inbound.Reply:
		c := o.comments(m.Ticket)
		text, author = c[len(c)-1].Body, c[len(c)-1].Author
	}
	for _, want := range s.says {
		if !strings.Contains(text, want) {
			o.t.Errorf("%q is missing in %.300q", want, text)
		}
	}
	for _, no := range s.lacks {
		if strings.Contains(text, no) {
			o.t.Errorf("%q stands in %.300q", no, text)
		}
	}
	if s.by != "" && !o.is(author, s.by) {
		o.t.Errorf("it is by %s, not %s", author, s.by)
	}
	o.judgeFiles(s, m)
}

// judgeFiles looks for the files that are to wait in quarantine.
func (o *office) judgeFiles(s sample, m inbound.Mail) {
	o.t.Helper()
	if m.Ticket == "" {
		return
	}
	list, _, err := o.Desk.Attachments(o.t.Context(), o.as("ada"), string(m.Ticket), desk.Page{Limit: 100})
	o.must(err)
	var names []string
	for _, f := range list {
		names = append(names, f.Name)
		if _, err := o.Desk.Files.Stat(o.t.Context(), f.Quarantined()); err != nil {
			o.t.Errorf("%s is not in quarantine: %v", f.Name, err)
		}
	}
	for _, want := range s.files {
		if !slices.Contains(names, want) {
			o.t.Errorf("%q is missing in %q", want, names)
		}
	}
}

// is compares an author with an id or a name; "robot" is the desk itself.
func (o *office) is(id desk.PersonID, want string) bool {
	if want == "robot" {
		return desk.IsRobot(id)
	}
	p, err := o.Desk.Person(o.t.Context(), id)
	return err == nil && (string(p.ID) == want || p.Name == want)
}

func TestTicketsRepliesPlaceholdersAndRecordsAreAllTheMailsAndTwiceOverTheSame(t *testing.T) {
	o, values := given(t)
	before := len(o.tickets())
	all := corpus(t, values)
	var sum map[inbound.Outcome]int
	for pass := range 2 {
		for _, s := range all {
			o.take(s.raw)
		}
		o.settle(2)
		mails, next, err := inbound.List(t.Context(), o.Desk, o.as("ada"), "", desk.Page{Limit: 100})
		o.must(err)
		for next != "" {
			var more []inbound.Mail
			more, next, err = inbound.List(t.Context(), o.Desk, o.as("ada"), "", desk.Page{Limit: 100, Cursor: next})
			o.must(err)
			mails = append(mails, more...)
		}
		sum = map[inbound.Outcome]int{}
		for _, m := range mails {
			sum[m.Outcome]++
		}
		replies := 0
		for _, ticket := range o.tickets() {
			replies += ticket.Replies
		}
		if len(mails) != len(all) || sum[""] != 0 {
			t.Fatalf("pass %d: %d mails of %d, %v", pass, len(mails), len(all), sum)
		}
		if made := len(o.tickets()) - before; made != sum[inbound.NewTicket]+sum[inbound.Placeholder] || replies != sum[inbound.Reply] {
			t.Errorf("pass %d: %d tickets and %d replies for %v", pass, made, replies, sum)
		}
	}
	t.Logf("%d mails: %v", len(all), sum)
}
