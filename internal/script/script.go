// Package script runs stories: texts that read like a conversation with the API and
// fail where the system says something else. The same story is an end-to-end test, a
// readiness check of a real stack and a piece of documentation.
//
//	as uma
//	POST /api/tickets/ {"title": "Printer on fire", "description": "It smells."}
//	status == 201
//	save ticket .id
//	wait ticket.routed
//	as nora
//	POST /api/tickets/$ticket/comments/ {"body": "Known fault, see 881.", "internal": true}
//	as uma
//	GET /api/tickets/$ticket/comments/
//	body !contains 881
//
// # The language
//
// One statement a line; indentation, empty lines and lines that begin with # are for
// the reader.
//
//	as NAME               who makes the requests that follow; "as nobody" has no token,
//	                      "as $assignee" is whoever was saved as that
//	METHOD PATH [JSON]    a request; JSON goes on over lines until its brackets close
//	with NAME VALUE       a header of the request above; without a VALUE it is left out
//	with body TEXT        its body, sent as it stands; "..." is unquoted as in Go
//	upload TEXT           sends TEXT to where the latest answer with an .upload says, as that
//	                      says (.upload.method, .url, .headers) and without a token; "..."
//	                      is unquoted as in Go
//	download              gets what is at the .url of the answer above, without a token
//	save NAME .PATH       keeps a value of the answer; also: save NAME header ETag
//	wait CHECK            repeats the GET above until the check holds
//	wait TYPE             polls the history of $ticket until it has an act of the type
//	repeat N ... end      runs the lines between N times; $i counts from 1
//
// A check is SUBJECT OPERATOR [VALUE]:
//
//   - Subjects are status, body, header NAME, and .PATH, which is a path of
//     github.com/tidwall/gjson (".items.#.id" is an array, ".items.#" its length).
//   - Operators are ==, !=, <, <=, >, >=, contains, !contains, matches (RE2), exists
//     and !exists. An array contains a value if one of its elements is equal to it.
//     What is not there, like a body of no bytes, fulfils no check but !exists.
//   - A value that is written out is compared with its type: null, 3 and "3" differ,
//     and a bare word is text. One with a variable in it is compared as text, unless
//     it is a whole array or object.
//
// $name is a saved value, ${201 x} is an x 201 times, $$ is a dollar. Every run has
// $run, a word that no other run has.
//
// # What it does not do
//
// There are no conditions, no arithmetic and no way to define anything: a story that
// needs them is a Go test.
package script

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Script is a story that was read.
type Script struct {
	Name  string // of its file
	Title string // its first comment line, what it tells
	steps []step
}

// step is one statement.
type step struct {
	line int
	do   func(*run) error
}

// Load reads every story (*.txt) directly in a folder, in the order of their names.
func Load(files fs.FS, folder string) ([]*Script, error) {
	names, err := fs.Glob(files, path.Join(folder, "*.txt"))
	if err != nil {
		return nil, fmt.Errorf("script: %w", err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("script: there is no story (*.txt) in %s", folder)
	}
	var all []*Script
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("script: %w", err)
		}
		s, err := Parse(name, string(text))
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// Failure is where a story and the system disagree, or where a story can't be read.
type Failure struct {
	Name     string // of the story's file
	Line     int
	Reason   string
	Exchange string // the latest request and its answer, "" if there was none
}

// Error is file:line, the reason, and the exchange that shows it.
func (f *Failure) Error() string {
	text := fmt.Sprintf("%s:%d: %s", f.Name, f.Line, f.Reason)
	if f.Exchange != "" {
		text += "\n" + indent(f.Exchange)
	}
	return text
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ")
}
