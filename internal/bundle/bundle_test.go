package bundle_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var longAgo = time.Date(2001, 9, 9, 1, 46, 40, 0, time.UTC)

func TestAnArchiveHoldsWhatTheFunctionCompilesAndNothingElse(t *testing.T) {
	t.Parallel()
	archive, info := pack(t, sample(t), "hello")
	var names []string
	for _, f := range opened(t, archive) {
		names = append(names, f.Name)
	}
	want := []string{
		"go.mod", "go.sum", "hello.go", "shared/greet/greet.go", "shared/name/name.go", "words/de.txt", "words/en.txt",
	}
	if !slices.Equal(names, want) {
		t.Errorf("the archive holds %q, want %q", names, want)
	}
	sum := sha256.Sum256(archive)
	if info.Name != "hello" || info.SHA256 != hex.EncodeToString(sum[:]) || info.Bytes != int64(len(archive)) || !slices.Equal(info.Files, want) {
		t.Errorf("Info is %+v, but the archive has %d bytes and SHA-256 %x", info, len(archive), sum)
	}
}

func TestEveryEntryIsAPlainFileOfTheSameAgeThatReadersOfStreamsAccept(t *testing.T) {
	t.Parallel()
	archive, _ := pack(t, sample(t), "hello")
	const sizesFollow = 1 << 3
	for _, f := range opened(t, archive) {
		if f.Mode() != 0o644 || f.Method != zip.Store || f.Flags&sizesFollow != 0 {
			t.Errorf("%s has mode %v, method %d, flags %b", f.Name, f.Mode(), f.Method, f.Flags)
		}
		if day := f.Modified.Format(time.DateTime); day != "1980-01-01 00:00:00" {
			t.Errorf("%s is of %s", f.Name, day)
		}
	}
}

func TestTheModuleRequiresOnlyWhatTheFunctionNeeds(t *testing.T) {
	t.Parallel()
	root := sample(t)
	archive, _ := pack(t, root, "hello")
	const unneeded, needed = "firebase.google.com/go/v4", "github.com/GoogleCloudPlatform/functions-framework-go"
	all := read(t, filepath.Join(root, "go.mod"))
	if !strings.Contains(all, unneeded) || !strings.Contains(all, needed) {
		t.Fatalf("the repository's go.mod no longer names %s and %s", unneeded, needed)
	}
	if mod := inside(t, archive, "go.mod"); strings.Contains(mod, unneeded) || !strings.Contains(mod, needed) {
		t.Errorf("the archive's go.mod is\n%s", mod)
	}
	if sum := inside(t, archive, "go.sum"); strings.Contains(sum, unneeded) || !strings.Contains(sum, needed) {
		t.Errorf("the archive's go.sum is\n%s", sum)
	}
	if read(t, filepath.Join(root, "go.mod")) != all {
		t.Error("the repository's go.mod was changed")
	}
}

func TestStrayFilesAndOtherSettingsChangeNothing(t *testing.T) {
	root := sample(t)
	want, _ := pack(t, root, "hello")
	for _, stray := range []string{
		"functions/hello/README.md", "functions/hello/.env", "functions/hello/hello.go~", "functions/hello/.#hello.go",
		"functions/hello/testdata/one.json", "functions/hello/words/.DS_Store", "shared/greet/#greet.go#", "shared/.gitkeep",
	} {
		put(t, root, stray, "stray")
	}
	age(t, root)
	t.Setenv("GOFLAGS", "-tags=windows,ignore")
	t.Setenv("GOOS", "windows")
	t.Setenv("GOARCH", "arm64")
	if got, info := pack(t, root, "hello"); !bytes.Equal(got, want) {
		t.Errorf("the archive changed; it holds %q", info.Files)
	}
}

func TestAChangeReachesOnlyTheFunctionsThatCompileIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file, old, new string
		hello, bye           bool // whether the archive changes
	}{
		{"a function", "functions/hello/hello.go", "no such language", "unknown language", true, false},
		{"an embedded file", "functions/hello/words/en.txt", "hello", "good day", true, false},
		{"a shared package of one function", "shared/greet/greet.go", "greets", "says it", true, false},
		{"a shared package of both", "shared/name/name.go", "Ada", "Nora", true, true},
		{"a shared package of none", "shared/unused/unused.go", "unused is", "idle is", false, false},
		{"a test", "shared/greet/greet_test.go", "greet", "greet_test", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := sample(t)
			hello, _ := pack(t, root, "hello")
			bye, _ := pack(t, root, "bye")
			before := read(t, filepath.Join(root, c.file))
			if !strings.Contains(before, c.old) {
				t.Fatalf("%s has no %q", c.file, c.old)
			}
			put(t, root, c.file, strings.ReplaceAll(before, c.old, c.new))
			if now, _ := pack(t, root, "hello"); bytes.Equal(now, hello) == c.hello {
				t.Errorf("hello changed: %t", !c.hello)
			}
			if now, _ := pack(t, root, "bye"); bytes.Equal(now, bye) == c.bye {
				t.Errorf("bye changed: %t", !c.bye)
			}
		})
	}
}

func TestALibraryThatNoFunctionNeedsChangesNothing(t *testing.T) {
	t.Parallel()
	root := sample(t)
	want, _ := pack(t, root, "hello")
	var less strings.Builder
	all := read(t, filepath.Join(root, "go.mod"))
	for line := range strings.Lines(all) {
		if !strings.HasPrefix(line, "\tpgregory.net/rapid ") {
			less.WriteString(line)
		}
	}
	if less.Len() == len(all) {
		t.Fatal("the repository's go.mod no longer names pgregory.net/rapid")
	}
	put(t, root, "go.mod", less.String())
	if got, _ := pack(t, root, "hello"); !bytes.Equal(got, want) {
		t.Error("the archive changed")
	}
}
