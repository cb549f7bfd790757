package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// What stands between these lines of the document is the bench's.
const (
	sectionBegin = "<!-- bench: begin -->\n"
	sectionEnd   = "<!-- bench: end -->\n"
)

var errNoSection = errors.New("no section for the bench: two lines are wanted, " + strings.TrimSpace(sectionBegin) +
	" and " + strings.TrimSpace(sectionEnd))

// writeSection replaces what stands between the marks of a document.
func writeSection(path, text string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(b), sectionBegin)
	_, after, ends := strings.Cut(rest, sectionEnd)
	if !begins || !ends {
		return fmt.Errorf("%s: %w", path, errNoSection)
	}
	return os.WriteFile(path, []byte(before+sectionBegin+"\n"+text+"\n"+sectionEnd+after), 0o644)
}

// markdown returns machine and table.
func (r *results) markdown() string {
	var b strings.Builder
	b.WriteString(r.Machine.markdown())
	b.WriteString(`
Ratio is that of the medians; where there is no floor, that of the median and the limit.

| case | store | what | unit | ours, min | ours, median | floor, min | floor, median | ratio | limit | | |
|---|---|---|---|---|---|---|---|---|---|---|---|
`)
	for _, row := range r.Rows {
		b.WriteString(row.markdown() + "\n")
	}
	if r.Sizes != nil {
		b.WriteString(r.Sizes.markdown())
	}
	b.WriteString(r.planRule())
	return b.String()
}
