package executor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"assetgraph/internal/correlate"
	"assetgraph/internal/plaintext"
)

// findingWarnings says what correlation met that people may want to look at.
func findingWarnings(f correlate.Findings) (warnings []string) {
	warn := func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
	if f.Merged > 0 {
		warn("correlation: %d entities took over the records of several of the last run%s", f.Merged,
			keyExamples(f.Keys, true))
	}
	if f.Split > 0 {
		warn("correlation: %d keys of the last run were split%s", f.Split, keyExamples(f.Keys, false))
	}
	warnings = append(warnings, moveWarnings(f)...)
	for _, reason := range slices.Sorted(maps.Keys(f.Unlinked)) {
		warn("correlation: %d pairs of records agree in something and were not linked: %s", f.Unlinked[reason], reason)
	}
	if f.Shared > 0 {
		warn("correlation: %d identifiers are on more machines than can be one and join none of them alone (such as %s); "+
			"list what identifies nothing under junkSerials or junkMacs of the overrides", f.Shared, sharedExamples(f.Sharing))
	}
	if f.Disagreements > 0 {
		warn("correlation: the products name different customers for %d machines", f.Disagreements)
	}
	for _, entry := range f.Unmatched {
		warn("overrides: %s names nothing in the graph", entry)
	}
	for _, name := range f.Ambiguous {
		warn("overrides: several instances have a record that %s names, so nothing is decided by it; write its key",
			name)
	}
	return warnings
}

// moveWarnings names records that went from one machine to another. An agent that two copies of a virtual machine share
// is with the one that was seen last, and would go to and fro for ever.
func moveWarnings(f correlate.Findings) (warnings []string) {
	if f.Moved == 0 {
		return nil
	}
	var copies, others []string
	for _, m := range f.Moves {
		text := fmt.Sprintf("%s from %s to %s", cmp.Or(m.Record, "a record"), m.From, m.To)
		switch {
		case m.Copies && len(copies) < 3:
			copies = append(copies, text)
		case !m.Copies && len(others) < 3:
			others = append(others, text)
		}
	}
	if len(copies) > 0 {
		warnings = append(warnings,
			fmt.Sprintf("correlation: copies of one machine share a record, which goes from the one to the other: %s; "+
				"give the copy's agent an identity of its own", strings.Join(copies, "; ")))
	}
	if len(others) > 0 {
		warnings = append(warnings,
			fmt.Sprintf("correlation: %d records went from one machine, customer or person of the last run to another: %s",
				f.Moved, strings.Join(others, "; ")))
	}
	return warnings
}

// keyExamples names the keys of the first few changes of one sort.
func keyExamples(changes []correlate.KeyChange, merged bool) string {
	var examples []string
	for _, c := range changes {
		if c.Merged == merged && len(examples) < 3 {
			examples = append(examples, strings.Join(c.Keys, " + "))
		}
	}
	if len(examples) == 0 {
		return ""
	}
	return " (such as " + strings.Join(examples, "; ") + ")"
}

// sharedExamples names the identifiers that most records share.
func sharedExamples(list []correlate.Sharing) string {
	var examples []string
	for _, s := range list[:min(len(list), 3)] {
		text := fmt.Sprintf("%s %s on %d records", s.Method, plaintext.Clip(s.Value, plaintext.Part), s.Records)
		if s.Machines > 0 {
			text += fmt.Sprintf(" of %d machines", s.Machines)
		}
		examples = append(examples, text)
	}
	return strings.Join(examples, "; ")
}

// bounded returns the findings with their texts, names of customers among them, of limited length.
func bounded(f correlate.Findings) correlate.Findings {
	f.Disagreeing = slices.Clone(f.Disagreeing)
	for i := range f.Disagreeing {
		d := &f.Disagreeing[i]
		d.Organization, d.Organizations = plaintext.Clip(d.Organization, plaintext.Part), slices.Clone(d.Organizations)
		for j, name := range d.Organizations {
			d.Organizations[j] = plaintext.Clip(name, plaintext.Part)
		}
	}
	f.Sharing = slices.Clone(f.Sharing)
	for i := range f.Sharing {
		f.Sharing[i].Value = plaintext.Clip(f.Sharing[i].Value, plaintext.Part)
	}
	return f
}
