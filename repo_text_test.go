package ticketsystem

import (
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// foreign are texts by others, or no texts: rules about words spare them.
func (f file) foreign() bool {
	return f.below("testdata/seed") || strings.Contains(f.text, "\x00") || slices.Contains([]string{"go.sum", "package-lock.json"}, path.Base(f.path))
}

// forbid fails for each line of a file of ours that matches.
func forbid(t *testing.T, all []file, pattern, why string) {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for _, f := range all {
		if at := re.FindStringIndex(f.text); at != nil {
			t.Errorf("%s:%d: %q: %s", f.path, 1+strings.Count(f.text[:at[0]], "\n"), f.text[at[0]:at[1]], why)
		}
	}
}

func own(t *testing.T) []file {
	t.Helper()
	return slices.DeleteFunc(files(t), file.foreign)
}

// The patterns are written so that they don't match themselves.

func TestNothingIsLeftUnfinished(t *testing.T) {
	forbid(t, own(t), `\b(TO[D]O|FIX[M]E|XX[X]|HAC[K])\b`, "finish it, or write it down where work is planned")
}

func TestNoRegistryIsNamed(t *testing.T) {
	forbid(t, files(t), `proxy\.golang[.]org|sum\.golang[.]org|registry\.npmjs[.]org|registry\.yarnpkg[.]com|(deb|security)\.debian[.]org`,
		"each machine knows its own registries; lock files carry checksums, not addresses")
}

func TestNoPathOfSomebodysMachineIsNamed(t *testing.T) {
	forbid(t, own(t), `(^|[\s"'(=:`+"`"+`])/(home|root|wor[k]|Users)/`, "it is there on one machine only")
}

func TestNothingLargeOrBuiltIsKept(t *testing.T) {
	for _, f := range files(t) {
		if len(f.text) > 1<<20 || strings.Contains(f.text, "\x00") {
			t.Errorf("%s (%d KiB) is built or too large; keep what makes it instead", f.path, len(f.text)>>10)
		}
	}
}

func TestTextEndsInANewlineAndLinesInNoSpace(t *testing.T) {
	for _, f := range own(t) {
		if f.text != "" && !strings.HasSuffix(f.text, "\n") {
			t.Errorf("%s doesn't end in a newline", f.path)
		}
		if strings.Contains(f.text, "\r\n") {
			t.Errorf("%s has line ends of another system", f.path)
		}
	}
	forbid(t, own(t), `(?m)[ \t]+$`, "space at the end of a line")
}

var (
	fenced = regexp.MustCompile("(?ms)^```.*?^```$")
	coded  = regexp.MustCompile("`[^`\n]*`")
	linked = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headed = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	dashed = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

func TestLinksInDocumentsLeadSomewhere(t *testing.T) {
	for _, f := range files(t, ".md") {
		text := coded.ReplaceAllString(fenced.ReplaceAllString(f.text, ""), "")
		for _, m := range linked.FindAllStringSubmatch(text, -1) {
			if to := m[1]; !regexp.MustCompile(`^(https?|mailto):`).MatchString(to) && !leads(f, to) {
				t.Errorf("%s: the link to %s leads nowhere", f.path, to)
			}
		}
	}
}

// leads reports whether a link in f is that of a file in the repository, and of a
// heading in it.
func leads(f file, to string) bool {
	to, err := url.PathUnescape(to)
	if err != nil {
		return false
	}
	name, heading, _ := strings.Cut(to, "#")
	target := f.path
	if name != "" {
		target = path.Join(path.Dir(f.path), name)
	}
	if strings.HasPrefix(target, "..") {
		return false
	}
	if _, err := os.Stat(target); err != nil {
		return false
	}
	if heading == "" {
		return true
	}
	data, err := os.ReadFile(target)
	return err == nil && slices.Contains(headings(string(data)), heading)
}

// headings are the anchors of a document, as its readers make them.
func headings(text string) []string {
	var out []string
	for _, m := range headed.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		plain := dashed.ReplaceAllString(strings.ToLower(m[1]), "")
		out = append(out, strings.ReplaceAll(plain, " ", "-"))
	}
	return out
}
