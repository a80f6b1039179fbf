package script

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Parse reads a story. The name goes into errors.
func Parse(name, text string) (*Script, error) {
	p := &parser{name: name, lines: strings.Split(text, "\n")}
	steps, err := p.block(false)
	if err != nil {
		return nil, err
	}
	return &Script{Name: name, Title: title(p.lines), steps: steps}, nil
}

// title is the first comment of a story.
func title(lines []string) string {
	for _, l := range lines {
		if t, ok := strings.CutPrefix(strings.TrimSpace(l), "#"); ok && t != "" {
			return strings.TrimSpace(t)
		}
	}
	return ""
}

// parser goes through the lines once.
type parser struct {
	name  string
	lines []string
	next  int // index of the line to read next
}

func (p *parser) fail(line int, format string, args ...any) error {
	return &Failure{Name: p.name, Line: line, Reason: fmt.Sprintf(format, args...)}
}

// take returns the next line that says something, and its number; 0 at the end.
func (p *parser) take() (text string, number int) {
	for p.next < len(p.lines) {
		text := strings.TrimSpace(p.lines[p.next])
		p.next++
		if text != "" && text[0] != '#' {
			return text, p.next
		}
	}
	return "", 0
}

// peek is take without moving on.
func (p *parser) peek() string {
	here := p.next
	text, _ := p.take()
	p.next = here
	return text
}

// block reads statements up to "end", or to the end of the text.
func (p *parser) block(inner bool) ([]step, error) {
	start := p.next
	var steps []step
	for {
		text, line := p.take()
		switch {
		case line == 0 && inner:
			return nil, p.fail(start, "this repeat has no end")
		case line == 0, text == "end" && inner:
			return steps, nil
		}
		do, err := p.statement(text, line)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step{line, do})
	}
}

var methods = regexp.MustCompile(`^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (/(?:\$\{[^}]*\}|\S)*)(?: ([{\[].*))?$`)

// statement reads one statement that begins with the line.
func (p *parser) statement(text string, line int) (func(*run) error, error) {
	if m := methods.FindStringSubmatch(text); m != nil {
		return p.request(m[1], m[2], m[3], line)
	}
	word, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case word == "as" && plainWord.MatchString(rest):
		return func(r *run) (err error) { r.person, err = r.expand(rest); return err }, nil
	case word == "save":
		return p.save(rest, line)
	case word == "upload":
		body, err := unquoted(rest)
		if err != nil {
			return nil, p.fail(line, "%v", err)
		}
		return func(r *run) error { return r.upload(body) }, nil
	case text == "download":
		return func(r *run) error { return r.download() }, nil
	case word == "wait":
		return p.wait(rest, line)
	case word == "repeat":
		return p.repeat(rest, line)
	}
	if c, ok := parseCheck(text); ok {
		return c.hold, nil
	}
	return nil, p.fail(line, "this is no statement: %s", text)
}

// request reads what belongs to a request: the rest of its JSON and its with lines.
func (p *parser) request(method, path, body string, line int) (func(*run) error, error) {
	q := &request{method: method, path: path, body: body}
	for unclosed(q.body) {
		if p.next == len(p.lines) {
			return nil, p.fail(line, "the brackets of this body do not close")
		}
		q.body += "\n" + p.lines[p.next]
		p.next++
	}
	for strings.HasPrefix(p.peek(), "with ") {
		text, at := p.take()
		name, value, _ := strings.Cut(strings.TrimPrefix(text, "with "), " ")
		value = strings.TrimSpace(value)
		if name != "body" {
			q.headers = append(q.headers, [2]string{name, value})
			continue
		}
		if q.body != "" {
			return nil, p.fail(at, "this request has a body already")
		}
		var err error
		if q.body, err = unquoted(value); err != nil {
			return nil, p.fail(at, "%v", err)
		}
	}
	return func(r *run) error { return r.send(q) }, nil
}

// unquoted is a text as it stands, or what it says as a string of Go.
func unquoted(text string) (string, error) {
	if !strings.HasPrefix(text, `"`) {
		return text, nil
	}
	out, err := strconv.Unquote(text)
	if err != nil {
		return "", fmt.Errorf("this is not a quoted text: %s", text)
	}
	return out, nil
}

// unclosed reports whether a JSON text has brackets or a string that do not end.
func unclosed(text string) bool {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
	}
	return depth > 0 || quoted
}

var (
	plainWord = regexp.MustCompile(`^\$?[A-Za-z][A-Za-z0-9_.-]*$`)
	variable  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	eventType = regexp.MustCompile(`^[a-z_]+\.[a-z_]+$`)
)

func (p *parser) save(text string, line int) (func(*run) error, error) {
	name, from, _ := strings.Cut(text, " ")
	subject, ok := parseSubject(strings.TrimSpace(from))
	if !ok || !variable.MatchString(name) {
		return nil, p.fail(line, "save takes a name and a .path or header NAME")
	}
	return func(r *run) error { return r.save(name, subject) }, nil
}

func (p *parser) wait(text string, line int) (func(*run) error, error) {
	if eventType.MatchString(text) {
		return func(r *run) error { return r.waitForAct(text) }, nil
	}
	c, ok := parseCheck(text)
	if !ok {
		return nil, p.fail(line, "wait takes a check or the type of an act, not %q", text)
	}
	return func(r *run) error { return r.waitFor(c) }, nil
}

func (p *parser) repeat(text string, line int) (func(*run) error, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1000 {
		return nil, p.fail(line, "repeat takes a number from 1 to 1000")
	}
	steps, err := p.block(true)
	if err != nil {
		return nil, err
	}
	return func(r *run) error { return r.repeat(n, steps) }, nil
}
