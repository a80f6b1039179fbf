package unpack

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean is a text as it can be kept: no broken or unseen characters, no more than two line
// breaks in a row.
func clean(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\ufeff", "").Replace(s)
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == utf8.RuneError:
			return '?'
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRightFunc(lines[i], unicode.IsSpace)
	}
	return strings.TrimSpace(gaps.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"))
}

var gaps = regexp.MustCompile(`\n{3,}`)

// line is a text of a header as it can be kept: one line, nothing that turns its direction.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, clean(s))
	return strings.Join(strings.Fields(s), " ")
}

// garbled reports whether a text is mostly what could not be decoded.
func garbled(s string) bool {
	if len(s) < 20 {
		return false
	}
	bad, all := 0, 0
	for _, r := range s {
		if unicode.IsSpace(r) {
			continue
		}
		if all++; r == '?' || unicode.Is(unicode.Co, r) || !unicode.IsPrint(r) && !unicode.Is(unicode.Cf, r) {
			bad++
		}
	}
	return bad*3 > all
}

// What begins the message that is answered: a line that introduces it, a divider, or the
// head that Outlook repeats.
var (
	introduction = regexp.MustCompile(`(?i)(wrote|writes|schrieb|a écrit|escribió|ha scritto|schreef|skrev|napisał|yazdı|şunları yazdı|كتب|כתב|написал)[^\n]{0,120}[:：]?\s*$|^(on|am|le|el|il|op|den) .{8,200}[:：]\s*$`)
	divider      = regexp.MustCompile(`(?i)^\s*(-{2,}|_{2,})\s*(original message|ursprüngliche nachricht|message d'origine|mensaje original|messaggio originale|orijinal ileti|özgün ileti|oorspronkelijk bericht|الرسالة الأصلية)\s*(-{2,}|_{2,})\s*$`)
	fromLine     = regexp.MustCompile(`(?i)^\s*\*?(from|von|de|da|van|kimden|gönderen|من)\s*:\*?\s*\S`)
	headLine     = regexp.MustCompile(`(?i)^\s*\*?(sent|date|gesendet|datum|envoyé|enviado|inviato|verzonden|gönderildi|tarih|to|an|à|para|a|aan|kime|subject|betreff|objet|asunto|oggetto|onderwerp|konu|تم الإرسال|إلى|الموضوع)\s*:\*?`)
)

// fresh is what a reply adds: without the message it answers below it, and without the
// signature. Answers between the lines of what they answer stay as they are, and so does
// a text of which nothing else would be left.
func fresh(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		if cut := quotedFrom(lines, i); cut {
			lines = lines[:i]
			break
		}
	}
	for i := len(lines) - 1; i >= 0 && i >= len(lines)-15; i-- {
		if strings.TrimRight(lines[i], " ") == "--" {
			lines = lines[:i]
			break
		}
	}
	if out := clean(strings.Join(lines, "\n")); out != "" {
		return out
	}
	return text
}

// quotedFrom reports whether everything from a line on is what is answered.
func quotedFrom(lines []string, i int) bool {
	l := lines[i]
	switch {
	case divider.MatchString(l):
		return true
	case fromLine.MatchString(l):
		found := 0
		for _, next := range lines[i+1 : min(i+7, len(lines))] {
			if headLine.MatchString(next) {
				found++
			}
		}
		return found >= 2
	case quoted(l):
		return onlyQuoted(lines[i:])
	}
	for n := 1; n <= 3 && i+n < len(lines) && strings.TrimSpace(lines[i+n-1]) != ""; n++ { // an introduction may be broken over lines
		if introduction.MatchString(strings.Join(lines[i:i+n], " ")) && startsQuoted(lines[i+n:]) {
			return onlyQuoted(lines[i+n:])
		}
	}
	return false
}

func quoted(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), ">") }

// startsQuoted reports whether the first line that says something is quoted.
func startsQuoted(lines []string) bool {
	for _, l := range lines {
		if strings.TrimSpace(l) != "" {
			return quoted(l)
		}
	}
	return false
}

// onlyQuoted reports whether nothing new stands between or below what is quoted; a signature
// is nothing new.
func onlyQuoted(lines []string) bool {
	for _, l := range lines {
		if strings.TrimRight(l, " ") == "--" {
			return true
		}
		if strings.TrimSpace(l) != "" && !quoted(l) {
			return false
		}
	}
	return true
}

// shortened is a text of at most so many characters, and whether anything was cut off.
func shortened(s string, most int) (string, bool) {
	if r := []rune(s); len(r) > most {
		return string(r[:most]), true
	}
	return s, false
}
