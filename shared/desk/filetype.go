package desk

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"ticketsystem.example/shared/blob"
	"ticketsystem.example/shared/fault"
)

// FileTypes are the media types that may be attached, each with the endings that names of
// such files have. The ending counts because that is what a reader's computer goes by.
type FileTypes map[string][]string

// DefaultFileTypes are what an organisation takes unless its stack says otherwise: nothing
// that a browser or a shell runs, and no archives, whose content nobody sees.
var DefaultFileTypes = must(ParseFileTypes(`
	image/png=.png image/jpeg=.jpg.jpeg.jfif image/gif=.gif image/webp=.webp application/pdf=.pdf
	text/plain=.txt.log.md text/csv=.csv message/rfc822=.eml
	application/vnd.openxmlformats-officedocument.wordprocessingml.document=.docx
	application/vnd.openxmlformats-officedocument.spreadsheetml.sheet=.xlsx
	application/vnd.openxmlformats-officedocument.presentationml.presentation=.pptx
	application/vnd.oasis.opendocument.text=.odt application/vnd.oasis.opendocument.spreadsheet=.ods application/vnd.oasis.opendocument.presentation=.odp
`))

func must(t FileTypes, err error) FileTypes {
	if err != nil {
		panic(err) // a mistake in the text above
	}
	return t
}

// active are types that run or load something where they are shown; no stack may allow them.
var active = []string{"text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml", "text/javascript", "application/javascript",
	"application/x-msdownload", "application/vnd.microsoft.portable-executable", "application/x-sh", "application/x-executable", "application/x-elf"}

// ParseFileTypes reads "image/png=.png text/plain=.txt.log".
func ParseFileTypes(text string) (FileTypes, error) {
	out := FileTypes{}
	for _, one := range strings.Fields(text) {
		kind, endings, _ := strings.Cut(one, "=")
		list := strings.Split(strings.ToLower(endings), ".")
		if blob.ParseType(kind) != kind || list[0] != "" || len(list) < 2 || slices.Contains(list[1:], "") {
			return nil, fmt.Errorf("%q is no type with its endings, such as image/jpeg=.jpg.jpeg", one)
		}
		if contains(active, kind) {
			return nil, fmt.Errorf("%s runs where it is shown, so it can't be attached", kind)
		}
		for _, e := range list[1:] {
			out[kind] = append(out[kind], "."+e)
		}
	}
	return out, nil
}

// fileTypes are the desk's.
func (d *Desk) fileTypes() FileTypes {
	if d.FileTypes == nil {
		return DefaultFileTypes
	}
	return d.FileTypes
}

// check tidies a file's name, and refuses one that misleads or that its type doesn't have.
func (t FileTypes) check(name, kind string) (string, error) {
	name, err := Text("name", name, 1, MaxFileName, false)
	if err != nil {
		return "", err
	}
	if strings.ContainsAny(name, `/\`) || strings.ContainsFunc(name, misleads) || strings.Trim(name, ".") == "" {
		return "", fault.Bad("name", "This is not the name of a file.")
	}
	endings, ok := t[kind]
	if !ok {
		return "", fault.Bad("type", "Files of this type can't be attached.")
	}
	if !slices.Contains(endings, strings.ToLower(path.Ext(name))) {
		return "", fault.Bad("name", "The name of a file of this type ends in %s.", strings.Join(endings, " or "))
	}
	return name, nil
}

// misleads reports whether a character makes a name look like another: it is not seen, or
// it turns the direction of what follows. Two unseen ones are how some scripts are written.
func misleads(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return unicode.Is(unicode.Cf, r) && r != nonJoiner && r != joiner
}

// presented is the type that a file is downloaded as: its own only if a browser shows it
// without running any of it.
func presented(kind string) string {
	switch kind {
	case "image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf":
		return kind
	}
	return "application/octet-stream"
}
