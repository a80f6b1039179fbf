package preset

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/fault"
)

// Variables are what a text may hold between double braces, and what each stands for.
// None of them is anything that the requester may not know.
var Variables = []struct{ Name, About string }{
	{"ticket.number", "TKT-202611-0042"},
	{"ticket.title", "the title"},
	{"ticket.status", "where it is in its life, such as in_progress"},
	{"ticket.priority", "how urgent it is"},
	{"ticket.department", "the department's name"},
	{"ticket.category", "the category's name"},
	{"ticket.opened", "when it was opened, in the requester's time zone"},
	{"ticket.due", "when it is due, in the requester's time zone"},
	{"requester.name", "the requester's name"},
	{"requester.first_name", "its first word"},
	{"agent.name", "the name of whoever uses the text"},
	{"agent.first_name", "its first word"},
}

func known(name string) bool {
	return slices.ContainsFunc(Variables, func(v struct{ Name, About string }) bool { return v.Name == name })
}

// variable is one in a text. Braces that are none are refused by checkText, so that a
// slip never reaches a requester.
var variable = regexp.MustCompile(`\{\{ *([a-z_.]+) *\}\}`)

// checkText refuses variables that there are not, and braces that close nothing.
func checkText(field, text string) (string, error) {
	text, err := desk.Text(field, text, 1, desk.MaxComment, true)
	if err != nil {
		return "", err
	}
	for _, m := range variable.FindAllStringSubmatch(text, -1) {
		if !known(m[1]) {
			return "", fault.Bad(field, "There is no variable {{%s}}.", m[1])
		}
	}
	if rest := variable.ReplaceAllString(text, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
		return "", fault.Bad(field, "Double braces are for variables only, such as {{ticket.number}}; these are none.")
	}
	return text, nil
}

// special are the characters that mean something in Markdown, or call somebody.
var special = regexp.MustCompile("[\\\\`*_{}\\[\\]()#+!<>|~&@]|://|www\\.")

// literal writes a value so that Markdown shows it as it is: a title can neither format
// an answer, nor link somewhere, nor call somebody in it.
func literal(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	s = special.ReplaceAllStringFunc(s, func(m string) string {
		switch m {
		case "://":
			return ":&#47;/"
		case "www.":
			return "www&#46;"
		case "@":
			return "&#64;" // a backslash would still call somebody
		}
		return `\` + m
	})
	if s != "" && strings.ContainsRune("-=", rune(s[0])) {
		s = `\` + s
	}
	return s
}

// render puts values into a text, in one pass: a value that looks like a variable is none.
func render(text string, values map[string]string) string {
	return variable.ReplaceAllStringFunc(text, func(m string) string {
		return literal(values[variable.FindStringSubmatch(m)[1]])
	})
}

// check refuses words that can't be used, and tidies them. field is what the names of
// their parts begin with.
func (w Words) check(field string) (Words, error) {
	if len(w.Texts) == 0 && w.Language == "" {
		return Words{}, nil
	}
	if len(w.Texts) > MaxLanguages {
		return w, fault.Bad(field+"texts", "A text has at most %d languages.", MaxLanguages)
	}
	out, size, bad := map[string]string{}, 0, []error{}
	for _, tag := range slices.Sorted(maps.Keys(w.Texts)) {
		name, err := canonical(field+"texts", tag)
		text, wrong := checkText(field+"texts."+tag, w.Texts[tag])
		bad = append(bad, err, wrong)
		out[name] = text
		size += len(text)
	}
	fallback, err := canonical(field+"language", w.Language)
	bad = append(bad, err)
	if size > MaxTexts {
		bad = append(bad, fault.Bad(field+"texts", "All languages together take at most %d bytes.", MaxTexts))
	}
	if _, ok := out[fallback]; err == nil && !ok {
		bad = append(bad, fault.Bad(field+"language", "This is the language that stands in for others, so it needs a text."))
	}
	return Words{Language: fallback, Texts: out}, fault.Join(bad...)
}

// canonical is a language's tag as it is stored.
func canonical(field, tag string) (string, error) {
	t, err := language.Parse(tag)
	if err != nil || tag == "" || len(tag) > 16 {
		return tag, fault.Bad(field, "This is no language tag; write it like en or pt-BR.")
	}
	return t.String(), nil
}

func (w Words) languages() []string { return append([]string{}, slices.Sorted(maps.Keys(w.Texts))...) }

// In is the text that suits best whoever prefers these languages, and its language.
func (w Words) In(preferred ...string) (text, in string) {
	if len(w.Texts) == 0 {
		return "", ""
	}
	names := slices.DeleteFunc(w.languages(), func(s string) bool { return s == w.Language })
	names = append([]string{w.Language}, names...)
	tags := make([]language.Tag, len(names))
	for i, n := range names {
		tags[i] = language.Make(n)
	}
	var wanted []language.Tag
	for _, p := range preferred {
		if t, err := language.Parse(p); err == nil {
			wanted = append(wanted, t)
		}
	}
	_, i, _ := language.NewMatcher(tags).Match(wanted...)
	return w.Texts[names[i]], names[i]
}

// valuesOf are the variables' values for a ticket.
func valuesOf(org *desk.Organisation, t desk.Ticket, requester desk.Person, agent desk.Actor) map[string]string {
	d, _ := org.Department(t.Department)
	category := t.Category
	for _, c := range d.Categories {
		if c.ID == t.Category {
			category = c.Name
		}
	}
	zone, err := time.LoadLocation(requester.Zone)
	if err != nil {
		zone = time.UTC
	}
	day := func(at time.Time) string { return at.In(zone).Format("2006-01-02 15:04 MST") }
	return map[string]string{
		"ticket.number": t.Number, "ticket.title": t.Title, "ticket.status": string(t.Status), "ticket.priority": string(t.Priority),
		"ticket.department": d.Name, "ticket.category": category, "ticket.opened": day(t.CreatedAt), "ticket.due": day(t.DueAt),
		"requester.name": requester.Name, "requester.first_name": firstName(requester.Name),
		"agent.name": agent.Name, "agent.first_name": firstName(agent.Name),
	}
}

func firstName(name string) string {
	if words := strings.Fields(name); len(words) > 0 {
		return words[0]
	}
	return ""
}
