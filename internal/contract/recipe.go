package contract

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// recipe says how an operation is called where its example is not enough.
type recipe struct {
	ticket bool // begins with a ticket though its address names none
	steps  []step
	after  []step      // what is taken away again, if it is there
	with   [][2]string // values for the address and its query
	head   []string
	body   string // "" for the example, "none" for nothing
}

// step is a request that has to go well before.
type step struct {
	person, method, path, body string
	save                       [][2]string // name, and path in the answer's body
	wait                       bool        // until it answers what is to be saved
}

// readRecipes reads blocks: the name of a row, and below it, indented,
//
//	given PERSON METHOD PATH [BODY] [> NAME=PATH ...]
//	wait PERSON GET PATH > NAME=PATH ...
//	after PERSON METHOD PATH
//	with NAME=VALUE
//	header NAME: VALUE
//	body BODY
//	ticket
//
// $NAME stands for what was saved before; $id is the ticket. "after" is for what would
// pile up: there, $person is who made the request and $made the id in its answer.
func readRecipes(file string) (map[string]recipe, error) {
	out := map[string]recipe{}
	name := ""
	err := eachLine(file, func(line string) error {
		if !strings.HasPrefix(line, " ") {
			name = line
			out[name] = recipe{}
			return nil
		}
		r := out[name]
		err := r.add(strings.TrimSpace(line))
		out[name] = r
		return err
	})
	return out, err
}

func (r *recipe) add(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "given":
		return r.addStep(rest, false)
	case "wait":
		return r.addStep(rest, true)
	case "after":
		return r.addAfter(rest)
	case "ticket":
		r.ticket = true
	case "with":
		k, v, _ := strings.Cut(rest, "=")
		r.with = append(r.with, [2]string{k, v})
	case "header":
		k, v, _ := strings.Cut(rest, ": ")
		r.head = append(r.head, k, v)
	case "body":
		r.body = rest
	default:
		return fmt.Errorf("%q is no word of recipes", word)
	}
	return nil
}

func (r *recipe) addStep(text string, wait bool) error {
	text, saves, _ := strings.Cut(text, " > ")
	parts := strings.SplitN(text, " ", 4)
	if len(parts) < 3 {
		return fmt.Errorf("%q lacks a person, a method or a path", text)
	}
	s := step{person: parts[0], method: parts[1], path: parts[2], wait: wait}
	if len(parts) == 4 {
		s.body = parts[3]
	}
	for _, save := range strings.Fields(saves) {
		k, v, _ := strings.Cut(save, "=")
		s.save = append(s.save, [2]string{k, v})
	}
	r.steps = append(r.steps, s)
	return nil
}

func (r *recipe) addAfter(text string) error {
	parts := strings.Fields(text)
	if len(parts) != 3 {
		return fmt.Errorf("%q lacks a person, a method or a path", text)
	}
	r.after = append(r.after, step{person: parts[0], method: parts[1], path: parts[2]})
	return nil
}

// tidy takes away what would pile up, once a situation is used up.
func (r recipe) tidy(ctx context.Context, w World, known map[string]string, usedUp bool) error {
	if !usedUp {
		return nil
	}
	for _, s := range r.after {
		if _, err := w.Send(ctx, fill(s.person, known), s.method, fill(s.path, known), ""); err != nil {
			return err
		}
	}
	return nil
}

// prepare takes the steps.
func (r recipe) prepare(ctx context.Context, w World, known map[string]string) error {
	for _, s := range r.steps {
		if err := s.take(ctx, w, known); err != nil {
			return fmt.Errorf("before it, %s %s as %s: %w", s.method, s.path, s.person, err)
		}
	}
	return nil
}

// tries is how often a step that waits asks.
const tries = 600

func (s step) take(ctx context.Context, w World, known map[string]string) error {
	for range tries {
		if s.wait {
			if err := w.Settle(ctx); err != nil {
				return err
			}
		}
		a, err := w.Send(ctx, s.person, s.method, fill(s.path, known), fill(s.body, known))
		if err != nil {
			return err
		}
		if a.Status >= 300 {
			return fmt.Errorf("%d %.300s", a.Status, a.Body)
		}
		there := true
		for _, save := range s.save {
			known[save[0]] = a.Text(save[1])
			there = there && known[save[0]] != ""
		}
		if there || !s.wait {
			return nil
		}
	}
	return fmt.Errorf("waited in vain")
}

// request is the address, body and headers of the call itself.
func (r recipe) request(o Operation, known map[string]string) (path, body string, head []string) {
	values := map[string]string{"id": known["id"]}
	query := ""
	for _, w := range r.with {
		v := fill(w[1], known)
		if strings.Contains(o.Path, "{"+w[0]+"}") {
			values[w[0]] = v
		} else {
			query += "&" + w[0] + "=" + v
		}
	}
	path = o.Path
	for name, v := range values {
		path = strings.ReplaceAll(path, "{"+name+"}", v)
	}
	if query != "" {
		path += "?" + query[1:]
	}
	for _, h := range r.head {
		head = append(head, fill(h, known))
	}
	switch r.body {
	case "":
		body = o.Example
	case "none":
	default:
		body = fill(r.body, known)
	}
	return path, body, head
}

// fill puts in what is known.
func fill(text string, known map[string]string) string {
	return os.Expand(text, func(name string) string { return known[name] })
}
