package emulator

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Packages returns a folder whose node_modules holds what folder's package.json and
// package-lock.json name, for other tests that need programs for Node. Like the
// emulators they are installed once, into the cache folder as name, and shared by all
// checkouts. Progress is told in one line what happens.
func Packages(ctx context.Context, name, folder string, progress func(line string)) (string, error) {
	say := func(format string, values ...any) { progress(fmt.Sprintf(format, values...)) }
	files := []string{filepath.Join(folder, "package.json"), filepath.Join(folder, "package-lock.json")}
	return install(ctx, name, files, say, func(dir string) error {
		say("%s: installing with npm, once", name)
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), content, 0o644); err != nil {
				return err
			}
		}
		return installPackages(ctx, dir)
	})
}

// installPackages installs what the package-lock.json in dir names. Scripts and
// optional packages are left out: one of them compiles for ten minutes, none of them
// is needed.
func installPackages(ctx context.Context, dir string) error {
	return runTool(ctx, dir, "npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error")
}
