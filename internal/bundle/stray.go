package bundle

import (
	"fmt"
	"os/exec"
	"path"
	"slices"
	"strings"
)

// reserved are first elements of paths that mean something else at an archive's root.
var reserved = []string{"shared", "vendor", program, "serverless_function_source_code"}

// proper refuses a file that got into a package by accident, which for embedded folders
// is easy, and one of a function that would lie where the archive has something else.
func proper(f file, atRoot bool) error {
	base := path.Base(f.name)
	backup := strings.HasSuffix(base, "~") || strings.HasPrefix(base, "#") ||
		slices.Contains([]string{".bak", ".orig", ".rej", ".swp", ".tmp"}, path.Ext(base))
	if backup || strings.HasPrefix(base, ".") {
		return fmt.Errorf("it would take %s along, a dot file or an editor's backup: remove or rename it, or embed less", f.origin)
	}
	first, _, nested := strings.Cut(f.name, "/")
	if atRoot && nested && slices.Contains(reserved, first) {
		return fmt.Errorf("it embeds %s, but in an archive %s/ means something else: rename the folder", f.origin, first)
	}
	return nil
}

// notInGit returns the origins of those files that Git does not track, and refuses those
// that it ignores: no other clone has them. A folder whose go.mod is not tracked, such as
// an unpacked copy, has no data of Git's.
func notInGit(root string, files []file) ([]string, error) {
	out, err := git(root, "", "ls-files", "-z", "--cached")
	if err != nil {
		return nil, nil // no Git or no repository: nothing to compare with
	}
	tracked := map[string]bool{}
	for name := range strings.SplitSeq(out, "\x00") {
		tracked[name] = true
	}
	if !tracked["go.mod"] {
		return nil, nil
	}
	var unknown []string
	for _, f := range files {
		if !tracked[f.origin] {
			unknown = append(unknown, f.origin)
		}
	}
	if len(unknown) == 0 {
		return nil, nil
	}
	slices.Sort(unknown)
	// Its exit code 1 says that none is ignored.
	if ignored, err := git(root, strings.Join(unknown, "\x00"), "check-ignore", "-z", "--stdin"); err == nil {
		first, _, _ := strings.Cut(ignored, "\x00")
		return nil, fmt.Errorf("it would take %s along, which Git ignores, so that no other clone has it", first)
	}
	return unknown, nil
}

func git(root, input string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = root
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.Output()
	return string(out), err
}
