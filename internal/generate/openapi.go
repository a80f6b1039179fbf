package generate

import (
	_ "embed"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"ticketsystem.example/functions"
	"ticketsystem.example/functions/attachments"
	"ticketsystem.example/functions/inbox"
	"ticketsystem.example/functions/jobs"
	"ticketsystem.example/functions/people"
	"ticketsystem.example/functions/presets"
	"ticketsystem.example/functions/register"
	"ticketsystem.example/functions/reports"
	"ticketsystem.example/functions/settings"
	"ticketsystem.example/functions/tickets"
	"ticketsystem.example/functions/tokens"
	"ticketsystem.example/functions/views"
	"ticketsystem.example/shared/desk"
	"ticketsystem.example/shared/serve"
)

// descriptionPath is where the description lies: in the function that serves it.
const descriptionPath = "functions/web/openapi.json"

// routes are the operations of every public function but web, which serves the
// description and is none of the API.
var routes = map[string]func(*serve.API, *desk.Desk){
	"tickets":     tickets.Routes,
	"people":      people.Routes,
	"register":    register.Routes,
	"tokens":      tokens.Routes,
	"inbox":       inbox.Routes,
	"reports":     reports.Routes,
	"views":       views.Routes,
	"presets":     presets.Routes,
	"jobs":        jobs.Routes,
	"settings":    settings.Routes,
	"attachments": attachments.Routes,
}

// introduction is what holds for all operations, in Markdown.
//
//go:embed introduction.md
var introduction string

// tags are the groups of operations, in the order for reading.
var tags = []struct{ name, about string }{
	{"Sign-in", "Tokens for e-mail and password, and their renewal. The only operations without a token."},
	{"Tickets", "Open, find and change tickets. An action such as “resolve” says the same as a change of the status, in one word."},
	{"Comments", "Replies, internal notes, and the history of a ticket."},
	{"Attachments", "Files of tickets: links to send and to get them, and what became of them."},
	{"Notifications", "What concerns you and was done by somebody else."},
	{"Views", "Saved filters of the list of tickets, each with how many tickets it has for you."},
	{"Presets", "What staff prepare once and use often: canned replies with variables, macros, and templates of tickets."},
	{"Bulk", "Change many tickets at once, watch how it goes, and take it back."},
	{"Analytics", "How well it goes: numbers by day, department, category and agent, and tickets as CSV."},
	{"People", "Who there is, and who you are."},
	{"Organisation", "The tree of departments and the categories of each."},
	{"Administration", "What only administrators see and set."},
}

// description merges what all functions serve into one OpenAPI document.
func description(string) (File, error) {
	doc, err := merged()
	if err != nil {
		return File{}, err
	}
	data, err := write(doc)
	return File{Path: descriptionPath, Content: data}, err
}

// merged is the whole description as a tree.
func merged() (tree, error) {
	doc := tree{
		"openapi": "3.1.0",
		"info": tree{
			"title": "Ticket System", "version": serve.Version, "summary": "A help desk for organisations whose work spans departments.",
			"description": introduction, "license": tree{"name": "MIT", "identifier": "MIT"},
			"contact": tree{"name": "Whoever runs this desk"},
		},
		"servers":    []any{tree{"url": "/", "description": "Where this description came from."}},
		"security":   []any{tree{"token": []any{}}},
		"tags":       tagList(),
		"paths":      tree{},
		"components": tree{"schemas": tree{}, "responses": tree{}, "securitySchemes": tree{}},
	}
	for _, f := range functions.Catalogue {
		if !f.Public() || f.Name == "web" {
			continue
		}
		part, err := describe(f.Name)
		if err == nil {
			err = join(doc, part, f.Name)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := checkTags(doc); err != nil {
		return nil, err
	}
	eachOperation(doc, func(_, _ string, op tree) {
		if op["security"] == nil {
			op["security"] = []any{} // open: none rather than that of the whole document
		}
	})
	loosen(doc)
	shareProblems(doc)
	return doc, exemplify(doc)
}

func tagList() []any {
	var out []any
	for _, t := range tags {
		out = append(out, tree{"name": t.name, "description": t.about})
	}
	return out
}

// describe is the description of one function, with the last slash on every path, as
// the contract writes them, and properties in the order of the Go types.
func describe(function string) (tree, error) {
	add, ok := routes[function]
	if !ok {
		return nil, fmt.Errorf("generate: the public function %s is not described; add its Routes", function)
	}
	api := serve.NewAPI("")
	add(api, nil)
	part, err := toTree(api.OpenAPI())
	if err != nil {
		return nil, err
	}
	paths := tree{}
	for path, item := range at(part, "paths").(tree) {
		paths[strings.TrimSuffix(path, "/")+"/"] = item
	}
	part["paths"] = paths
	for name, s := range at(part, "components", "schemas").(tree) {
		if s := s.(tree); s["properties"] != nil {
			t := api.OpenAPI().Components.Schemas.TypeFromRef("#/components/schemas/" + name)
			s["properties"] = ordered(s["properties"].(tree), t)
			nullable(s["properties"].(object), t)
			noneOf(s["properties"].(object))
		}
	}
	return part, nil
}

// ordered gives properties the order of the type's fields.
func ordered(properties tree, t reflect.Type) object {
	var out object
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if v, ok := properties[name]; ok && !f.Anonymous {
			out = append(out, member{name, v})
		}
	}
	return out
}

// join adds a function's paths and components. What is there already must be the same.
func join(doc, part tree, function string) error {
	for path, item := range at(part, "paths").(tree) {
		if at(doc, "paths", path) != nil {
			return fmt.Errorf("generate: %s describes %s, which another function does too", function, path)
		}
		at(doc, "paths").(tree)[path] = item
	}
	for _, kind := range []string{"schemas", "securitySchemes"} {
		all := at(doc, "components", kind).(tree)
		for name, c := range at(part, "components", kind).(tree) {
			if there, ok := all[name]; ok && !reflect.DeepEqual(there, c) {
				return fmt.Errorf("generate: %s and another function mean different things by %s; rename one of the Go types", function, name)
			}
			all[name] = c
		}
	}
	return nil
}

// eachOperation calls f with every operation, in the order of paths and methods.
func eachOperation(doc tree, f func(path, method string, op tree)) {
	paths := at(doc, "paths").(tree)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := paths[path].(tree)
		for _, method := range slices.Sorted(maps.Keys(item)) {
			f(path, method, item[method].(tree))
		}
	}
}

// checkTags makes sure that the groups in the table are those that are used.
func checkTags(doc tree) error {
	used := map[string]bool{}
	eachOperation(doc, func(_, _ string, op tree) {
		for _, t := range op["tags"].([]any) {
			used[t.(string)] = true
		}
	})
	for _, t := range tags {
		if !used[t.name] {
			return fmt.Errorf("generate: no operation has the tag %s", t.name)
		}
		delete(used, t.name)
	}
	for t := range used {
		return fmt.Errorf("generate: the tag %s is not in the table of tags", t)
	}
	return nil
}
