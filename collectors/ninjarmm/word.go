package ninjarmm

import (
	"slices"
	"strings"
	"unique"
)

// A Word is a text that many records share: it is in memory once. The zero Word is "".
type Word struct{ handle unique.Handle[string] }

// WordOf returns the word for a text.
func WordOf(text string) Word {
	if text == "" {
		return Word{}
	}
	return Word{unique.Make(text)}
}

// String returns the text.
func (w Word) String() string {
	if w == (Word{}) {
		return ""
	}
	return w.handle.Value()
}

// with adds a name to a word that is a list of names.
func (w Word) with(name string) Word {
	name = strings.ReplaceAll(name, "\n", " ")
	names := w.list()
	if at, known := slices.BinarySearch(names, name); name != "" && !known {
		return WordOf(strings.Join(slices.Insert(names, at, name), "\n"))
	}
	return w
}

// list returns the names.
func (w Word) list() []string {
	if w == (Word{}) {
		return nil
	}
	return strings.Split(w.String(), "\n")
}
