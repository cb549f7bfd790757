package findings

import (
	"slices"
	"strings"
	"time"

	"assetgraph/converters"
	"assetgraph/internal/report"
)

// StaleAfter is how long ago a tool, or a machine, was last seen when that is a finding.
const StaleAfter = 30 * 24 * time.Hour

// A Kind is a kind of findings: something that is so of a machine, or is not.
type Kind struct {
	Name string
	Doc  string // completes "a machine that"

	// tools are those of which all has to be known before it can be said that it is so, or is not; nil for every tool.
	tools []string

	// of says why it is so of a machine, "" where it is not.
	of func(x *report.Examined, now time.Time) string

	// fades: it ends when the machine is seen again, of which nothing else tells.
	fades bool

	// turns says when it comes to be so by time alone, the zero time for never. What Examined.Turns says goes without it.
	turns func(x *report.Examined) time.Time
}

// Kinds returns the kinds of findings for these tools.
func Kinds(tools []*converters.Tool) (list []Kind) {
	for _, t := range tools {
		for _, word := range report.GapWords(t) {
			list = append(list, ofWord(t, word))
		}
	}
	return append(list,
		Kind{
			Name: "duplicate", Doc: "is several live records of one product",
			of: func(x *report.Examined, _ time.Time) string {
				if len(x.Several) == 0 {
					return ""
				}
				return "several live records of " + strings.Join(x.Several, ", ")
			},
		},
		Kind{
			Name: "stale-everywhere", Doc: "was not seen by any product for 30 days",
			of: func(x *report.Examined, now time.Time) string {
				if ends := unseen(x); ends.IsZero() || now.Before(ends) {
					return ""
				}
				return "last seen by any product " + x.LastSeen.Format(time.DateOnly)
			},
			fades: true, turns: unseen,
		},
		Kind{
			Name: "os-past-support", Doc: "has an operating system that gets no more updates",
			of: func(x *report.Examined, now time.Time) string {
				if x.SupportEnds.IsZero() || now.Before(x.SupportEnds) {
					return ""
				}
				return "support of its operating system ended on " + x.SupportEnds.Format(time.DateOnly)
			},
			turns: func(x *report.Examined) time.Time { return x.SupportEnds },
		},
	)
}

// unseen returns from when on a machine that is not seen again was not seen for StaleAfter.
func unseen(x *report.Examined) time.Time {
	if x.LastSeen.IsZero() {
		return time.Time{}
	}
	return x.LastSeen.Add(StaleAfter + 1)
}

// ofWord returns the kind of what a word of the coverage report says of a tool.
func ofWord(t *converters.Tool, word string) Kind {
	k := Kind{Name: report.FindingKind(t, word), tools: []string{t.Name}}
	switch word {
	case t.Name:
		k.Doc = "lacks " + t.Title + ", which can run there"
	case "stale-" + t.Name:
		k.Doc, k.fades = "has "+t.Title+", which was not seen for 30 days", true
	default:
		k.Doc = "has " + t.Title + ", which does not do its work: " + strings.TrimPrefix(word, t.Name+"-")
	}
	k.of = func(x *report.Examined, _ time.Time) string {
		i := slices.Index(x.Words, word)
		if i < 0 {
			return ""
		}
		return strings.TrimPrefix(x.Reasons[i], word+": ")
	}
	return k
}

// Names returns the names of kinds.
func Names(kinds []Kind) []string {
	names := make([]string, len(kinds))
	for i := range kinds {
		names[i] = kinds[i].Name
	}
	return names
}
