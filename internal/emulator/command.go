package emulator

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// javaFlags make a JVM that starts fast and stays small: one compiler instead of
// two, one collector thread, English messages (some are compared with).
var javaFlags = []string{"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Duser.language=en"}

// readyPath answers 200 when an emulator of the kind is ready.
func readyPath(kind Kind) string {
	if kind == Storage {
		return "/_internal/healthcheck"
	}
	return "/"
}

// command builds the command that runs an emulator, after having installed what
// is missing for it.
func (s *Suite) command(ctx context.Context, kind Kind) (*exec.Cmd, error) {
	host, port, err := net.SplitHostPort(*s.address(kind))
	if err != nil {
		return nil, fmt.Errorf("it is no part of this suite")
	}
	switch kind {
	case Firestore:
		return s.firestoreCommand(ctx, host, port)
	case PubSub:
		return s.pubsubCommand(ctx, host, port)
	case Auth:
		return s.authCommand(ctx, host, port)
	default:
		return s.storageCommand(ctx, host, port)
	}
}

func (s *Suite) firestoreCommand(ctx context.Context, host, port string) (*exec.Cmd, error) {
	binary, err := findBinary(ctx, firestoreBinary, s.say)
	if err != nil {
		return nil, err
	}
	args := []string{"--host=" + host, "--port=" + port}
	if s.options.Rules != "" {
		rules, err := filepath.Abs(s.options.Rules)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(rules); err != nil {
			return nil, fmt.Errorf("its rules: %w", err)
		}
		args = append(args, "--rules="+rules)
	}
	// The Cloud SDK's jar names no main class, so it is named here.
	return javaCommand(binary, "-Xmx"+cmp.Or(s.options.Heap, "512m"),
		[]string{"-cp", binary, "com.google.cloud.datastore.emulator.firestore.CloudFirestore"}, args)
}

func (s *Suite) pubsubCommand(ctx context.Context, host, port string) (*exec.Cmd, error) {
	binary, err := findBinary(ctx, pubsubBinary, s.say)
	if err != nil {
		return nil, err
	}
	return javaCommand(binary, "-Xmx256m", []string{"-jar", binary}, []string{"--host=" + host, "--port=" + port})
}

// javaCommand runs a jar on Java, and any other binary by itself.
func javaCommand(binary, heap string, program, args []string) (*exec.Cmd, error) {
	if !strings.HasSuffix(binary, ".jar") {
		return exec.Command(binary, args...), nil
	}
	java, err := findJava()
	if err != nil {
		return nil, err
	}
	all := append(append([]string{heap}, javaFlags...), program...)
	return exec.Command(java, append(all, args...)...), nil
}

func (s *Suite) authCommand(ctx context.Context, host, port string) (*exec.Cmd, error) {
	node, err := findNode()
	if err != nil {
		return nil, err
	}
	scripts, err := installAuth(ctx, s.say)
	if err != nil {
		return nil, err
	}
	command := exec.Command(node, filepath.Join(scripts, "auth.cjs"), host, port, s.Project)
	command.Env = append(os.Environ(), quietNode...)
	return command, nil
}

func (s *Suite) storageCommand(ctx context.Context, host, port string) (*exec.Cmd, error) {
	program, err := installStorage(ctx, s.say)
	if err != nil {
		return nil, err
	}
	args := []string{"-addr=" + net.JoinHostPort(host, port), "-signer=" + s.signer.Account}
	if s.options.Data != "" {
		args = append(args, "-data="+filepath.Join(s.options.Data, string(Storage)))
	}
	command := exec.Command(program, args...)
	command.Env = append(os.Environ(), s.signer.env()...)
	if s.PubSub != "" {
		command.Env = append(command.Env, hostVariable[PubSub]+"="+s.PubSub)
	}
	return command, nil
}
