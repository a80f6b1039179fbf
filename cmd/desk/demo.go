package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-json-experiment/json"

	"ticketsystem.example/shared/desk"
)

// demo is the demo organisation as its files say it; their README explains them.
type demo struct {
	organisation desk.Organisation
	people       []desk.Person
	tickets      []demoTicket // oldest first
}

// demoTicket is a line of tickets.jsonl.
type demoTicket struct {
	Key         string            `json:"key"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Requester   desk.PersonID     `json:"requester"`
	Department  desk.DepartmentID `json:"department"`
	Category    string            `json:"category"`
	Subcategory string            `json:"subcategory"`
	Priority    desk.Priority     `json:"priority"`
	Source      desk.Source       `json:"source"`
	Status      desk.Status       `json:"status"`
	Assignee    desk.PersonID     `json:"assignee"` // null for nobody
	Tags        []string          `json:"tags"`
	Language    string            `json:"language"`
	AgeHours    float64           `json:"age_hours"`
	Resolution  string            `json:"resolution"`
	HoldReason  string            `json:"hold_reason"`
	Comments    []demoComment     `json:"comments"`
	Origin      struct {
		Dataset string `json:"dataset"`
		ID      string `json:"id"`
	} `json:"origin"`
}

// demoComment is a reply or a note of a demoTicket.
type demoComment struct {
	Author   desk.PersonID `json:"author"`
	Body     string        `json:"body"`
	Internal bool          `json:"internal"`
	AgeHours float64       `json:"age_hours"`
}

// readDemo reads the folder. Unknown names in the files are errors: they are mostly
// known names, misspelt.
func readDemo(folder string) (demo, error) {
	var d demo
	if err := readJSON(filepath.Join(folder, "organisation.json"), &d.organisation); err != nil {
		return d, err
	}
	if err := readJSON(filepath.Join(folder, "people.json"), &d.people); err != nil {
		return d, err
	}
	file := filepath.Join(folder, "tickets.jsonl")
	data, err := os.ReadFile(file)
	if err != nil {
		return d, err
	}
	for i, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		var t demoTicket
		if err := json.Unmarshal(line, &t, json.RejectUnknownMembers(true)); err != nil {
			return d, fmt.Errorf("%s:%d: %w", file, i+1, err)
		}
		d.tickets = append(d.tickets, t)
	}
	return d, nil
}

func readJSON(file string, into any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into, json.RejectUnknownMembers(true)); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
