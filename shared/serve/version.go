package serve

import (
	"strconv"
	"strings"

	"ticketsystem.example/shared/fault"
)

// ETag is the strong validator of a version.
func ETag(version int64) string { return `"v` + strconv.FormatInt(version, 10) + `"` }

// Matches reports whether an If-None-Match header names the tag (or anything).
func Matches(header, tag string) bool {
	for _, t := range strings.Split(header, ",") {
		t = strings.TrimPrefix(strings.TrimSpace(t), "W/")
		if t == "*" || t == tag {
			return header != ""
		}
	}
	return false
}

// IfMatch reads an If-Match header: the version that a change expects, 0 for any.
// A header that names no version of ours can't match: it is stale. Without a header a
// change that must have one is refused.
func IfMatch(header string, required bool) (int64, error) {
	header = strings.TrimSpace(header)
	switch {
	case header == "" && required:
		return 0, fault.New(fault.Unconditional, "if_match_missing", "Replacing needs to know what it replaces: send If-Match with the ETag of your last read.")
	case header == "" || header == "*":
		return 0, nil
	}
	digits, ok := strings.CutSuffix(strings.TrimPrefix(header, `"v`), `"`)
	version, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || version < 1 {
		return 0, fault.New(fault.Stale, "stale", "This If-Match is not the ETag of the current version. Read it again, then repeat your change.")
	}
	return version, nil
}
