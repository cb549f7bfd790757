package collectors

import (
	"slices"
	"strings"
	"sync"
)

// Words keep texts that many records share, each once, for as long as the Words themselves are kept. What stands for a
// text is a number, so that the garbage collector has nothing to look at in what is kept of a million records. The zero
// Words are ready. Methods may be called side by side.
type Words struct {
	mu    sync.RWMutex
	words map[string]Word
	texts []string // of each word, from 1 on
}

// A Word stands for a text of some Words. The zero Word stands for "", in all of them.
type Word uint32

// Keep returns the word for a text.
func (w *Words) Keep(text string) Word {
	if text == "" {
		return 0
	}
	w.mu.RLock()
	word := w.words[text]
	w.mu.RUnlock()
	if word != 0 {
		return word
	}
	return w.add(strings.Clone(text)) // which may be part of a whole answer
}

func (w *Words) add(text string) Word {
	w.mu.Lock()
	defer w.mu.Unlock()
	if word := w.words[text]; word != 0 {
		return word
	}
	if w.words == nil {
		w.words = make(map[string]Word)
	}
	w.texts = append(w.texts, text)
	word := Word(len(w.texts)) //nolint:gosec // four milliard texts do not fit into memory
	w.words[text] = word
	return word
}

// Text returns what a word stands for.
func (w *Words) Text(word Word) string {
	if word == 0 {
		return ""
	}
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.texts[word-1]
}

// With returns the word for a list of names, sorted and each once, with one more name; list is the zero Word or what
// With returned. A line break in a name becomes a space.
func (w *Words) With(list Word, name string) Word {
	name = strings.ReplaceAll(name, "\n", " ")
	names := w.List(list)
	if at, known := slices.BinarySearch(names, name); name != "" && !known {
		return w.Keep(strings.Join(slices.Insert(names, at, name), "\n"))
	}
	return list
}

// List returns the names of a list that With made.
func (w *Words) List(list Word) []string {
	if list == 0 {
		return nil
	}
	return strings.Split(w.Text(list), "\n")
}
