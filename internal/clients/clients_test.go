package clients

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"ticketsystem.example/internal/contract"
)

// requester is the person of the demo data who uses the clients.
const requester = "uma"

// serve is the address of the twin of the whole API, for one client.
func serve(t *testing.T) string {
	t.Helper()
	twin, err := contract.NewTwin(t.Context(), "../../testdata/seed")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(twin)
	t.Cleanup(server.Close)
	return server.URL
}

// lay copies the files into a new folder.
func lay(t *testing.T, files ...string) string {
	t.Helper()
	folder := t.TempDir()
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(f)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestAClientInTypeScriptIsMadeOfTheDescriptionAndWorks(t *testing.T) {
	installed := modules(t)
	folder := lay(t, "client.ts", "tsconfig.json", description)
	if err := os.Symlink(installed, filepath.Join(folder, "node_modules")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "package.json"), []byte(`{"type": "module"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range [][]string{
		{"node_modules/openapi-typescript/bin/cli.js", "openapi.json", "--output", "api.ts"},
		{"node_modules/typescript/bin/tsc", "--project", "."},
		{"out/client.js", serve(t), requester},
	} {
		if said, err := node(t, folder, step...); err != nil {
			t.Fatalf("%v: %v\n%s", step, err, said)
		}
	}
}

func TestAClientInGoIsMadeOfTheDescriptionAndWorks(t *testing.T) {
	folder := lay(t, "testdata/go/go.mod", "testdata/go/go.sum", "testdata/go/main.go", "testdata/go/config.yaml", description)
	if err := os.Mkdir(filepath.Join(folder, "desk"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, step := range [][]string{
		{"tool", "oapi-codegen", "-config", "config.yaml", "openapi.json"},
		{"run", ".", serve(t), requester},
	} {
		if said, err := run(t, folder, "go", step...); err != nil {
			t.Fatalf("go %v: %v\n%s", step, err, said)
		}
	}
}
