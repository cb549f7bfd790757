package report

import (
	"context"
	"strings"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
)

// FindingKind returns the name of the kind of findings that a word of GapWords is of.
func FindingKind(t *converters.Tool, word string) string {
	if word == t.Name {
		return "missing-" + word
	}
	return word
}

// gapAges are when the findings were opened that are not closed, by kind; nil where nobody asked.
type gapAges map[string]map[graph.Key]time.Time

func (s Source) readAges(ctx context.Context) (gapAges, error) {
	ages := gapAges{}
	states := []graph.FindingState{graph.FindingOpen, graph.FindingReopened, graph.FindingAccepted}
	for f, err := range s.Store.Findings(ctx, graph.FindingSelection{States: states}) {
		if err != nil {
			return nil, err
		}
		if ages[f.Kind] == nil {
			ages[f.Kind] = map[graph.Key]time.Time{}
		}
		ages[f.Kind][graph.Key(strings.Clone(string(f.Device)))] = f.OpenedOn
	}
	return ages, nil
}

// of returns since when each of the words is so of a device, joined by ";"; "" where that is known of none.
func (a gapAges) of(device graph.Key, tools []*converters.Tool, words []string) string {
	if len(a) == 0 {
		return ""
	}
	times, known := make([]string, len(words)), false
	for i, word := range words {
		t := tools[toolOfWord(tools, word)]
		if at, ok := a[FindingKind(t, word)][device]; ok {
			times[i], known = at.Format(graph.TimeLayout), true
		}
	}
	if !known {
		return ""
	}
	return strings.Join(times, ";")
}
