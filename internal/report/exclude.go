package report

import (
	"fmt"
	"path"
	"strings"
)

// An Exclude is a pattern that leaves machines out of reports, such as spares and those of a lab.
type Exclude struct {
	field   string // hostname, type, tag; "" for any of them
	pattern string
}

// ParseExclude reads a pattern: a glob (*, ?, [a-z]) in any case that is held against a machine's host name, its types (category,
// NinjaRMM's nodeClass, SentinelOne's machineType) and its SentinelOne tags (key:value). A pattern that begins with "hostname:", "type:" or
// "tag:" is held against that alone.
func ParseExclude(text string) (Exclude, error) {
	x := Exclude{pattern: fold(text)}
	if field, rest, found := strings.Cut(x.pattern, ":"); found && (field == "hostname" || field == "type" || field == "tag") {
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
