// Package greet puts a word and a name together.
package greet

import (
	"fmt"
	"io"

	"ticketsystem.example/shared/name"
)

// Write greets.
func Write(w io.Writer, word string) { fmt.Fprintln(w, word, name.Short) }
