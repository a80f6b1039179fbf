package bundle

import (
	"strings"
	"testing"
)

func TestAVersionThatTheRepositoryDoesNotUseIsRefused(t *testing.T) {
	t.Parallel()
	const lib = "module example.com/lib\n\ngo 1.26.0\n"
	root := t.TempDir()
	if err := unpack(root, []file{
		{name: "go.mod", content: []byte("module example.com/all\n\ngo 1.26.0\n\nrequire example.com/lib v1.2.0\n\nreplace example.com/lib => ./lib\n")},
		{name: "lib/go.mod", content: []byte(lib)},
	}); err != nil {
		t.Fatal(err)
	}
	for version, ok := range map[string]bool{"v1.2.0": true, "v1.3.0": false, "v1.1.0": false} {
		dir := t.TempDir()
		mod := "module example.com/all\n\ngo 1.26.0\n\nrequire example.com/lib " + version + "\n"
		if err := unpack(dir, []file{{name: "go.mod", content: []byte(mod)}}); err != nil {
			t.Fatal(err)
		}
		err := sameVersions(root, dir)
		if ok && err != nil {
			t.Errorf("%s is refused: %v", version, err)
		}
		if !ok && (err == nil || !strings.Contains(err.Error(), "it needs example.com/lib "+version)) {
			t.Errorf("%s: the error is %v", version, err)
		}
	}
}
