package stack

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// Desk runs the operations command (cmd/desk) on the stack and returns what it
// prints. Relative paths in args start at the module's root.
func (s *Stack) Desk(ctx context.Context, args ...string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(s.dir, "bin", desk), args...)
	cmd.Dir = root
	cmd.Env = append(s.Env(), "HOME="+s.dir)
	var said, wrong bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &wrong
	if err := cmd.Run(); err != nil {
		return said.String(), fmt.Errorf("stack: desk %s: %w\n%s", args[0], err, strings.TrimSpace(wrong.String()))
	}
	return said.String(), nil
}

// SeedFolder holds the demo organisation, below the module's root.
const SeedFolder = "testdata/seed"

// Seed fills the stack with the demo organisation. Doing it again changes nothing.
func (s *Stack) Seed(ctx context.Context) error {
	_, err := s.Desk(ctx, "seed", "-write", "-from", SeedFolder)
	return err
}
