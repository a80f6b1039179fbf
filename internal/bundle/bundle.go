// Package bundle packs each function of the catalogue into the source archive that is
// uploaded for Cloud Functions, where Google's Go builder makes a server of it.
//
// An archive is a small module of its own: the function's package at the root, the
// shared packages below shared/, go.mod and go.sum. Four ideas:
//
//   - Only what the function compiles goes in. The go command names the files that a
//     build for Linux needs: Go files, embedded files, and those shared packages that the
//     function imports, directly or not. Tests, test data, notes, editor backups and
//     files under a build tag never enter, because nothing collects them. So a change
//     in a shared package redeploys the functions that compile it and no other.
//   - go.mod and go.sum are tidied for the archive. The builder runs "go mod tidy" on
//     whatever it gets; here that is done beforehand, and every version must be the one
//     that a build in the repository uses. So the builder finds nothing to change, a
//     function is built from the versions that were tested, and a library that only
//     another function, a test or a tool needs redeploys nothing.
//   - Same inputs, same bytes. Names are sorted, times and modes are fixed, nothing is
//     compressed: the bytes depend on no clone's folder, clock, umask, platform or
//     version of a compressor.
//   - What the builder would choke on is refused here, in words: package main, an import
//     from outside shared/, a registration that the builder cannot see.
//
// A clone without Git's data gives the same archives. With it, a file that Git ignores is
// refused and one that Git does not know yet is named in Info.
//
// It uploads nothing and compiles nothing; the tests of this package do what the builder
// does, function by function.
package bundle

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ticketsystem.example/functions"
)

// BuildEnvironment is what a function's build needs in its environment, besides its
// target. Without symbol tables a binary is a third smaller; without the build's folder
// in it the same source gives the same binary anywhere.
func BuildEnvironment() map[string]string {
	return map[string]string{"GOOGLE_GOLDFLAGS": "-s -w", "GOFLAGS": "-trimpath"}
}

// Info says what was written.
type Info struct {
	Name      string   // of the function
	SHA256    string   // of the archive, in hex
	Bytes     int64    // of the archive
	Files     []string // names in the archive, in its order
	Untracked []string // files in the archive that Git does not track, by path below root; none without Git's data
}

// Write writes the archive of the function to w once it is complete. root is the
// repository's folder. The error says what to change in the function, or what failed.
func Write(root string, fn functions.Function, w io.Writer) (Info, error) {
	info, err := write(root, fn, w)
	if err != nil {
		return Info{}, fmt.Errorf("bundle: functions/%s: %w", fn.Name, err)
	}
	return info, nil
}

func write(root string, fn functions.Function, w io.Writer) (Info, error) {
	files, module, err := gather(root, fn.Name)
	if err != nil {
		return Info{}, err
	}
	untracked, err := notInGit(root, files)
	if err != nil {
		return Info{}, err
	}
	mod, sum, err := tidied(root, module, files)
	if err != nil {
		return Info{}, err
	}
	files = append(files, file{name: "go.mod", content: mod}, file{name: "go.sum", content: sum})
	info, err := archive(w, files)
	info.Name, info.Untracked = fn.Name, untracked
	return info, err
}

// All writes the archives of the catalogue to dir, which it makes, as NAME.zip. A file
// is replaced whole or not at all.
func All(root, dir string) ([]Info, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	var infos []Info
	for _, fn := range functions.Catalogue {
		info, err := replace(root, fn, filepath.Join(dir, fn.Name+".zip"))
		if err != nil {
			return infos, err
		}
		infos = append(infos, info)
	}
	return infos, nil
}

// replace writes the archive beside path and renames it once it is complete.
func replace(root string, fn functions.Function, path string) (Info, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+fn.Name+"-*")
	if err != nil {
		return Info{}, err
	}
	defer os.Remove(f.Name()) // gone already if the rename worked
	info, err := Write(root, fn, f)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return info, err
}
