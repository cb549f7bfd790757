package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Place is where something stands in a file.
type Place struct {
	File   string // as people named it
	Line   int    // from 1; 0 = the file as a whole
	Column int    // from 1
}

// String is FILE:LINE:COLUMN, as editors understand it.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// A Problem is one mistake of a configuration file. It holds no value of a setting.
type Problem struct {
	Place
	Instance string // that it belongs to, "" = none
	Key      string // likewise
	Text     string // what is wrong, and what would do
	Warning  bool   // the file can be used all the same
}

// String is the problem on one line.
func (p Problem) String() string {
	text := p.Place.String() + ": "
	if p.Warning {
		text += "warning: "
	}
	return text + p.Message()
}

// Message is the problem without its place.
func (p Problem) Message() string {
	var where []string
	if p.Instance != "" {
		where = append(where, "instance "+p.Instance)
	}
	if p.Key != "" {
		where = append(where, p.Key)
	}
	if len(where) > 0 {
		return strings.Join(where, ", ") + ": " + p.Text
	}
	return p.Text
}

// Problems are the mistakes of a configuration file and of what it includes, in the order in which they stand there.
type Problems []Problem

// Error gives all of them that are no warnings, each on a line of its own.
func (p Problems) Error() string {
	var lines []string
	for _, one := range p {
		if !one.Warning {
			lines = append(lines, one.String())
		}
	}
	return strings.Join(lines, "\n")
}

// Fatal reports whether the file can't be used.
func (p Problems) Fatal() bool {
	return slices.ContainsFunc(p, func(one Problem) bool { return !one.Warning })
}

// inOrder sorts by place. Files keep the order in which they were read.
func (p Problems) inOrder(files []string) {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(slices.Index(files, a.File), slices.Index(files, b.File)),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
