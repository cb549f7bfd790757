package ninjarmm

import "unique"

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
