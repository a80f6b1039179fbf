package emulator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// reporter takes a line about progress, in the manner of fmt.Printf.
type reporter func(format string, values ...any)

// cacheDir is where installed emulators are kept, shared by all checkouts and
// processes of this user.
func cacheDir() (string, error) {
	dir := os.Getenv("TICKETSYSTEM_CACHE")
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no folder to install to, set TICKETSYSTEM_CACHE: %w", err)
		}
		dir = filepath.Join(base, "ticketsystem")
	}
	return filepath.Abs(dir)
}

// install returns the folder of what is made from sources, and calls fill to
// make it if it isn't there. The folder's name holds a hash of the sources, so that a change
// makes a new one. It appears whole or not at all, and of several processes that
// miss it one makes it while the others wait.
func install(ctx context.Context, name string, sources []string, say reporter, fill func(dir string) error) (string, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	sum, err := hashFiles(sources)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, name+"-"+sum)
	if isDir(dir) {
		return dir, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	unlock, err := lockFile(ctx, filepath.Join(cache, name+".lock"), func() {
		say("%s: waiting for another process that installs it", name)
	})
	if err != nil {
		return "", err
	}
	defer unlock()
	if isDir(dir) {
		return dir, nil
	}
	began := time.Now()
	unfinished := dir + ".unfinished" // left by one that was killed, perhaps
	if err := os.RemoveAll(unfinished); err != nil {
		return "", err
	}
	if err := os.Mkdir(unfinished, 0o755); err != nil {
		return "", err
	}
	if err := fill(unfinished); err != nil {
		return "", errors.Join(err, os.RemoveAll(unfinished))
	}
	say("%s: installed in %.0f s", name, time.Since(began).Seconds())
	return dir, os.Rename(unfinished, dir)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// hashFiles is a short hash of the files below paths, names and contents; tests
// are left out.
func hashFiles(paths []string) (string, error) {
	sum := sha256.New()
	for _, path := range paths {
		err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(file, "_test.go") {
				return err
			}
			content, err := os.ReadFile(file)
			fmt.Fprintf(sum, "%s %d\n", filepath.Base(file), len(content))
			sum.Write(content)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:12], nil
}

// lockFile takes an exclusive lock that other processes, and other callers in
// this one, respect; the kernel gives it back if this process dies. waiting is
// called once if somebody else holds it.
func lockFile(ctx context.Context, path string, waiting func()) (unlock func(), err error) {
	for asked := false; ; asked = true {
		unlock, err := tryLock(path)
		if err == nil || !errors.Is(err, syscall.EWOULDBLOCK) {
			return unlock, err
		}
		if !asked {
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// tryLock is lockFile without waiting: EWOULDBLOCK when the lock is held.
func tryLock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() { _ = file.Close() }, nil
}
