package report

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// An Exclude is a pattern that leaves machines out of reports, such as spares and those of a lab.
type Exclude struct {
	field   string // one of excludable; "" for any of them
	pattern string
}

// What a pattern can be held against.
const (
	inHostname = "hostname" // of the machine
	inName     = "name"     // display names, of the machine and of its records
	inType     = "type"     // category of the machine, and what its products call its kind
	inTag      = "tag"      // of its records
	inLocation = "location" // of its records
)

func excludable() []string { return []string{inHostname, inName, inType, inTag, inLocation} }

// ParseExclude reads a pattern: a glob (*, ?, [a-z]) in any case that is held against a machine's host name, the
// display names, tags (key:value, or the key alone) and locations of its records, and its types: its category, and what
// the roles of its records name as kinds. A pattern that begins with "hostname:", "name:", "type:", "tag:" or
// "location:" is held against that alone.
func ParseExclude(text string) (Exclude, error) {
	x := Exclude{pattern: fold(text)}
	if field, rest, found := strings.Cut(x.pattern, ":"); found && slices.Contains(excludable(), field) {
		x = Exclude{field: field, pattern: strings.TrimSpace(rest)}
	}
	if x.pattern == "" {
		return x, fmt.Errorf("%q: the pattern is empty", text)
	}
	if _, err := path.Match(x.pattern, ""); err != nil {
		return x, fmt.Errorf("%q: %w", text, err)
	}
	return x, nil
}

// fold makes texts comparable by path.Match, for which a slash is no character like others.
func fold(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), "/", "\x1f")
}

func glob(pattern, s string) bool {
	ok, err := path.Match(pattern, fold(s))
	return err == nil && ok && s != ""
}

type excludes []Exclude

// match reports whether any of the values of a field is excluded.
func (list excludes) match(field string, values ...string) bool {
	for _, x := range list {
		if x.field != "" && x.field != field {
			continue
		}
		for _, v := range values {
			if glob(x.pattern, v) {
				return true
			}
		}
	}
	return false
}

// wants reports whether a pattern is held against a field.
func (list excludes) wants(field string) bool {
	return slices.ContainsFunc(list, func(x Exclude) bool { return x.field == "" || x.field == field })
}

// matchTags is match for tags, of which one without a value is its key with or without a colon behind it.
func (list excludes) matchTags(tags []string) bool {
	return slices.ContainsFunc(tags,
		func(tag string) bool { return list.match(inTag, tag, strings.TrimSuffix(tag, ":")) })
}
