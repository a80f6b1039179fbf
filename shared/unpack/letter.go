package unpack

import (
	"bytes"
	"errors"
	"fmt"
	"net/mail"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jhillyerd/enmime/v2"

	"ticketsystem.example/shared/blob"
)

// letter is what a mail says.
type letter struct {
	id      string   // its Message-ID without angle brackets, "" for none
	answers []string // ids of the messages it answers, the nearest first
	from    mail.Address
	alone   bool // From names one address and stands there once
	to      []string
	subject string
	text    string
	files   []file
	damaged bool // a part of it could not be read

	head func(name string) []string
	raw  []byte
}

// file is something attached.
type file struct {
	name, kind string
	content    []byte
}

// maxFiles is how many files of a mail are looked at.
const maxFiles = 50

// parser reads mails as tolerantly as it can: a broken part is no reason to lose the others.
var parser = enmime.NewParser(enmime.SkipMalformedParts(true), enmime.MultipartWOBoundaryAsSinglePart(true),
	enmime.SetReadPartErrorPolicy(enmime.AllowCorruptTextPartErrorPolicy), enmime.MaxStoredPartErrors(100))

// read parses a mail. Its error says in plain words why that can't be done; a parser that
// breaks on a mail is such a reason too.
func read(raw []byte) (l letter, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("it is built in a way that can't be parsed (%v)", r)
		}
	}()
	if len(bytes.TrimSpace(raw)) == 0 {
		return l, errors.New("it is empty")
	}
	e, err := parser.ReadEnvelope(bytes.NewReader(raw))
	if err != nil { // perhaps it is readable without what it says of its form
		l.damaged = true
		if e, err = parser.ReadEnvelope(bytes.NewReader(contentType.ReplaceAll(raw, []byte("$1")))); err != nil {
			return l, fmt.Errorf("its form is broken (%w)", err)
		}
	}
	l = letter{raw: raw, head: e.GetHeaderValues, subject: line(e.GetHeader("Subject")), text: clean(e.Text), damaged: l.damaged}
	l.id = first(ids(e.GetHeader("Message-ID")))
	l.answers = answered(e)
	l.to = recipients(e)
	l.files = files(e)
	l.damaged = l.damaged || slices.ContainsFunc(e.Errors, func(e *enmime.Error) bool { return e.Severe })
	if err := l.sender(e); err != nil {
		return l, err
	}
	return l, l.legible(e.HTML)
}

// contentType is the first header of that name, with the lines that continue it.
var contentType = regexp.MustCompile(`(?im)\A((?:[^\r\n]+\r?\n)*?)content-type:[^\n]*\n(?:[ \t][^\n]*\n)*`)

// sender finds who the mail claims to be from.
func (l *letter) sender(e *enmime.Envelope) error {
	list, _ := e.AddressList("From")
	l.alone = len(list) == 1 && len(e.GetHeaderValues("From")) == 1
	if len(list) == 0 {
		found := address.FindString(e.GetHeader("From"))
		if found == "" {
			return errors.New("it doesn't say who sent it")
		}
		list = []*mail.Address{{Address: found}}
	}
	l.from = mail.Address{Name: line(list[0].Name), Address: strings.ToLower(list[0].Address)}
	if !utf8.ValidString(l.from.Address) || !address.MatchString(l.from.Address) {
		return errors.New("its sender has no proper address")
	}
	return nil
}

// legible makes sure that there is something to read. Where no part could be decoded, the
// text as it came may be readable all the same.
func (l *letter) legible(html string) error {
	_, rest, _ := bytes.Cut(bytes.ReplaceAll(l.raw, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	if body := clean(string(rest)); l.text == "" && html == "" && len(l.files) == 0 && body != "" {
		l.text, l.damaged = body, true
	}
	if garbled(l.text) {
		return errors.New("most of its text could not be decoded")
	}
	return nil
}

var (
	address   = regexp.MustCompile(`[^\s<>"(),:;@]+@[^\s<>"(),:;@]+`)
	messageID = regexp.MustCompile(`<([^<>\s]{1,250})>`)
)

// ids are the ids of messages in a header.
func ids(header string) []string {
	var out []string
	for _, m := range messageID.FindAllStringSubmatch(header, 100) {
		out = append(out, m[1])
	}
	if one := strings.TrimSpace(header); len(out) == 0 && one != "" && len(one) <= 250 && !strings.ContainsAny(one, " \t<>") {
		out = []string{one}
	}
	return out
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// answered are the messages that a mail answers, the nearest first.
func answered(e *enmime.Envelope) []string {
	references := ids(e.GetHeader("References"))
	slices.Reverse(references)
	all := append(ids(e.GetHeader("In-Reply-To")), references...)
	return all[:min(len(all), 20)]
}

// recipients are the addresses that a mail was sent to, as far as it says.
func recipients(e *enmime.Envelope) []string {
	var out []string
	for _, name := range []string{"To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To"} {
		for _, v := range e.GetHeaderValues(name) {
			out = append(out, address.FindAllString(v, 50)...)
		}
	}
	return out[:min(len(out), 100)]
}

// files are all that is attached or shown inside, with names that can be shown.
func files(e *enmime.Envelope) []file {
	var out []file
	for _, p := range slices.Concat(e.Attachments, e.Inlines, e.OtherParts) {
		kind := blob.ParseType(p.ContentType)
		if len(out) == maxFiles || len(p.Content) == 0 || strings.HasPrefix(kind, "multipart/") || kind == "message/delivery-status" || kind == "application/pgp-signature" {
			continue
		}
		out = append(out, file{named(p.FileName, kind, len(out)+1), kind, p.Content})
	}
	return out
}

// endings are what files are called that came without a name.
var endings = map[string]string{"message/rfc822": ".eml", "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "application/pdf": ".pdf",
	"text/plain": ".txt", "text/csv": ".csv", "text/calendar": ".ics", "application/ms-tnef": ".dat"}

// named is a file's name without what could mislead: folders, and characters that aren't
// seen or turn the direction.
func named(name, kind string, n int) string {
	name = path.Base(strings.ReplaceAll(line(name), `\`, "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name))
	if strings.Trim(name, "./ ") == "" {
		name = fmt.Sprintf("file-%d%s", n, endings[kind])
	}
	ending := path.Ext(name)
	if r := []rune(name); len(r) > 150 && len(ending) < 20 {
		name = string(r[:150-len(ending)]) + ending
	}
	return name
}
