package script

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// subject is a part of an answer.
type subject struct {
	kind string // "status", "body", "header" or "path"
	name string // of the header, or the path
}

// check is a sentence about the latest answer.
type check struct {
	text     string
	subject  subject
	operator string
	value    string // as it is written
}

var (
	checks   = regexp.MustCompile(`^(status|body|header \S+|\.(?:"[^"]*"|\S)*) (==|!=|<=|>=|<|>|contains|!contains|matches|exists|!exists)(?: +(.*))?$`)
	subjects = regexp.MustCompile(`^(status|body|header \S+|\.(?:"[^"]*"|\S)*)$`)
)

func parseCheck(text string) (check, bool) {
	m := checks.FindStringSubmatch(text)
	if m == nil {
		return check{}, false
	}
	s, _ := parseSubject(m[1])
	c := check{text: text, subject: s, operator: m[2], value: m[3]}
	return c, strings.HasSuffix(c.operator, "exists") == (c.value == "")
}

func parseSubject(text string) (subject, bool) {
	if !subjects.MatchString(text) {
		return subject{}, false
	}
	if name, ok := strings.CutPrefix(text, "header "); ok {
		return subject{"header", name}, true
	}
	if path, ok := strings.CutPrefix(text, "."); ok {
		return subject{"path", path}, true
	}
	return subject{kind: text}, true
}

// of finds the subject in the latest answer. What is not JSON already is made into it,
// so that all values are compared alike.
func (s subject) of(r *run) (gjson.Result, error) {
	a := r.last
	switch s.kind {
	case "status":
		return gjson.Parse(strconv.Itoa(a.status)), nil
	case "body":
		if a.body == "" {
			return gjson.Result{}, nil
		}
		return text(a.body), nil
	case "header":
		if len(a.header.Values(s.name)) == 0 {
			return gjson.Result{}, nil
		}
		return text(a.header.Get(s.name)), nil
	}
	path, err := r.expand(s.name)
	if err != nil || !gjson.Valid(a.body) {
		return gjson.Result{}, err
	}
	if path == "" {
		return gjson.Parse(a.body), nil
	}
	return gjson.Get(a.body, path), nil
}

// text is a JSON string.
func text(s string) gjson.Result {
	raw, _ := json.Marshal(s) // never fails for a string
	return gjson.Result{Type: gjson.String, Str: s, Raw: string(raw)}
}

// plain is a value as text: a string without its quotes, all else as it is written.
func plain(v gjson.Result) string {
	if v.Type == gjson.String {
		return v.Str
	}
	return v.Raw
}

// hold fails unless the check holds for the latest answer.
func (c check) hold(r *run) error {
	if r.last == nil {
		return fmt.Errorf("there is no answer yet to check")
	}
	want, err := r.expand(c.value)
	if err != nil {
		return err
	}
	got, err := c.subject.of(r)
	if err != nil {
		return err
	}
	ok, err := c.compare(got, want)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%s: it is %s", c.text, show(got))
	}
	return nil
}

func show(v gjson.Result) string {
	if !v.Exists() {
		return "not there"
	}
	const enough = 300
	if len(v.Raw) > enough {
		return v.Raw[:enough] + "…"
	}
	return v.Raw
}

// compare judges. What is not there fulfils no check but "!exists", so that a check
// can't pass because the answer is another one than the story thinks.
func (c check) compare(got gjson.Result, want string) (bool, error) {
	if !got.Exists() {
		return c.operator == "!exists", nil
	}
	switch c.operator {
	case "exists", "!exists":
		return c.operator == "exists", nil
	case "==", "!=":
		return c.equal(got, want) == (c.operator == "=="), nil
	case "contains", "!contains":
		return c.contains(got, want) == (c.operator == "contains"), nil
	case "matches":
		re, err := regexp.Compile(want)
		return err == nil && re.MatchString(plain(got)), err
	}
	return c.ordered(got, want)
}

// equal compares by type where the value is written out. It compares as text where the
// value holds a variable, unless it is a whole array or object, and headers and bodies,
// which have no types.
func (c check) equal(got gjson.Result, want string) bool {
	untyped := c.subject.kind == "header" || c.subject.kind == "body" ||
		(want != c.value && !strings.HasPrefix(want, "[") && !strings.HasPrefix(want, "{"))
	if untyped || !gjson.Valid(want) {
		return plain(got) == want
	}
	var a, b any
	return json.Unmarshal([]byte(got.Raw), &a) == nil && json.Unmarshal([]byte(want), &b) == nil && reflect.DeepEqual(a, b)
}

func (c check) contains(got gjson.Result, want string) bool {
	if !got.IsArray() {
		return strings.Contains(plain(got), want)
	}
	for _, element := range got.Array() {
		if c.equal(element, want) {
			return true
		}
	}
	return false
}

// ordered compares numbers as numbers and all else, times above all, as text.
func (c check) ordered(got gjson.Result, want string) (bool, error) {
	order := cmp.Compare(plain(got), want)
	if got.Type == gjson.Number {
		number, err := strconv.ParseFloat(want, 64)
		if err != nil {
			return false, fmt.Errorf("%s: %q is not a number", c.text, want)
		}
		order = cmp.Compare(got.Num, number)
	}
	switch c.operator {
	case "<":
		return order < 0, nil
	case "<=":
		return order <= 0, nil
	case ">":
		return order > 0, nil
	}
	return order >= 0, nil
}
