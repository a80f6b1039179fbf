package email

import (
	"bytes"
	"embed"
	html "html/template"
	"net/mail"
	"strings"
	text "text/template"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"ticketsystem.example/shared/delivery"
	"ticketsystem.example/shared/fault"
	"ticketsystem.example/shared/wording"
)

//go:embed templates
var files embed.FS

var (
	asHTML = html.Must(html.ParseFS(files, "templates/letter.html"))
	asText = text.Must(text.ParseFS(files, "templates/letter.txt"))
)

// view is what the templates show.
type view struct {
	Language, Direction       string
	Subject                   string
	Greeting, Sentence, Wrote string
	Words                     string    // as they were written, in Markdown
	Shown                     html.HTML // the same, made safe by desk
	Link, Open, Reply, Why    string
	Choose, Stop, More        string
	News                      []delivery.News
}

// letter is the message as an e-mail.
func (c *Carrier) letter(m delivery.Message) (*gomail.Msg, error) {
	to := mail.Address{Name: oneLine(m.Person.Name), Address: m.Person.Email}
	msg := gomail.NewMsg()
	for _, set := range []func() error{
		func() error { return msg.From(c.from.String()) },
		func() error { return msg.To(to.String()) },
		func() error { return c.thread(msg, m) },
	} {
		if err := set(); err != nil {
			return nil, fault.Wrap(err, fault.Permanent, "mail_address", "the person's address takes no e-mail")
		}
	}
	v := c.view(m)
	msg.Subject(v.Subject)
	msg.SetDate()
	msg.SetGenHeader(gomail.HeaderContentLang, v.Language)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	if m.Choose != "" {
		msg.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+m.Choose+">")
	}
	var plain, rich bytes.Buffer
	if err := asText.Execute(&plain, v); err != nil {
		return nil, err
	}
	if err := asHTML.Execute(&rich, v); err != nil {
		return nil, err
	}
	msg.SetBodyString(gomail.TypeTextPlain, plain.String())
	msg.AddAlternativeString(gomail.TypeTextHTML, rich.String())
	return msg, nil
}

// thread says which ticket the message belongs to, if it is about one.
func (c *Carrier) thread(msg *gomail.Msg, m delivery.Message) error {
	ticket := string(m.Ticket)
	if ticket == "" {
		msg.SetMessageIDWithValue(c.threads.Alone(m.Key))
		return nil
	}
	root := "<" + c.threads.Root(ticket) + ">"
	msg.SetMessageIDWithValue(c.threads.MessageID(ticket, m.Key))
	msg.SetGenHeader(gomail.HeaderInReplyTo, root)
	msg.SetGenHeader(gomail.HeaderReferences, root)
	return msg.ReplyTo(c.threads.ReplyTo(ticket))
}

func (c *Carrier) view(m delivery.Message) view {
	in := func(id string, pairs ...string) string { return wording.Say(id, pairs...).In(m.Language) }
	v := view{
		Language: m.Language.String(), Direction: wording.Direction(m.Language),
		Subject:  oneLine("[" + m.Number + "] " + m.Title),
		Greeting: in("mail.greeting", "Name", m.Person.Name), Sentence: m.Sentence,
		Link: m.Link, Open: in("mail.open", "Number", m.Number), Reply: in("mail.reply"), Why: in("mail.why"),
		Choose: m.Choose, Stop: in("mail.stop"), News: m.News,
	}
	if len(m.News) > 0 {
		v.Subject, v.Sentence, v.Reply = in("digest.subject"), in("digest.said"), ""
	}
	if m.More {
		v.More = in("digest.more")
	}
	if m.Comment != nil {
		v.Wrote = in("mail.wrote", "Actor", m.Comment.AuthorName)
		v.Words, v.Shown = m.Comment.Body, html.HTML(m.Comment.HTML) //nolint:gosec // safe as it stands, see desk.Comment
	}
	return v
}

// oneLine is a text that can stand in a header: without what breaks a line or can't be
// shown.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)), " ")
}
