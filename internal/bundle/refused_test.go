package bundle_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ticketsystem.example/functions"
	"ticketsystem.example/internal/bundle"
)

// edit is a change to the sample: a file, and what replaces what in it. With old ""
// the file is new.
type edit struct{ file, old, new string }

const helloFile, lastImport = "functions/hello/hello.go", "\"ticketsystem.example/shared/greet\"\n"

func TestWhatGooglesBuilderWouldChokeOnIsRefusedInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		edit edit
		says string
	}{
		{"two packages in a folder", edit{"functions/hello/other.go", "", "package other\n"}, "found packages hello (hello.go) and other (other.go)"},
		{"a program", edit{"functions/bye/bye.go", "package bye", "package main"}, "package main, but the builder adds the program itself"},
		{"something of internal", edit{helloFile, lastImport, lastImport + "_ \"ticketsystem.example/internal/tool\"\n"},
			"functions/hello imports internal/tool, but only packages in shared/ go along"},
		{"another function", edit{helloFile, lastImport, lastImport + "_ \"ticketsystem.example/functions/bye\"\n"},
			"functions/hello imports functions/bye, but only"},
		{"shared code that needs internal", edit{"shared/name/name.go", "package name\n", "package name\nimport _ \"ticketsystem.example/internal/tool\"\n"},
			"shared/name imports internal/tool, but only"},
		{"a registration by others", edit{"functions/bye/bye.go", "\"github.com/GoogleCloudPlatform/functions-framework-go/functions\"", "functions \"net/http/httptest\""},
			"functions/bye: it does not import github.com/GoogleCloudPlatform/functions-framework-go/functions itself"},
		{"an editor's backup", edit{"functions/hello/words/en.txt~", "", "helo"}, "it would take functions/hello/words/en.txt~ along"},
		{"a merge's leftover", edit{"functions/hello/words/en.txt.orig", "", "helo"}, "it would take functions/hello/words/en.txt.orig along"},
		{"a dot file", edit{helloFile, "embed words", "embed all:words"}, "it would take functions/hello/words/.hidden along"},
		{"a folder called shared", edit{helloFile, "embed words", "embed words shared"}, "it embeds functions/hello/shared/extra.txt"},
		{"a path without a dot", edit{"go.mod", "module ticketsystem.example", "module tickets"}, "needs a dot"},
		{"a library without a version", edit{"go.mod", "\tgithub.com/cloudevents/sdk-go/v2 v2.15.2", "\t// gone:"}, "go mod tidy"},
		{"code that does not parse", edit{helloFile, "package hello", "package"}, "expected 'IDENT', found 'import'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := sample(t)
			put(t, root, "functions/hello/words/.hidden", "embedded if asked for")
			put(t, root, "functions/hello/shared/extra.txt", "embedded if asked for")
			apply(t, root, c.edit)
			name := "hello"
			if strings.HasPrefix(c.edit.file, "functions/bye/") {
				name = "bye"
			}
			_, err := bundle.Write(root, functions.Function{Name: name}, io.Discard)
			if err == nil || !strings.HasPrefix(err.Error(), "bundle: functions/"+name+": ") || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error is %v, want one that says %q", err, c.says)
			}
		})
	}
}

// apply changes the sample. A module's new path goes into every file, as it would.
func apply(t *testing.T, root string, e edit) {
	t.Helper()
	if e.old == "" {
		put(t, root, e.file, e.new)
		return
	}
	before := read(t, filepath.Join(root, e.file))
	if !strings.Contains(before, e.old) {
		t.Fatalf("%s has no %q", e.file, e.old)
	}
	put(t, root, e.file, strings.ReplaceAll(before, e.old, e.new))
	if path, ok := strings.CutPrefix(e.new, "module "); ok {
		for _, file := range []string{helloFile, "shared/greet/greet.go"} {
			put(t, root, file, strings.ReplaceAll(read(t, filepath.Join(root, file)), "ticketsystem.example", path))
		}
	}
}

func TestAFunctionWithoutAFolderIsRefusedAndLeavesNoFile(t *testing.T) {
	t.Parallel()
	root, dir := sample(t), t.TempDir()
	if _, err := bundle.All(root, dir); err == nil || !strings.Contains(err.Error(), "functions/"+functions.Catalogue[0].Name) {
		t.Errorf("the error is %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestGitsDataNameWhatIsNotCommittedAndRefuseWhatIsIgnored(t *testing.T) {
	t.Parallel()
	root := sample(t)
	want, info := pack(t, root, "hello")
	if len(info.Untracked) > 0 {
		t.Errorf("without Git, untracked: %q", info.Untracked)
	}
	put(t, root, ".gitignore", "*.secret\n")
	git(t, root, "init", "--quiet")
	git(t, root, "add", "go.mod", "go.sum", "functions", "shared/name")

	got, info := pack(t, root, "hello")
	if !slices.Equal(info.Untracked, []string{"shared/greet/greet.go"}) {
		t.Errorf("untracked: %q", info.Untracked)
	}
	if string(got) != string(want) {
		t.Error("Git's data changed the archive")
	}
	git(t, root, "add", "shared")
	if _, info = pack(t, root, "hello"); len(info.Untracked) > 0 {
		t.Errorf("untracked though added: %q", info.Untracked)
	}
	put(t, root, "functions/hello/words/key.secret", "s")
	_, err := bundle.Write(root, functions.Function{Name: "hello"}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "functions/hello/words/key.secret along, which Git ignores") {
		t.Errorf("the error is %v", err)
	}
}

func git(t *testing.T, root string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", args[0], err, out)
	}
}
