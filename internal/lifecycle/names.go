package lifecycle

import (
	"slices"
	"strings"
	"unicode"
)

// Systems of which a name may tell no more.
const (
	windows       = "Windows"
	windowsServer = "Windows Server"
	macOS         = "macOS"
)

// otherTerms are parts of the names of systems that are called like one in the file and have other dates.
func otherTerms() []string {
	return []string{"embedded", "posready", "thin pc", "iot core", "mobile", "phone", "holographic", "team", "se"}
}

// wordsOf returns the words of a text in lower case, without signs; dots within words stay.
func wordsOf(text string) []string {
	text = strings.NewReplacer("(r)", "", "(tm)", "", "os x", "macos").Replace(strings.ToLower(text))
	words := strings.FieldsFunc(text, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '.'
	})
	if len(words) > 1 && words[0] == "mac" && words[1] == "os" {
		words = append([]string{"macos"}, words[2:]...)
	}
	if len(words) > 0 && words[0] == "microsoft" {
		words = words[1:]
	}
	if len(words) > 0 && words[0] == "server" {
		words = append([]string{"windows"}, words...)
	}
	return words
}

// systemOf returns the system in a name: that of the file with the most words in it, else what it may be one of.
func (r *Releases) systemOf(name []string) string {
	if slices.ContainsFunc(otherTerms(), func(term string) bool { return within(name, term) }) {
		return ""
	}
	best, length := "", 0
	for _, system := range r.systems {
		words := strings.Fields(strings.ToLower(system))
		missing := func(word string) bool { return !slices.Contains(name, word) }
		if len(words) > length && !slices.ContainsFunc(words, missing) {
			best, length = system, len(words)
		}
	}
	return best
}

// kinOf returns the rows of all systems of a kind: of servers, of other Windows, or of macOS. A name that says Windows
// alone may be either.
func (r *Releases) kinOf(system string) []*release {
	return where(r.rows, func(row *release) bool {
		return kindOf(row.System) == kindOf(system) || system == windows && row.System != macOS
	})
}

func kindOf(system string) string {
	switch {
	case strings.HasPrefix(system, windowsServer):
		return windowsServer
	case strings.HasPrefix(system, windows):
		return windows
	}
	return system
}

// ofBuild returns the rows of the first build that is told, as in "22631" and "10.0.22631.3593".
func ofBuild(rows []*release, told []string) []*release {
	for _, word := range told {
		for part := range strings.SplitSeq(word, ".") {
			if found := where(rows, func(r *release) bool { return part != "" && r.Build == part }); len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

// ofRelease returns the rows of the first release that is told: 23H2, and 14 of 14.5.
func ofRelease(rows []*release, told []string) []*release {
	for _, word := range told {
		found := where(rows, func(r *release) bool {
			rest, is := strings.CutPrefix(word, strings.ToLower(r.Release))
			return is && r.Release != "" && (rest == "" || rest[0] == '.')
		})
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// calledIn returns the rows that are called as a name says.
func calledIn(rows []*release, name []string) []*release {
	return where(rows, func(r *release) bool { return r.Called != "" && within(name, strings.ToLower(r.Called)) })
}

// within reports whether the words of a phrase follow each other in a name.
func within(name []string, phrase string) bool {
	return strings.Contains(" "+strings.Join(name, " ")+" ", " "+phrase+" ")
}

// unknownOf returns the row that stands for releases that the file does not know.
func unknownOf(rows []*release) []*release {
	return where(rows, func(r *release) bool { return r.Release == "" && r.Build == "" })
}

func where(rows []*release, is func(*release) bool) (found []*release) {
	for _, r := range rows {
		if is(r) {
			found = append(found, r)
		}
	}
	return found
}

// tellsRelease reports whether version or build tell more than the system's own name does: "11" of Windows 11 is no
// release.
func tellsRelease(told []string, system string) bool {
	own := strings.Fields(strings.ToLower(system))
	return slices.ContainsFunc(told, func(word string) bool {
		return strings.ContainsFunc(word, unicode.IsDigit) && !slices.Contains(own, word)
	})
}
