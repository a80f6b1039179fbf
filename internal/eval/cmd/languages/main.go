// Command languages trains the model by which shared/language tells languages apart, and
// writes it there as text. The same data gives the same file.
//
//	go run ./internal/eval/cmd/languages
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"strings"

	"ticketsystem.example/internal/eval"
	"ticketsystem.example/shared/classify"
)

const (
	folder = "testdata/datasets"
	file   = "shared/language/model.base64"
	line   = 120
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "languages:", err)
		os.Exit(1)
	}
}

func run() error {
	all, err := eval.Load(folder, false, eval.Tongues...)
	if err != nil {
		return err
	}
	m, err := classify.Train(all)
	if err != nil {
		return err
	}
	text := base64.StdEncoding.EncodeToString(m.Encode())
	var out strings.Builder
	for len(text) > line {
		out.WriteString(text[:line] + "\n")
		text = text[line:]
	}
	out.WriteString(text + "\n")
	return os.WriteFile(file, []byte(out.String()), 0o644)
}
