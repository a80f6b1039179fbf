// Command eval judges the learned router on public data and compares its figures with
// those kept in docs/routing.md; they are the same each time.
//
//	go run ./internal/eval/cmd/eval            # prints them; fails if they differ
//	go run ./internal/eval/cmd/eval -write     # keeps them
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"ticketsystem.example/internal/eval"
	"ticketsystem.example/shared/classify"
)

const (
	folder = "testdata/datasets"
	page   = "docs/routing.md"
	begin  = "<!-- figures, written by make eval -->\n"
	end    = "<!-- end of figures -->"
)

func main() {
	write := flag.Bool("write", false, "keep the figures in "+page)
	flag.Parse()
	if err := run(*write); err != nil {
		fmt.Fprintln(os.Stderr, "eval:", err)
		os.Exit(1)
	}
}

func run(write bool) error {
	now, err := measure()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	head, rest, ok := strings.Cut(string(text), begin)
	kept, tail, okay := strings.Cut(rest, end)
	if !ok || !okay {
		return fmt.Errorf("%s has no place for figures", page)
	}
	if write {
		return os.WriteFile(page, []byte(head+begin+now+end+tail), 0o644)
	}
	if kept != now {
		return fmt.Errorf("the figures in %s are others; keep these with -write if they are better:\n%s", page, kept)
	}
	return nil
}

// measure prints each row as soon as it is known.
func measure() (string, error) {
	var out strings.Builder
	say := func(line string) {
		fmt.Println(line)
		out.WriteString(line + "\n")
	}
	say("| data | texts | labels | majority % | right % | sure % | right when sure % | calibration error | outside left to people % | file KiB |")
	say("|---|---|---|---|---|---|---|---|---|---|")
	for _, s := range sets {
		f, err := s.judge()
		if err != nil {
			return "", err
		}
		say(f.Row())
	}
	pairs, sentences, err := eval.Languages(folder)
	if err != nil {
		return "", err
	}
	say(pairs.Row())
	say(sentences.Row())
	return out.String(), nil
}

// set is one way to judge.
type set struct {
	name           string
	domain         bool
	known          []string
	asked, outside string // cross-validation without
}

var sets = []set{
	{name: "ITSD, topics of IT e-mails", known: []string{"itsd"}},
	{name: "CFPB-4, long complaints", known: []string{"cfpb4-1", "cfpb4-2"}},
	{name: "BANKING77, ten of each", known: []string{"banking77-10"}, asked: "banking77"},
	{name: "BANKING77", known: []string{"banking77"}},
	{name: "CLINC150, domains", known: []string{"clinc150"}, asked: "clinc150-check", domain: true},
	{name: "CLINC150", known: []string{"clinc150"}, asked: "clinc150-check", outside: "clinc150-outside"},
}

func (s set) judge() (eval.Figures, error) {
	known, err := eval.Load(folder, s.domain, s.known...)
	if err != nil || s.asked == "" {
		if err != nil {
			return eval.Figures{}, err
		}
		return eval.Cross(s.name, known)
	}
	asked, err := eval.Load(folder, s.domain, s.asked)
	if err != nil {
		return eval.Figures{}, err
	}
	var outside []classify.Example
	if s.outside != "" {
		if outside, err = eval.Load(folder, false, s.outside); err != nil {
			return eval.Figures{}, err
		}
	}
	return eval.Held(s.name, known, asked, outside)
}
