package emulator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// binary says where one of Google's emulators may be found.
type binary struct {
	kind     Kind
	variable string // names a jar or an executable
	sdk      string // pattern below the Cloud SDK's root
	download string // pattern below firebase-tools' download folder
	help     string
}

var (
	firestoreBinary = binary{
		kind:     Firestore,
		variable: "FIRESTORE_EMULATOR_BINARY_PATH",
		sdk:      "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar",
		download: "cloud-firestore-emulator-v*.jar",
		help:     "apt-get install google-cloud-cli-firestore-emulator, or gcloud components install cloud-firestore-emulator",
	}
	pubsubBinary = binary{
		kind:     PubSub,
		variable: "PUBSUB_EMULATOR_BINARY_PATH",
		sdk:      "platform/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar",
		download: "pubsub-emulator-*/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar",
		help:     "apt-get install google-cloud-cli-pubsub-emulator, or gcloud components install pubsub-emulator",
	}
)

// findBinary looks in the order of cost: the variable, the Cloud SDK beside the
// gcloud command, what was downloaded before, the Cloud SDK as gcloud itself
// tells (a second or more), and last the download.
func findBinary(ctx context.Context, b binary, say reporter) (string, error) {
	if path := os.Getenv(b.variable); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%s: %w", b.variable, err)
		}
		return path, nil
	}
	if path := newest(sdkBesideCommand(), b.sdk); path != "" {
		return path, nil
	}
	if path := newest(downloads(), b.download); path != "" {
		return path, nil
	}
	if path := newest(sdkAsTold(ctx), b.sdk); path != "" {
		return path, nil
	}
	if err := download(ctx, b.kind, say); err != nil {
		return "", fmt.Errorf("not found (%s, or set %s to its jar) and not downloaded: %w", b.help, b.variable, err)
	}
	if path := newest(downloads(), b.download); path != "" {
		return path, nil
	}
	return "", fmt.Errorf("firebase-tools left no %s in %s", b.download, downloads())
}

// newest is the last match of a pattern below root in the order of names, "" if
// there is none. Versions that grow a digit are few; any of them will do.
func newest(root, pattern string) string {
	if root == "" {
		return ""
	}
	matches, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
	if err != nil || len(matches) == 0 {
		return ""
	}
	return slices.Max(matches)
}

// sdkBesideCommand derives the Cloud SDK's root from where gcloud really lies,
// ROOT/bin/gcloud.
func sdkBesideCommand() string {
	path, err := exec.LookPath("gcloud")
	if err != nil {
		return ""
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return ""
	}
	return filepath.Dir(filepath.Dir(path))
}

// sdkAsTold asks gcloud for the root, for installations whose command is a
// wrapper that lies elsewhere.
func sdkAsTold(ctx context.Context) string {
	told, err := exec.CommandContext(ctx, "gcloud", "info", "--format=value(installation.sdk_root)").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(told))
}

// downloads is the folder that firebase-tools downloads emulators to.
func downloads() string {
	if path := os.Getenv("FIREBASE_EMULATORS_PATH"); path != "" {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".cache", "firebase", "emulators")
}

// findJava prefers JAVA_HOME, as Java's own tools do.
func findJava() (string, error) {
	if home := os.Getenv("JAVA_HOME"); home != "" {
		if path, err := exec.LookPath(filepath.Join(home, "bin", "java")); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath("java")
	if err != nil {
		return "", errors.New("java (11 or later) is neither in JAVA_HOME nor on PATH: apt-get install default-jre-headless")
	}
	return path, nil
}

func findNode() (string, error) {
	path, err := exec.LookPath("node")
	if err != nil {
		return "", errors.New("node (20 or later) is not on PATH: install Node.js, for example apt-get install nodejs npm")
	}
	return path, nil
}
