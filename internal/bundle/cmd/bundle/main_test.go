package main

import (
	"strings"
	"testing"

	"ticketsystem.example/internal/bundle"
)

var infos = []bundle.Info{
	{Name: "tickets", SHA256: "aa11", Bytes: 2048, Files: []string{"a.go", "go.mod"}, Untracked: []string{"shared/new.go", "functions/tickets/a.go"}},
	{Name: "web", SHA256: "bb22", Bytes: 512, Files: []string{"b.go"}, Untracked: []string{"shared/new.go"}},
}

func TestTheTableHasALineForEachFunction(t *testing.T) {
	var out strings.Builder
	if err := table(&out, infos); err != nil {
		t.Fatal(err)
	}
	want := "function  files  KiB  sha256\n" +
		"tickets   2      2.0  aa11\n" +
		"web       1      0.5  bb22\n"
	if out.String() != want {
		t.Errorf("the table is\n%swant\n%s", out.String(), want)
	}
}

func TestAFileThatIsNotInGitIsNamedOnceWithItsFunctions(t *testing.T) {
	var out strings.Builder
	warn(&out, infos)
	want := "not in Git yet: shared/new.go (in: tickets web)\nnot in Git yet: functions/tickets/a.go (in: tickets)\n"
	if out.String() != want {
		t.Errorf("it says\n%swant\n%s", out.String(), want)
	}
}
