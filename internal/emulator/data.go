package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
)

// openData makes the data folder this suite's own until it stops.
func (s *Suite) openData() error {
	if s.options.Data == "" {
		return nil
	}
	dir, err := filepath.Abs(s.options.Data)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("emulator: data folder: %w", err)
	}
	unlock, err := tryLock(filepath.Join(dir, ".lock"))
	if err != nil {
		return fmt.Errorf("emulator: data folder %s: in use by another suite? %w", dir, err)
	}
	s.options.Data = dir
	s.release = append(s.release, unlock)
	if len(s.options.Databases) == 0 {
		s.options.Databases = []string{"(default)"}
	}
	return nil
}

// keeper writes one emulator's state to a folder and reads it back.
type keeper struct {
	save, load func(ctx context.Context, s *Suite, dir string) error
}

// keepers holds the emulators that keep state in memory only.
var keepers = map[Kind]keeper{
	Firestore: {saveFirestore, loadFirestore},
	Auth:      {saveAuth, loadAuth},
}

// saveAll writes the state of every running emulator that can't do so itself.
func (s *Suite) saveAll(ctx context.Context) error {
	if s.options.Data == "" {
		return nil
	}
	var failures []error
	for kind, keeper := range keepers {
		running, err := s.find(kind)
		if err != nil {
			continue // it ended before: what was kept last stays
		}
		if err := running.signal(syscall.SIGCONT); err != nil {
			continue
		}
		if err := s.save(ctx, kind, keeper); err != nil {
			failures = append(failures, fmt.Errorf("emulator: keeping the data of %s: %w", kind, err))
		}
	}
	return errors.Join(failures...)
}

// save writes to a new folder and then swaps it for the old one, so that there
// is always a whole one.
func (s *Suite) save(ctx context.Context, kind Kind, k keeper) error {
	dir := filepath.Join(s.options.Data, string(kind))
	fresh, old := dir+".new", dir+".old"
	if err := errors.Join(os.RemoveAll(fresh), os.Mkdir(fresh, 0o755)); err != nil {
		return err
	}
	if err := k.save(ctx, s, fresh); err != nil {
		return err
	}
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(fresh, dir); err != nil {
		return err
	}
	return os.RemoveAll(old)
}

// load brings the kept state of an emulator back, if there is any.
func (s *Suite) load(ctx context.Context, kind Kind) error {
	k, ok := keepers[kind]
	if !ok || s.options.Data == "" {
		return nil
	}
	dir := filepath.Join(s.options.Data, string(kind))
	if !isDir(dir) {
		dir += ".old" // a swap that was cut short
	}
	if !isDir(dir) {
		return nil
	}
	if err := k.load(ctx, s, dir); err != nil {
		return fmt.Errorf("reading the kept data in %s: %w", dir, err)
	}
	return nil
}

func saveFirestore(ctx context.Context, s *Suite, dir string) error {
	for _, database := range s.options.Databases {
		err := s.call(ctx, http.MethodPost, s.Firestore, "/emulator/v1/projects/"+s.Project+":export", map[string]string{
			"database":         "projects/" + s.Project + "/databases/" + database,
			"export_directory": dir,
			"export_name":      url.PathEscape(database),
		}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

func loadFirestore(ctx context.Context, s *Suite, dir string) error {
	for _, database := range s.options.Databases {
		name := url.PathEscape(database)
		metadata := filepath.Join(dir, name, name+".overall_export_metadata")
		if _, err := os.Stat(metadata); errors.Is(err, os.ErrNotExist) {
			continue
		}
		err := s.call(ctx, http.MethodPost, s.Firestore, "/emulator/v1/projects/"+s.Project+":import", map[string]string{
			"database":         "projects/" + s.Project + "/databases/" + database,
			"export_directory": metadata, // so called, but it is the file that it wants
		}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// call makes one request to an emulator as its owner, with JSON both ways.
func (s *Suite) call(ctx context.Context, method, address, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+address+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer owner")
	request.Header.Set("Content-Type", "application/json")
	answer, err := caller.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, content)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(content, out)
}

// caller is for requests that may take long.
var caller = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, Proxy: nil}}
