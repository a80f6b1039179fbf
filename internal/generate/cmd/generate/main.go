// Command generate writes the generated files anew: the API's description and the
// reference pages in docs. It says which have changed.
//
//	make generate
package main

import (
	"fmt"
	"os"

	"ticketsystem.example/internal/generate"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	root, err := generate.Root()
	if err != nil {
		return err
	}
	files, err := generate.Files(root)
	if err != nil {
		return err
	}
	written, err := generate.Write(root, files)
	for _, path := range written {
		fmt.Println("wrote", path)
	}
	return err
}
