package report

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"assetgraph/converters"
)

// Sentences says what the totals are in words.
func (t Totals) Sentences() []string {
	if t.Devices == 0 {
		return []string{"No machines" + t.left() + "."}
	}
	list := []string{fmt.Sprintf("%s of %s: %s (%d %%) lack nothing%s.", count(t.Devices, "machine"),
		count(t.Organizations, "customer"),
		humanize.Comma(int64(t.Complete)), t.Complete*100/t.Devices, t.left())}
	var missing, stale []string
	for _, tool := range t.Tools {
		on := func(n int) string { return fmt.Sprintf("%s on %s", tool.Title, humanize.Comma(int64(n))) }
		switch {
		case tool.Unfit > 0:
			missing = append(missing,
				fmt.Sprintf("%s (%s of them where it does not run)", on(tool.Missing),
					humanize.Comma(int64(tool.Unfit))))
		case tool.Missing > 0:
			missing = append(missing, on(tool.Missing))
		}
		if tool.Stale > 0 {
			stale = append(stale, on(tool.Stale))
		}
	}
	list = appendSentence(list, "Missing: ", missing)
	list = appendSentence(list, "Not missing but stale: ", stale)
	for i := range t.Tools {
		list = append(list, t.Tools[i].work()...)
	}
	return list
}

// work says on how many machines a tool does not do its work, and of how many nobody knows.
func (t *ToolTotals) work() []string {
	var list []string
	if t.Failing > 0 {
		var why []string
		for _, word := range converters.AllAilments.Words() {
			if n := t.Ailments[word]; n > 0 {
				why = append(why, word+" "+humanize.Comma(int64(n)))
			}
		}
		list = append(list, fmt.Sprintf("%s does not %s %s that %s it (%s).", t.Title, strings.TrimSuffix(t.Works, "s"),
			count(t.Failing, "machine"), have(t.Failing), strings.Join(why, ", ")))
	}
	if t.Unknown > 0 {
		list = append(list, fmt.Sprintf("Of %s nobody knows whether %s %s them.", count(t.Unknown, "machine"), t.Title, t.Works))
	}
	return list
}

func have(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

func (t Totals) left() string {
	if t.Excluded == 0 {
		return ""
	}
	return fmt.Sprintf("; %s left out", humanize.Comma(int64(t.Excluded)))
}

func appendSentence(list []string, begin string, parts []string) []string {
	if len(parts) == 0 {
		return list
	}
	return append(list, begin+strings.Join(parts, ", ")+".")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return humanize.Comma(int64(n)) + " " + noun + "s"
}
