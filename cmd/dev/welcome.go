package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"ticketsystem.example/internal/stack"
)

// password is that of every demo account. It protects nothing: the accounts exist
// in an emulator on this machine.
const password = "demo-pass-1234"

// shown are the demo accounts to begin with, one of each kind and a second user.
var shown = []string{"ada", "mia", "nora", "liam", "uma", "otto"}

// account is what is shown of a person in the demo organisation.
type account struct {
	ID          string   `json:"id"`
	Email       string   `json:"email"`
	Role        string   `json:"role"`
	Departments []string `json:"departments"`
}

// welcome lists the demo accounts and says where to look next.
func welcome(w io.Writer, url string) error {
	root, err := stack.Root()
	if err != nil {
		return err
	}
	file := filepath.Join(stack.SeedFolder, "people.json")
	data, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		return err
	}
	var all []account
	if err := json.Unmarshal(data, &all); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, a := range all {
		if slices.Contains(shown, a.ID) {
			fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", a.Email, a.Role, strings.Join(a.Departments, ", "), password)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "  and %d more in %s\n\n  API      %s/api/docs\n  console  %s/_dev/\n", len(all)-len(shown), file, url, url)
	return err
}
